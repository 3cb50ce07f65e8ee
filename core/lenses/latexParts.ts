// Lists, sets, tuples, intervals and their unions, taken apart by their brackets and commas.
import { sizeOf, symbolicallyEqual } from "./symbolic";

export interface Brackets {
  open: string;
  close: string;
  inside: string[];
}

/** The brackets around a whole text and what commas part inside; `[` may be closed by `)`. */
export function brackets(text: string): Brackets | null {
  const open = ["\\{", "(", "["].find((each) => text.startsWith(each));
  const close = ["\\}", ")", "]"].find((each) => text.endsWith(each));
  if (open === undefined || close === undefined || (open === "\\{") !== (close === "\\}")) return null;
  const middle = text.slice(open.length, text.length - close.length);
  return depths(middle) ? { open, close, inside: split(middle, ",") } : null;
}

/** Whether brackets open and close within the text. */
function depths(text: string): boolean {
  let depth = 0;
  for (const character of text) {
    if ("({[".includes(character)) depth++;
    if (")}]".includes(character) && --depth < 0) return false;
  }
  return depth === 0;
}

/** The parts between a separator outside of all brackets. */
export function split(text: string, separator: string): string[] {
  const parts: string[] = [];
  let [depth, from] = [0, 0];
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i);
    if ("({[".includes(character)) depth++;
    else if (")}]".includes(character)) depth--;
    else if (depth === 0 && text.startsWith(separator, i)) {
      parts.push(text.slice(from, i).trim());
      from = i + separator.length;
      i = from - 1;
    }
  }
  return [...parts, text.slice(from).trim()];
}

/** 1,000 is a number where every comma parts three digits. */
export const withoutThousands = (text: string): string =>
  text.replace(/(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])/g, (number) => number.replaceAll(",", ""));

/** The two values of `a \pm b`; an answer without it is one value. */
export const values = (text: string): string[] =>
  /\\(?:pm|mp)(?![A-Za-z])/.test(text) ? [signed(text, "+", "-"), signed(text, "-", "+")] : [text];

const signed = (text: string, pm: string, mp: string): string =>
  text
    .replace(/\\pm(?![A-Za-z])/g, pm)
    .replace(/\\mp(?![A-Za-z])/g, mp)
    .replace(/^\+\s*/, "");

interface Interval {
  low: number;
  high: number;
  parts: [open: string, low: string, high: string, close: string];
}

/** The parts of a union in order, with those made one that touch; as they are where their ends are no numbers. */
export function union(parts: readonly string[]): string[] {
  const intervals = parts.map(intervalIn);
  if (!intervals.every((each) => each !== null)) return [...parts];
  intervals.sort((a, b) => a.low - b.low);
  const joined: Interval[] = [];
  for (const next of intervals) {
    const last = joined.at(-1);
    if (!last || !touch(last, next)) joined.push({ ...next, parts: [...next.parts] });
    else {
      if (next.low === last.low && next.parts[0] === "[") last.parts[0] = "[";
      if (next.high > last.high) [last.high, last.parts[2], last.parts[3]] = [next.high, next.parts[2], next.parts[3]];
      else if (next.high === last.high && next.parts[3] === "]") last.parts[3] = "]";
    }
  }
  return joined.map(({ parts: [open, low, high, close] }) => `${open}${low},${high}${close}`);
}

function intervalIn(text: string): Interval | null {
  const found = brackets(text);
  const [low = "", high = ""] = found?.inside ?? [];
  if (!found || found.open === "\\{" || found.inside.length !== 2) return null;
  const [from, to] = [sizeOf(low), sizeOf(high)];
  return from === null || to === null || from >= to
    ? null
    : { low: from, high: to, parts: [found.open, low, high, found.close] };
}

function touch(left: Interval, right: Interval): boolean {
  const [, , high, close] = left.parts;
  const [open, low] = right.parts;
  if (right.low < left.high && symbolicallyEqual(low, high) !== "equal") return true;
  return symbolicallyEqual(low, high) === "equal" && (close === "]" || open === "[");
}
