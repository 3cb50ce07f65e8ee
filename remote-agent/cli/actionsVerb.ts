// actions: model text in, typed actions out, as JSONL, one line for each line in, in order.
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { RunsideError, wrongUsage } from "../../core/base/errors";
import type { ParsedActions } from "../../core/model/action";
import { detectDialect, dialectById, dialects } from "../../core/actions/registry";
import { parse, type Verb } from "./io";

/** With no --dialect, each line takes the dialect that it looks like itself. */
function parseText(text: string, dialect: string | undefined): ParsedActions {
  const known = dialect === undefined ? detectDialect([text])?.dialect : dialectById(dialect);
  if (known) return known.parse(text);
  return {
    dialect: "",
    thought: null,
    state: null,
    actions: [],
    diagnostics: [{ message: "no dialect recognises this text" }],
  };
}

function parseLine(line: string, dialect: string | undefined): ParsedActions {
  let text: unknown;
  try {
    text = (JSON.parse(line) as { text?: unknown } | null)?.text;
  } catch {
    text = undefined;
  }
  if (typeof text === "string") return parseText(text, dialect);
  const message = 'the line is not {"text": "..."}';
  return { dialect: dialect ?? "", thought: null, state: null, actions: [], diagnostics: [{ message }] };
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
    if (dialect !== undefined && !dialectById(dialect)) {
      throw wrongUsage(`There is no dialect "${dialect}"; there are: ${dialects.map((d) => d.id).join(", ")}.`);
    }
    const [file] = options.positionals;
    const input = file === undefined ? process.stdin : createReadStream(file);
    input.on("error", () => undefined);
    const failed = new Promise<never>((_resolve, reject) => {
      input.once("error", (error: NodeJS.ErrnoException) => {
        reject(
          new RunsideError("trace/unreadable", `${file ?? "stdin"} cannot be read: ${error.code ?? error.message}.`),
        );
      });
    });
    const lines = createInterface({ input, crlfDelay: Infinity });
    const copy = async (): Promise<number> => {
      for await (const line of lines) {
        if (!process.stdout.write(`${JSON.stringify(parseLine(line, dialect))}\n`)) {
          await new Promise((resolve) => process.stdout.once("drain", resolve));
        }
      }
      return 0;
    };
    return Promise.race([copy(), failed]);
  },
};
