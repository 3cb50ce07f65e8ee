// actions: model text in, typed actions out, as JSONL, one line for each line in, in order.
import { createReadStream } from "node:fs";
import { messageOf, RunsideError, wrongUsage } from "../../core/base/errors";
import { LineSplitter } from "../../core/base/lines";
import { frames, type Frame, type ParsedActions } from "../../core/model/action";
import type { ActionDialect } from "../../core/actions/dialect";
import { detectDialect, dialectById, dialects } from "../../core/actions/registry";
import { inFrame } from "../../core/actions/reading";
import { ownDialects } from "../disk/ownDialects";
import { parse, type Verb } from "./io";

const LINE_LIMIT = 64 << 20;

interface Choice {
  dialect: string | undefined;
  /** Wins over every rule of detection. */
  frame: Frame | null;
  own: readonly ActionDialect[];
}

/** With no --dialect, each line takes the dialect that it looks like itself. */
function parseText(text: string, { dialect, frame, own }: Choice): ParsedActions {
  const known = dialect === undefined ? detectDialect([text], own)?.dialect : dialectById(dialect, own);
  if (!known) return nothing(dialect, "no dialect recognises this text");
  const parsed = known.parse(text);
  return frame ? inFrame(parsed, frame) : parsed;
}

function frameNamed(name: string | undefined): Frame | null {
  if (name === undefined) return null;
  const frame = frames.find((each) => each === name);
  if (!frame) throw wrongUsage(`There is no frame "${name}"; there are: ${frames.join(", ")}.`);
  return frame;
}

const nothing = (dialect: string | undefined, message: string): ParsedActions => ({
  dialect: dialect ?? "",
  thought: null,
  state: null,
  actions: [],
  diagnostics: [{ message }],
});

function parseLine(line: string, choice: Choice): ParsedActions {
  let text: unknown;
  try {
    text = (JSON.parse(line) as { text?: unknown } | null)?.text;
  } catch {
    text = undefined;
  }
  if (typeof text === "string") return parseText(text, choice);
  return nothing(choice.dialect, 'the line is not {"text": "..."}');
}

export const actions: Verb = {
  name: "actions",
  usage: "[--dialect D] [--frame F] [FILE]",
  summary: 'parse model text: JSONL {"text"} in, typed actions out',
  async run(args) {
    const options = parse(
      actions,
      args,
      { dialect: { type: "string" }, frame: { type: "string" }, json: { type: "boolean" } },
      { min: 0, max: 1 },
    );
    const dialect = options.text("dialect");
    const frame = frameNamed(options.text("frame"));
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
      (bytes, start, end) => answer(parseLine(decoder.decode(bytes.subarray(start, end)), { dialect, frame, own })),
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
