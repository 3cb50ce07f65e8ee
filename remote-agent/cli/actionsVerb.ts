// actions: model text in, typed actions out, as JSONL, one line for each line in, in order.
import { createReadStream } from "node:fs";
import { messageOf, RunsideError, wrongUsage } from "../../core/base/errors";
import { LineSplitter } from "../../core/base/lines";
import type { ParsedActions } from "../../core/model/action";
import type { ActionDialect } from "../../core/actions/dialect";
import { detectDialect, dialectById, dialects } from "../../core/actions/registry";
import { ownDialects } from "../disk/ownDialects";
import { parse, type Verb } from "./io";

const LINE_LIMIT = 64 << 20;

/** With no --dialect, each line takes the dialect that it looks like itself. */
function parseText(text: string, dialect: string | undefined, own: readonly ActionDialect[]): ParsedActions {
  const known = dialect === undefined ? detectDialect([text], own)?.dialect : dialectById(dialect, own);
  return known ? known.parse(text) : nothing(dialect, "no dialect recognises this text");
}

const nothing = (dialect: string | undefined, message: string): ParsedActions => ({
  dialect: dialect ?? "",
  thought: null,
  state: null,
  actions: [],
  diagnostics: [{ message }],
});

function parseLine(line: string, dialect: string | undefined, own: readonly ActionDialect[]): ParsedActions {
  let text: unknown;
  try {
    text = (JSON.parse(line) as { text?: unknown } | null)?.text;
  } catch {
    text = undefined;
  }
  if (typeof text === "string") return parseText(text, dialect, own);
  return nothing(dialect, 'the line is not {"text": "..."}');
}

export const actions: Verb = {
  name: "actions",
  usage: "[--dialect D] [FILE]",
  summary: 'parse model text: JSONL {"text"} in, typed actions out',
  async run(args) {
    const options = parse(
      actions,
      args,
      { dialect: { type: "string" }, json: { type: "boolean" } },
      { min: 0, max: 1 },
    );
    const dialect = options.text("dialect");
    const { path, dialects: own, problems } = ownDialects(process.cwd());
    for (const { line, column, message } of problems)
      process.stderr.write(`${path ?? ""}:${line}:${column}: ${message}\n`);
    if (dialect !== undefined && !dialectById(dialect, own)) {
      const known = [...own, ...dialects].map((d) => d.id).join(", ");
      throw wrongUsage(`There is no dialect "${dialect}"; there are: ${known}.`);
    }
    const [file] = options.positionals;
    const input = file === undefined ? process.stdin : createReadStream(file);
    const answers: string[] = [];
    const answer = (result: ParsedActions): void => void answers.push(`${JSON.stringify(result)}\n`);
    const decoder = new TextDecoder();
    // Lines end at newlines alone: Node's readline would also cut a text at U+2028, which JSON allows inside strings.
    const lines = new LineSplitter(
      (bytes, start, end) => answer(parseLine(decoder.decode(bytes.subarray(start, end)), dialect, own)),
      { limit: LINE_LIMIT, onTooLong: () => answer(nothing(dialect, "the line is longer than 64 MB")) },
    );
    try {
      for await (const piece of input) {
        lines.push(piece as Buffer);
        await write(answers.splice(0).join(""));
      }
    } catch (error) {
      const why = (error as NodeJS.ErrnoException).code ?? messageOf(error);
      throw new RunsideError("trace/unreadable", `${file ?? "stdin"} cannot be read: ${why}.`);
    }
    lines.flush();
    await write(answers.join(""));
    return 0;
  },
};

async function write(text: string): Promise<void> {
  if (text === "" || process.stdout.write(text)) return;
  await new Promise((resolve) => process.stdout.once("drain", resolve));
}
