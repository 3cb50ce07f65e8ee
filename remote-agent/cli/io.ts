// What every verb shares: options, printing a value as JSON or as aligned columns, and errors with exit codes.
import { parseArgs, type ParseArgsConfig } from "node:util";
import { wrongUsage } from "../../core/base/errors";
import { Home } from "../disk/home";

export interface Verb {
  name: string;
  /** What follows the name on the usage line. */
  usage: string;
  summary: string;
  /** Returns the exit code. */
  run(args: string[]): Promise<number>;
}

type Options = NonNullable<ParseArgsConfig["options"]>;

export interface Parsed {
  positionals: string[];
  text(name: string): string | undefined;
  texts(name: string): string[];
  flag(name: string): boolean;
  /** A whole number of at least 1. */
  count(name: string, otherwise: number): number;
}

export function parse(verb: Verb, args: string[], options: Options, positionals: { min: number; max: number }): Parsed {
  let parsed;
  try {
    parsed = parseArgs({ args: joined(args, options), options, allowPositionals: true, strict: true });
  } catch (error) {
    throw wrongUsage(`${(error as Error).message.split(". ")[0]}. ${usageLine(verb)}`);
  }
  const { values } = parsed as { values: Record<string, string | boolean | (string | boolean)[] | undefined> };
  const given = parsed.positionals.length;
  if (given < positionals.min || given > positionals.max) throw wrongUsage(usageLine(verb));
  return {
    positionals: parsed.positionals,
    text: (name) => (typeof values[name] === "string" ? values[name] : undefined),
    texts: (name) => (Array.isArray(values[name]) ? values[name].map(String) : []),
    flag: (name) => values[name] === true,
    count: (name, otherwise) => {
      const text = values[name];
      if (text === undefined) return otherwise;
      const number = Number(text);
      if (!Number.isInteger(number) || number < 1)
        throw wrongUsage(`--${name} takes a whole number of at least 1. ${usageLine(verb)}`);
      return number;
    },
  };
}

/** `--sort -reward` as `--sort=-reward`: a value may begin with a dash, and Node would call that ambiguous. */
function joined(args: readonly string[], options: Options): string[] {
  const result: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? "";
    const next = args[at + 1];
    const takesValue = arg.startsWith("--") && options[arg.slice(2)]?.type === "string";
    if (takesValue && next !== undefined && /^-[^-]/.test(next)) {
      result.push(`${arg}=${next}`);
      at++;
    } else result.push(arg);
  }
  return result;
}

export const usageLine = (verb: Verb): string => `Usage: runside ${verb.name} ${verb.usage}`.trim();

/** The store of this box, as every verb opens it. */
export const home = (): Home => new Home();

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 1)}\n`);
}

export function printLine(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Aligned columns; numbers, and columns named in `right`, to the right. */
export function printTable(head: string[], rows: string[][], right: number[] = []): void {
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map((row) => (row[column] ?? "").length)));
  const line = (cells: string[]): string =>
    cells
      .map((cell, column) =>
        right.includes(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd();
  printLine(line(head));
  for (const row of rows) printLine(line(row));
}

export function formatNumber(value: number | string | null): string {
  if (value === null) return "-";
  if (typeof value === "string") return value;
  if (Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-3 || size >= 1e6) ? value.toExponential(2) : value.toPrecision(4);
}
