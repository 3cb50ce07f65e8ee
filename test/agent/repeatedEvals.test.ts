// `runside evals` where files repeat one another: a checkpoint's summary and its line in the summary of all, and shards of one evaluation.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { EvalTable } from "../../core/model/evaluation";
import { builtAgent, runside } from "../support/builtAgent";
import { tempFolder } from "../support/tempFolder";

beforeAll(() => builtAgent(), 60_000);

async function evals(files: Readonly<Record<string, string>>): Promise<EvalTable[]> {
  const folder = tempFolder("evals");
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const { code, out, err } = await runside(tempFolder("home"), ["evals", folder, "--json"]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return JSON.parse(out) as EvalTable[];
}

const jsonl = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
const summary = (accuracy: number): object => ({ n_examples: 4, n_correct: accuracy * 4, accuracy });
const verdicts = (shard: number, correct: readonly number[]): object[] =>
  correct.map((c, i) => ({
    ...{ prompt_id: `pears_${String(shard)}_${String(i)}`, num_completions: 2, num_correct: c, pass_rate: c / 2 },
    scores: [c > 0 ? 1 : 0, c > 1 ? 1 : 0],
  }));

describe("evaluations that several files hold", () => {
  it("are listed once where a checkpoint's summary and the line of it agree, and both where they do not", async () => {
    const tables = await evals({
      "evals/pears/step20/summary.json": JSON.stringify({ checkpoint: "c20", benchmark: "pears", ...summary(0.5) }),
      "evals/pears/step40/summary.json": JSON.stringify({ checkpoint: "c40", benchmark: "pears", ...summary(0.75) }),
      "evals/pears/summary.jsonl": jsonl([
        { step: 20, ...summary(0.5) },
        { step: 40, ...summary(0.25) },
        { step: 60, ...summary(1) },
      ]),
      // Another run's, which has the same score.
      "other/evals/pears/step20/summary.json": JSON.stringify({
        checkpoint: "d20",
        benchmark: "pears",
        ...summary(0.5),
      }),
    });
    expect(tables.map(({ source, step, metrics }) => [source, step, metrics[0]?.value]).sort()).toEqual([
      ["evals/pears/step20/summary.json", 20, 0.5],
      ["evals/pears/step40/summary.json", 40, 0.75],
      ["evals/pears/summary.jsonl", 40, 0.25],
      ["evals/pears/summary.jsonl", 60, 1],
      ["other/evals/pears/step20/summary.json", 20, 0.5],
    ]);
  });

  it("are told apart by shard, and summed up where nobody has merged them", async () => {
    const shards = {
      "evals/pears_pass2/step20/shard_0/verification_results.jsonl": jsonl(verdicts(0, [2, 1])),
      "evals/pears_pass2/step20/shard_1/verification_results.jsonl": jsonl(verdicts(1, [0, 1])),
    };
    const passOf = ({ label, metrics }: EvalTable): unknown[] => {
      const pass = metrics.find(({ name }) => name === "pass@1");
      return [label, pass?.value, pass?.n];
    };
    const unbiased = (tables: readonly EvalTable[]): unknown[] =>
      tables.filter(({ scorer }) => scorer === "pass-at-k").map(passOf);
    expect(unbiased(await evals(shards))).toEqual([
      ["pears step 20 shard 0", 0.75, 2],
      ["pears step 20 shard 1", 0.25, 2],
      ["pears step 20", 0.5, 4],
    ]);
    const merged = await evals({
      ...shards,
      "evals/pears_pass2/step20/all_verification_results.jsonl": jsonl([
        ...verdicts(0, [2, 1]),
        ...verdicts(1, [0, 1]),
      ]),
    });
    expect(unbiased(merged).map((row) => (row as string[])[0])).toEqual([
      "pears step 20",
      "pears step 20 shard 0",
      "pears step 20 shard 1",
    ]);
  });
});
