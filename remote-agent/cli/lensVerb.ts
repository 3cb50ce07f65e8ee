// lens: answers judged by one rule, as JSONL, one line out for each line in, in order.
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { RunsideError, wrongUsage } from "../../core/base/errors";
import { noAnswer, type Judgement, type Lens, type LensOptions } from "../../core/lenses/lens";
import { lensById, lenses, readOptions } from "../../core/lenses/registry";
import { parse, type Verb } from "./io";

function judgeLine(line: string, lens: Lens, options: LensOptions): Judgement {
  let row: { response?: unknown; gold?: unknown } | null;
  try {
    row = JSON.parse(line) as typeof row;
  } catch {
    row = null;
  }
  if (typeof row?.response !== "string") return noAnswer('the line is not {"response": "...", "gold": ...}');
  return lens.judge({ response: row.response, gold: row.gold, options });
}

function lensNamed(id: string): Lens {
  const known = lensById(id);
  if (known) return known;
  throw wrongUsage(`There is no lens "${id}"; there are: ${lenses.map((each) => each.id).join(", ")}.`);
}

export const lens: Verb = {
  name: "lens",
  usage: "LENS [--opt key=value ...] [FILE]",
  summary: 'judge answers: JSONL {"response", "gold"} in, verdicts out',
  async run(args) {
    const parsed = parse(
      lens,
      args,
      { opt: { type: "string", multiple: true }, json: { type: "boolean" } },
      { min: 1, max: 2 },
    );
    const [id = "", file] = parsed.positionals;
    const rule = lensNamed(id);
    const { options, problem } = readOptions(rule, parsed.texts("opt"));
    if (problem !== null) throw wrongUsage(problem);
    await rule.ready?.();
    const input = file === undefined ? process.stdin : createReadStream(file);
    input.on("error", () => undefined);
    const failed = new Promise<never>((_resolve, reject) => {
      input.once("error", (error: NodeJS.ErrnoException) => {
        reject(
          new RunsideError("trace/unreadable", `${file ?? "stdin"} cannot be read: ${error.code ?? error.message}.`),
        );
      });
    });
    const rows = createInterface({ input, crlfDelay: Infinity });
    const copy = async (): Promise<number> => {
      for await (const row of rows) {
        if (!process.stdout.write(`${JSON.stringify(judgeLine(row, rule, options))}\n`)) {
          await new Promise((resolve) => process.stdout.once("drain", resolve));
        }
      }
      return 0;
    };
    return Promise.race([copy(), failed]);
  },
};
