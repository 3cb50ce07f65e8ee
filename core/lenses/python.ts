// What Python's strings and patterns do differently from JavaScript's, for the rules that reproduce a Python verifier.

/** str.isspace() and `\s` of Python's re, as a character class's inside. U+FEFF, which JavaScript counts, is not among them. */
export const spaces = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
/** `\w` of Python's re for a character class of a pattern with the flag u. */
export const word = "\\p{L}\\p{N}_";

const oneSpace = new RegExp(`[${spaces}]`);
const someSpace = new RegExp(`[${spaces}]+`);
const someDigit = /^\p{Nd}$/u;

export const isSpace = (character: string): boolean => oneSpace.test(character);

/** str.strip(), as the span of what stays. Two walks, because a pattern with `\s+$` is quadratic on inner spaces. */
export function stripSpan(text: string, from = 0, to = text.length): [number, number] {
  let [start, end] = [from, to];
  while (start < end && isSpace(text.charAt(start))) start++;
  while (end > start && isSpace(text.charAt(end - 1))) end--;
  return [start, end];
}

export const strip = (text: string): string => text.slice(...stripSpan(text));

/** str.rstrip(characters). */
export function rstrip(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

/** str.lstrip(characters). */
export function lstrip(text: string, characters: string): string {
  let start = 0;
  while (start < text.length && characters.includes(text.charAt(start))) start++;
  return text.slice(start);
}

/** str.split() without an argument. */
export const words = (text: string): string[] => text.split(someSpace).filter((each) => each !== "");

/** str.splitlines(). */
export function lines(text: string): string[] {
  const all = text.split(/\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/);
  if (all.at(-1) === "") all.pop();
  return all;
}

/** str.isdigit() for what stands in numbers: decimal digits of any script, and raised or lowered ones. */
export const isDigits = (text: string): boolean =>
  /^[\p{Nd}\xb2\xb3\xb9\u2070\u2074-\u2079\u2080-\u2089]+$/u.test(text);

const floatText = /^[-+]?(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:[eE][-+]?\d+(?:_\d+)*)?$/;
const infinite = /^([-+]?)(?:inf|infinity)$/i;

/** float(text); null where Python raises ValueError. */
export function float(text: string): number | null {
  const plain = asciiDigits(strip(text));
  if (floatText.test(plain)) return Number(plain.replaceAll("_", ""));
  const infinity = infinite.exec(plain);
  if (infinity) return infinity[1] === "-" ? -Infinity : Infinity;
  return /^[-+]?nan$/i.test(plain) ? NaN : null;
}

/** Digits of other scripts as ASCII: float() and `\d` take them. They lie in runs of ten that begin with their zero. */
function asciiDigits(text: string): string {
  return text.replace(/(?![0-9])\p{Nd}/gu, (digit) => {
    const code = digit.codePointAt(0) ?? 0;
    let run = 0;
    while (run < 60 && someDigit.test(String.fromCodePoint(code - run - 1))) run++;
    return String(run % 10);
  });
}

/** `a == b` of two texts as the verifiers compare numbers: as floats, false where int() of one would raise. */
export function sameFloat(a: string, b: string): boolean {
  const [x, y] = [float(a), float(b)];
  return x !== null && x === y && Number.isFinite(x);
}
