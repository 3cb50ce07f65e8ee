// JSON as Python writes it: bare NaN, Infinity and -Infinity are values. Used by readers and dialects.

export type Parsed = { ok: true; value: unknown } | { ok: false; why: string };

/**
 * Parses one JSON value. The plain parse comes first; only when it fails are bare non-finite tokens outside strings rewritten
 * (formats/rlvr-openbrowser.md A2.1, "NaN rule"), so that a prompt holding the word NaN stays as it is. Never throws.
 */
export function parseJsonLine(text: string): Parsed {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) return { ok: false, why: reason(error) };
    return parseWithNonFinite(text);
  }
}

function parseWithNonFinite(text: string): Parsed {
  let mark = "~NaN~";
  while (text.includes(mark)) mark += "~";
  try {
    const value: unknown = JSON.parse(rewriteNonFinite(text, JSON.stringify(mark)), (_key, v: unknown) =>
      v === mark ? NaN : v,
    );
    return { ok: true, value };
  } catch (error) {
    return { ok: false, why: reason(error) };
  }
}

/** Strings are skipped by hand: one regular expression over a 20 MB line would exhaust its stack. */
function rewriteNonFinite(text: string, nan: string): string {
  // An overlong exponent is JSON, and parses to the infinity it stands for.
  const rewrite = (bare: string): string => bare.replace(/NaN/g, nan).replace(/Infinity/g, "1e999");
  const parts: string[] = [];
  let at = 0;
  while (at < text.length) {
    const open = text.indexOf('"', at);
    if (open < 0) break;
    const close = closingQuote(text, open);
    parts.push(rewrite(text.slice(at, open)), text.slice(open, close + 1));
    at = close + 1;
  }
  parts.push(rewrite(text.slice(at)));
  return parts.join("");
}

function closingQuote(text: string, open: number): number {
  for (let at = text.indexOf('"', open + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let before = at - 1;
    while (text.charCodeAt(before) === 92) before--;
    if ((at - before) % 2 === 1) return at;
  }
  return text.length;
}

function reason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  // V8 quotes the text itself; a diagnostic needs only the place.
  const place = /position \d+/.exec(message)?.[0];
  if (place) return `not JSON at ${place}`;
  return /end of JSON|Unterminated/.test(message) ? "the value ends in the middle" : "not JSON";
}

export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** A finite or non-finite number, also where a writer put one into a string ("0.5", "NaN", "Infinity"); else null. */
export function numberOf(value: unknown): number | null {
  if (typeof value === "number") return value;
  if (typeof value !== "string") return null;
  const plain = plainNumber(value);
  if (plain !== null) return plain;
  if (value.trim() === "") return null;
  const word = value.trim().toLowerCase();
  if (word === "nan") return NaN;
  const infinite = /^([+-]?)inf(inity)?$/.exec(word);
  if (infinite) return infinite[1] === "-" ? -Infinity : Infinity;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/.test(word) ? Number(word) : null;
}

/** What nearly all numbers in texts look like, without a regular expression; null for what must be looked at more closely. */
function plainNumber(text: string): number | null {
  const first = text.charCodeAt(0);
  // `+ - .` and digits; a letter behind a leading 0 may make it hexadecimal, which Python's float() does not take.
  if (!(first >= 43 && first <= 57) || (first === 48 && text.charCodeAt(1) > 57)) return null;
  const number = Number(text);
  return Number.isFinite(number) ? number : null;
}
