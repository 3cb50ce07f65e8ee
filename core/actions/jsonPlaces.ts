// JSON values with the place of each in the text, and the JSON objects that stand inside prose. Used by the tool-call dialects.
import type { Span } from "./outcome";

export interface Node {
  value: unknown;
  span: Span;
  /** Of an object: the last of equal keys wins, as in Python. */
  fields?: ReadonlyMap<string, Node>;
  /** Of a list. */
  items?: readonly Node[];
}

export type ReadNode = { node: Node } | { why: string; at: number };

/** Deeper than any call; below the recursion that a hostile text could ask for. */
const maxDepth = 64;
const space = /[ \t\r\n]*/y;
const scalar =
  /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![\w.])|true\b|false\b|null\b|NaN\b|-?Infinity\b/y;
const plainText = /[^"\\\u0000-\u001f]+/y;

class Fault extends Error {
  constructor(
    readonly why: string,
    readonly at: number,
  ) {
    super(why);
  }
}

/** The value that begins at `start`, behind white space. What follows it is left alone. */
export function readNode(text: string, start: number): ReadNode {
  try {
    return { node: value(text, skip(text, start), 0) };
  } catch (error) {
    if (error instanceof Fault) return { why: error.why, at: Math.min(error.at, text.length) };
    throw error;
  }
}

function skip(text: string, at: number): number {
  space.lastIndex = at;
  space.test(text);
  return space.lastIndex;
}

function value(text: string, at: number, depth: number): Node {
  if (depth > maxDepth) throw new Fault("it is nested too deep", at);
  const char = text.charAt(at);
  if (char === "{") return object(text, at, depth);
  if (char === "[") return list(text, at, depth);
  if (char === '"') return string(text, at);
  if (char === "") throw new Fault("it ends in the middle", at);
  scalar.lastIndex = at;
  const match = scalar.exec(text);
  if (!match) throw new Fault("this is no JSON value", at);
  return { value: scalarValue(match[0]), span: [at, scalar.lastIndex] };
}

/** Python writes NaN and Infinity bare. They stay words: what is parsed here travels as JSON. */
function scalarValue(token: string): unknown {
  if (token === "true" || token === "false") return token === "true";
  if (token === "null") return null;
  const number = Number(token);
  return Number.isFinite(number) ? number : token;
}

function object(text: string, start: number, depth: number): Node {
  const fields = new Map<string, Node>();
  let at = skip(text, start + 1);
  while (text.charAt(at) !== "}") {
    if (fields.size > 0) at = skip(text, expect(text, at, ","));
    const key = string(text, at);
    at = skip(text, key.span[1]);
    const inner = value(text, skip(text, expect(text, at, ":")), depth + 1);
    fields.set(key.value, inner);
    at = skip(text, inner.span[1]);
  }
  const plain = Object.fromEntries([...fields].map(([key, node]) => [key, node.value]));
  return { value: plain, span: [start, at + 1], fields };
}

function list(text: string, start: number, depth: number): Node {
  const items: Node[] = [];
  let at = skip(text, start + 1);
  while (text.charAt(at) !== "]") {
    if (items.length > 0) at = skip(text, expect(text, at, ","));
    const inner = value(text, at, depth + 1);
    items.push(inner);
    at = skip(text, inner.span[1]);
  }
  return { value: items.map((item) => item.value), span: [start, at + 1], items };
}

function expect(text: string, at: number, char: string): number {
  if (text.charAt(at) === char) return at + 1;
  throw new Fault(at >= text.length ? "it ends in the middle" : `a ${char} is missing`, at);
}

function string(text: string, start: number): Node & { value: string } {
  if (text.charAt(start) !== '"') {
    throw new Fault(start >= text.length ? "it ends in the middle" : "a name in double quotes is missing", start);
  }
  let escaped = false;
  for (let at = start + 1; at < text.length;) {
    plainText.lastIndex = at;
    if (plainText.test(text)) at = plainText.lastIndex;
    const char = text.charAt(at);
    if (char === '"') {
      const raw = text.slice(start, at + 1);
      return { value: escaped ? unescape(raw, start) : raw.slice(1, -1), span: [start, at + 1] };
    }
    if (char === "") break;
    if (char !== "\\") throw new Fault("a line break or control character stands inside a string", at);
    escaped = true;
    at += 2;
  }
  throw new Fault("it ends in the middle", text.length);
}

function unescape(raw: string, start: number): string {
  try {
    return JSON.parse(raw) as string;
  } catch {
    throw new Fault("a string holds an escape that JSON does not know", start);
  }
}

/**
 * The objects that stand in a text, outermost first, in order; a brace that opens none is passed over. Linear: nothing is tried
 * more often than the depth allows.
 */
export function* objectsIn(text: string, from = 0, to = text.length): Generator<Node> {
  let at = text.indexOf("{", from);
  while (at >= 0 && at < to) {
    const read = readNode(text, at);
    const next = "node" in read && read.node.span[1] <= to ? read.node.span[1] : at + 1;
    if ("node" in read && next > at + 1) yield read.node;
    at = text.indexOf("{", next);
  }
}

export const fieldOf = (node: Node | undefined, key: string): Node | undefined => node?.fields?.get(key);

/** A string or a number as text: models write ids both ways. */
export function wordOf(node: Node | undefined): string | undefined {
  const inner = node?.value;
  return typeof inner === "string" ? inner : typeof inner === "number" ? String(inner) : undefined;
}

export function numberIn(node: Node | undefined): number | undefined {
  const inner = node?.value;
  if (typeof inner === "number") return inner;
  return typeof inner === "string" && /^\s{0,8}-?\d+(\.\d+)?\s{0,8}$/.test(inner) ? Number(inner) : undefined;
}
