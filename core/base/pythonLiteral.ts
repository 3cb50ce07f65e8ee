// Python's repr of plain values -> values: what trainers print instead of JSON. Nothing is evaluated.
// Rules: formats/gui-and-trainers.md 3.1 (dicts of transformers 4 and 5) and 3.4 (`np.float64(0.5)`).

export interface Literal {
  value: unknown;
  /** Index behind the literal. */
  end: number;
}

const MAX_DEPTH = 24;
const words: Readonly<Record<string, unknown>> = { True: true, False: false, None: null, nan: NaN, inf: Infinity };
const escapes: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  b: "\b",
  f: "\f",
  v: "\v",
  a: "\u0007",
  "0": "\0",
};

const numberHere = /[+-]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const nameHere = /[A-Za-z_][\w.]*/y;
const spaceHere = /\s*/y;

/** The literal that begins at `at`, or null. Calls such as `np.float64(0.5)` and `tensor(0.5, device='cuda:0')` are their first argument. */
export function pythonLiteral(text: string, at = 0): Literal | null {
  return flatDict(text, at) ?? read(text, at, 0);
}

/** Nearly every log is one flat dict of numbers: but for its quotes that is JSON, which is parsed ten times as fast. */
function flatDict(text: string, at: number): Literal | null {
  const end = text[at] === "{" ? text.indexOf("}", at) + 1 : 0;
  const dict = text.slice(at, end);
  if (end === 0 || dict.indexOf("{", 1) >= 0 || /["\\([]/.test(dict)) return null;
  try {
    return { value: JSON.parse(dict.replaceAll("'", '"')) as unknown, end };
  } catch {
    return null;
  }
}

function read(text: string, from: number, depth: number): Literal | null {
  if (depth > MAX_DEPTH) return null;
  const at = skipSpace(text, from);
  const first = text[at];
  if (first === undefined) return null;
  if (first === "{") return readDict(text, at, depth);
  if (first === "[") return readList(text, at, "]", depth);
  if (first === "(") return readList(text, at, ")", depth);
  if (first === "'" || first === '"') return readString(text, at);
  const number = match(numberHere, text, at);
  if (number !== null) return { value: Number(number.replaceAll("_", "")), end: at + number.length };
  return readWord(text, at, depth);
}

function readWord(text: string, at: number, depth: number): Literal | null {
  const sign = text[at] === "-" || text[at] === "+" ? 1 : 0;
  const name = match(nameHere, text, at + sign);
  if (name === null) return null;
  const end = at + sign + name.length;
  const known = words[name];
  if (known !== undefined && Object.hasOwn(words, name)) {
    if (sign === 0) return { value: known, end };
    return typeof known === "number" ? { value: text[at] === "-" ? -known : known, end } : null;
  }
  // `r'...'` and `b'...'` of a repr.
  if (sign === 0 && name.length === 1 && (text[end] === "'" || text[end] === '"')) return readString(text, end);
  if (text[end] !== "(" || sign === 1) return null;
  const args = readList(text, end, ")", depth);
  return args ? { value: (args.value as unknown[])[0] ?? null, end: args.end } : null;
}

function readDict(text: string, open: number, depth: number): Literal | null {
  const entries: [string, unknown][] = [];
  let at = skipSpace(text, open + 1);
  while (text[at] !== "}") {
    const key = read(text, at, depth + 1);
    if (!key) return null;
    at = skipSpace(text, key.end);
    if (text[at] !== ":") return null;
    const value = read(text, at + 1, depth + 1);
    if (!value) return null;
    entries.push([String(key.value), value.value]);
    at = skipSpace(text, value.end);
    if (text[at] === ",") at = skipSpace(text, at + 1);
    else if (text[at] !== "}") return null;
  }
  return { value: Object.fromEntries(entries), end: at + 1 };
}

function readList(text: string, open: number, close: string, depth: number): Literal | null {
  const items: unknown[] = [];
  let at = skipSpace(text, open + 1);
  while (text[at] !== close) {
    // A keyword argument of a call: its name says nothing here.
    const keyword = close === ")" ? /[A-Za-z_]\w*=(?!=)/y : null;
    const name = keyword ? match(keyword, text, at) : null;
    const item = read(text, at + (name?.length ?? 0), depth + 1);
    if (!item) return null;
    items.push(item.value);
    at = skipSpace(text, item.end);
    if (text[at] === ",") at = skipSpace(text, at + 1);
    else if (text[at] !== close) return null;
  }
  return { value: items, end: at + 1 };
}

function readString(text: string, open: number): Literal | null {
  const quote = text[open];
  let value = "";
  let from = open + 1;
  for (let at = from; at < text.length; at++) {
    if (text[at] === quote) return { value: value + text.slice(from, at), end: at + 1 };
    if (text[at] !== "\\") continue;
    value += text.slice(from, at);
    const code = /x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})/y;
    const hex = match(code, text, at + 1);
    if (hex !== null) {
      const point = parseInt(hex.slice(1), 16);
      value += point <= 0x10ffff ? String.fromCodePoint(point) : "\uFFFD";
      at += hex.length;
    } else {
      const next = text[at + 1] ?? "";
      value += escapes[next] ?? next;
      at++;
    }
    from = at + 1;
  }
  return null;
}

function match(expression: RegExp, text: string, at: number): string | null {
  expression.lastIndex = at;
  return expression.exec(text)?.[0] ?? null;
}

const skipSpace = (text: string, at: number): number => at + (match(spaceHere, text, at)?.length ?? 0);
