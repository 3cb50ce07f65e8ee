// lens: answers judged by one rule, as JSONL, one line out for each line in, in order.
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { RunsideError, wrongUsage } from "../../core/base/errors";
import { noAnswer, type Judgement, type Lens, type LensOptions } from "../../core/lenses/lens";
import { readOptions } from "../../core/lenses/registry";
import type { JudgeItem } from "../../core/lenses/judge";
import { lensNamed } from "../judge/lensChoice";
import { LensJudge } from "../judge/lensJudge";
import { parse, type Verb } from "./io";

type Judges = (item: JudgeItem) => Judgement | Promise<Judgement>;

function judgeLine(line: string, judge: Judges): Judgement | Promise<Judgement> {
  let row: { response?: unknown; gold?: unknown } | null;
  try {
    row = JSON.parse(line) as typeof row;
  } catch {
    row = null;
  }
  if (typeof row?.response !== "string") return noAnswer('the line is not {"response": "...", "gold": ...}');
  return judge({ response: row.response, gold: row.gold });
}

/** What needs an engine may not end on some formula: it is judged where it can be stopped. */
function judgeOf(lens: Lens, options: LensOptions): Judges & { dispose(): void } {
  if (!lens.ready)
    return Object.assign((item: JudgeItem) => lens.judge({ ...item, options }), { dispose: () => undefined });
  const thread = new LensJudge();
  const one = async (item: JudgeItem): Promise<Judgement> =>
    (await thread.judge([{ id: lens.id, options }], [item]))[0]?.[0] ?? noAnswer();
  return Object.assign(one, { dispose: () => thread.dispose() });
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
    const judge = judgeOf(rule, options);
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
        if (!process.stdout.write(`${JSON.stringify(await judgeLine(row, judge))}\n`)) {
          await new Promise((resolve) => process.stdout.once("drain", resolve));
        }
      }
      return 0;
    };
    return Promise.race([copy(), failed]).finally(() => judge.dispose());
  },
};
