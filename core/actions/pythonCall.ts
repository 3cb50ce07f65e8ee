// The arguments of a call in Python source, where they are literals. Nothing is ever evaluated: a name, an f-string or a sum is a
// fault with its place. Used by the dialects whose actions look like code.
import type { Span } from "./outcome";

export type Literal = string | number | boolean | null | readonly Literal[];

export interface Argument {
  /** Of a keyword argument. */
  name?: string;
  value: Literal;
  span: Span;
}

export type ReadCall = { args: Argument[]; end: number } | { why: string; at: number };

class Fault extends Error {
  constructor(
    readonly why: string,
    readonly at: number,
  ) {
    super(why);
  }
}

const maxDepth = 16;
const space = /(?:[ \t\r\n\f]|\\\r?\n|#[^\n]*)*/y;
const keyword = /([A-Za-z_][A-Za-z0-9_]*)[ \t]*=(?!=)/y;
const number = /[+-]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.])/y;
const constant = /(?:True|False|None)\b/y;
const prefix = /[rRuUbBfF]{0,2}(?=["'])/y;

function skip(text: string, at: number): number {
  space.lastIndex = at;
  space.test(text);
  return space.lastIndex;
}

/** `open` is where the bracket stands. */
export function readCall(text: string, open: number): ReadCall {
  try {
    const args: Argument[] = [];
    let at = skip(text, open + 1);
    while (text.charAt(at) !== ")") {
      if (args.length > 0) at = skip(text, comma(text, at));
      if (text.charAt(at) === ")") break;
      keyword.lastIndex = at;
      const named = keyword.exec(text);
      const begin = at;
      if (named) at = skip(text, keyword.lastIndex);
      const [value, end] = literal(text, at, 0);
      args.push({ ...(named ? { name: named[1] ?? "" } : {}), value, span: [begin, end] });
      at = skip(text, end);
    }
    return { args, end: at + 1 };
  } catch (error) {
    if (error instanceof Fault) return { why: error.why, at: Math.min(error.at, text.length) };
    throw error;
  }
}

function comma(text: string, at: number): number {
  const char = text.charAt(at);
  if (char === ",") return at + 1;
  throw new Fault(char === "" ? "it ends in the middle" : "an argument is no literal", at);
}

function literal(text: string, at: number, depth: number): [Literal, number] {
  if (depth > maxDepth) throw new Fault("it is nested too deep", at);
  const char = text.charAt(at);
  if (char === "") throw new Fault("it ends in the middle", at);
  if (char === "[" || char === "(") return sequence(text, at, depth);
  prefix.lastIndex = at;
  if (prefix.test(text)) return strings(text, at);
  constant.lastIndex = at;
  const word = constant.exec(text)?.[0];
  if (word) return [word === "None" ? null : word === "True", constant.lastIndex];
  number.lastIndex = at;
  const digits = number.exec(text)?.[0];
  const value = Number(digits?.replaceAll("_", ""));
  if (digits === undefined || !Number.isFinite(value)) throw new Fault("an argument is no literal", at);
  return [value, number.lastIndex];
}

function sequence(text: string, start: number, depth: number): [Literal, number] {
  const close = text.charAt(start) === "[" ? "]" : ")";
  const items: Literal[] = [];
  let at = skip(text, start + 1);
  while (text.charAt(at) !== close) {
    if (items.length > 0) at = skip(text, comma(text, at));
    if (text.charAt(at) === close) break;
    const [value, end] = literal(text, at, depth + 1);
    items.push(value);
    at = skip(text, end);
  }
  return [items, at + 1];
}

/** Strings that stand side by side are one. */
function strings(text: string, start: number): [string, number] {
  const parts: string[] = [];
  let end = start;
  for (let at = start; ; at = skip(text, end)) {
    prefix.lastIndex = at;
    const letters = prefix.exec(text)?.[0].toLowerCase();
    if (letters === undefined) break;
    if (letters.includes("f")) throw new Fault("an f-string is no literal", at);
    const [part, behind] = string(text, at + letters.length, letters.includes("r"));
    parts.push(part);
    end = behind;
  }
  return [parts.join(""), end];
}

function string(text: string, start: number, raw: boolean): [string, number] {
  const quote = text.charAt(start);
  const mark = text.startsWith(quote.repeat(3), start) ? quote.repeat(3) : quote;
  const begin = start + mark.length;
  const stop = mark.length === 3 ? new RegExp(`\\\\|${mark}`, "g") : new RegExp(`\\\\|\\n|${mark}`, "g");
  stop.lastIndex = begin;
  for (let match = stop.exec(text); match; match = stop.exec(text)) {
    if (match[0] === "\\") stop.lastIndex = match.index + 2;
    else if (match[0] === "\n") throw new Fault("a string ends at the end of its line", match.index);
    else {
      const inner = text.slice(begin, match.index);
      return [raw ? inner : unescaped(inner), match.index + mark.length];
    }
  }
  throw new Fault("a string is cut off", text.length);
}

const escapes: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  b: "\b",
  f: "\f",
  v: "\v",
  a: "\u0007",
  "\\": "\\",
  "'": "'",
  '"': '"',
  "\n": "",
};

/** An escape that Python does not know stays as it is, backslash and all. */
export function unescaped(inner: string): string {
  return inner.replace(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|([^]))/g,
    (all, hex?: string, wide?: string, char?: string) => {
      const code = hex ?? wide;
      if (code !== undefined) return String.fromCharCode(parseInt(code, 16));
      return escapes[char ?? ""] ?? all;
    },
  );
}

/** A string as Python writes it in single quotes. */
export function quoted(text: string): string {
  const inner = text.replace(
    /[\\'\n\r\t]/g,
    (char) => ({ "\n": "\\n", "\r": "\\r", "\t": "\\t" })[char] ?? `\\${char}`,
  );
  return `'${inner}'`;
}
