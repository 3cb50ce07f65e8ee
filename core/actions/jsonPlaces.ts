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

export type ReadNode = { node: Node } | { why: string; at: number; deep: boolean };

/** Deeper than any call; below the recursion that a hostile text could ask for. */
const maxDepth = 64;
const tooDeep = "it is nested too deep";
const space = /[ \t\r\n]*/y;
const scalar =
  /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![\w.])|true\b|false\b|null\b|NaN\b|-?Infinity\b/y;
const plainText = /[^"\\\u0000-\u001f]+/y;

/** The value that begins at `start`, behind white space. What follows it is left alone. */
export function readNode(text: string, start: number): ReadNode {
  const reader = new Reader(text, start);
  const node = reader.value(0);
  return node ? { node } : { why: reader.why, at: Math.min(reader.at, text.length), deep: reader.why === tooDeep };
}

/** Returns null at the first fault instead of throwing: hostile text asks for one at every brace. */
class Reader {
  why = "";

  constructor(
    private readonly text: string,
    public at: number,
  ) {}

  value(depth: number): Node | null {
    this.skip();
    const { text, at } = this;
    if (depth > maxDepth) return this.fault(tooDeep);
    const char = text.charAt(at);
    if (char === "{") return this.object(depth);
    if (char === "[") return this.list(depth);
    if (char === '"') return this.string();
    if (char === "") return this.fault("it ends in the middle");
    scalar.lastIndex = at;
    const match = scalar.exec(text);
    if (!match) return this.fault("this is no JSON value");
    this.at = scalar.lastIndex;
    return { value: scalarValue(match[0]), span: [at, this.at] };
  }

  private skip(): void {
    space.lastIndex = this.at;
    space.test(this.text);
    this.at = space.lastIndex;
  }

  private fault(why: string, at = this.at): null {
    this.why = why;
    this.at = at;
    return null;
  }

  /** Past a character that must come next. */
  private take(char: string): boolean {
    this.skip();
    if (this.text.charAt(this.at) !== char) {
      this.fault(this.at >= this.text.length ? "it ends in the middle" : `a ${char} is missing`);
      return false;
    }
    this.at++;
    return true;
  }

  private object(depth: number): Node | null {
    const start = this.at++;
    const fields = new Map<string, Node>();
    for (this.skip(); this.text.charAt(this.at) !== "}"; this.skip()) {
      if (fields.size > 0 && !this.take(",")) return null;
      this.skip();
      const key = this.string();
      if (!key || !this.take(":")) return null;
      const inner = this.value(depth + 1);
      if (!inner) return null;
      fields.set(key.value, inner);
    }
    this.at++;
    const plain = Object.fromEntries([...fields].map(([key, node]) => [key, node.value]));
    return { value: plain, span: [start, this.at], fields };
  }

  private list(depth: number): Node | null {
    const start = this.at++;
    const items: Node[] = [];
    for (this.skip(); this.text.charAt(this.at) !== "]"; this.skip()) {
      if (items.length > 0 && !this.take(",")) return null;
      const inner = this.value(depth + 1);
      if (!inner) return null;
      items.push(inner);
    }
    this.at++;
    return { value: items.map((item) => item.value), span: [start, this.at], items };
  }

  private string(): (Node & { value: string }) | null {
    const { text, at: start } = this;
    if (text.charAt(start) !== '"') {
      return this.fault(start >= text.length ? "it ends in the middle" : "a name in double quotes is missing");
    }
    let escaped = false;
    for (let at = start + 1; at < text.length;) {
      plainText.lastIndex = at;
      if (plainText.test(text)) at = plainText.lastIndex;
      const char = text.charAt(at);
      if (char === '"') {
        const value = escaped ? unescape(text.slice(start, at + 1)) : text.slice(start + 1, at);
        this.at = at + 1;
        if (value === null) return this.fault("a string holds an escape that JSON does not know", start);
        return { value, span: [start, at + 1] };
      }
      if (char === "") break;
      if (char !== "\\") return this.fault("a line break or control character stands inside a string", at);
      escaped = true;
      at += 2;
    }
    return this.fault("it ends in the middle", text.length);
  }
}

/** Python writes NaN and Infinity bare. They stay words: what is parsed here travels as JSON. */
function scalarValue(token: string): unknown {
  if (token === "true" || token === "false") return token === "true";
  if (token === "null") return null;
  const number = Number(token);
  return Number.isFinite(number) ? number : token;
}

function unescape(raw: string): string | null {
  try {
    return JSON.parse(raw) as string;
  } catch {
    return null;
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
    const whole = "node" in read && read.node.span[1] <= to ? read.node : null;
    if (whole) yield whole;
    // What is nested too deep once is not taken apart level by level.
    const next = whole ? whole.span[1] : "why" in read && read.deep ? Math.max(read.at, at + 1) : at + 1;
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
