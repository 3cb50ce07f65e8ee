// Verdicts that the verifiers themselves gave: test/fixtures/lenses/SOURCE.md says how they were recorded.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { lensById } from "../../../core/lenses/registry";

interface Recorded {
  response: string;
  gold: unknown;
  score: number;
  extracted?: string | null;
}

const root = join(import.meta.dirname, "../../fixtures/lenses");
const files = readdirSync(root).filter((name) => name.endsWith(".recorded.jsonl"));

it("has enough of every rule that is somebody else's", () => {
  const others = ["allenai-gsm8k", "allenai-math", "gsm8k-any", "gsm8k-flexible", "gsm8k-last-number", "gsm8k-strict"];
  for (const id of [...others, "hendrycks", "ifeval", "minerva"]) {
    const rows = readFileSync(join(root, `${id}.recorded.jsonl`), "utf8")
      .trimEnd()
      .split("\n");
    const passed = rows.filter((row) => (JSON.parse(row) as Recorded).score === 1).length;
    // Of both verdicts, or a lens that always says one of them would do.
    expect([id, passed >= 30, rows.length - passed >= 30]).toEqual([id, true, true]);
  }
});

describe.each(files)("%s", (name) => {
  const lens = lensById(name.replace(".recorded.jsonl", ""));
  const rows = readFileSync(join(root, name), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Recorded);

  it(`gives the verifier's ${String(rows.length)} verdicts and extractions`, () => {
    for (const { response, gold, score, extracted } of rows) {
      // The recording left the symbolic step out; a lens without that option ignores it.
      const judged = lens?.judge({ response, gold, options: { symbolic: "off" } });
      const seen = { response, gold, pass: judged?.verdict === "pass", extracted: judged?.extracted };
      expect(seen).toEqual({
        response,
        gold,
        pass: score === 1,
        extracted: extracted === undefined ? seen.extracted : extracted,
      });
    }
  });
});
