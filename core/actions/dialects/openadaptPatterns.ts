// The seven action patterns of OpenAdapt's runtime/policy.py, in its order, as matchers that take linear time on any text.
import type { Action } from "../../model/action";
import { SPACE } from "../python";

/** A pattern's match: `[start, end)` in the searched text. */
export interface Match {
  start: number;
  end: number;
  action: Action;
  /** What the trainer changed a coordinate to, in words. */
  clamped?: string;
}

type Matcher = (text: string, from: number) => Match | null;

/** The same numbers as `[0-9]*\.?[0-9]+`, without its quadratic time on long runs of digits. */
const NUMBER = "-?(?:[0-9]*\\.)?[0-9]+";
const BEFORE_WORD = "(?<![\\p{L}\\p{N}_])";

const clickElement = /CLICK\(\[(\p{Nd}+)\]\)/gu;
const typeElementHead = new RegExp(`TYPE\\(\\[(\\p{Nd}+)\\],${SPACE}*["']`, "gu");
const typePlainHead = /TYPE\(["']/g;
const clickPoint = new RegExp(`CLICK\\(x=(${NUMBER}),${SPACE}*y=(${NUMBER})\\)`, "g");
const typeTextHead = /TYPE\(text="/g;
const waitCall = new RegExp(`${BEFORE_WORD}WAIT${SPACE}*\\(${SPACE}*\\)`, "gu");
const doneCall = new RegExp(`${BEFORE_WORD}DONE${SPACE}*\\(${SPACE}*\\)`, "gu");

/** A pattern without typed text: one regular expression. */
function simple(pattern: RegExp, read: (match: RegExpExecArray) => Omit<Match, "start" | "end">): Matcher {
  return (text, from) => {
    pattern.lastIndex = from;
    const match = pattern.exec(text);
    return match && { start: match.index, end: match.index + match[0].length, ...read(match) };
  };
}

/** A pattern with typed text: a regular expression up to the opening quote, then `close` finds where the text ends. */
function typed(head: RegExp, close: (text: string, from: number) => number): Matcher {
  return (text, from) => {
    head.lastIndex = from;
    for (let match = head.exec(text); match; match = head.exec(text)) {
      const begin = match.index + match[0].length;
      const end = close(text, begin);
      if (end < 0) {
        // The next head may begin inside this one's text.
        head.lastIndex = match.index + 1;
        continue;
      }
      const action: Action = { kind: "type", text: unescape(text.slice(begin, end)) };
      if (match[1] !== undefined) action.element = integer(match[1]);
      return { start: match.index, end: end + 2, action };
    }
    return null;
  };
}

/**
 * Where `[^"']*(?:\\.[^"']*)*["']\)` closes: at the first quote of either kind that a bracket follows, if every quote
 * before it stands right behind a backslash. The expression itself takes exponential time on a row of backslashes.
 */
function closeEitherQuote(text: string, from: number): number {
  let begin = from;
  for (let at = from; at < text.length; at++) {
    const char = text.charAt(at);
    if (char !== '"' && char !== "'") continue;
    if (text.charAt(at + 1) === ")") return at;
    if (at === begin || text.charAt(at - 1) !== "\\") return -1;
    begin = at + 1;
  }
  return -1;
}

/** Where `[^"\\]*(?:\\.[^"\\]*)*"\)` closes. By hand, because a long text would exhaust the expression's stack. */
function closeDoubleQuote(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '"') return text.charAt(at + 1) === ")" ? at : -1;
    if (char !== "\\") continue;
    at++;
    if (text.charAt(at) === "\n") return -1;
  }
  return -1;
}

/** First `\"`, then `\\`, in this order and nothing else: `\n` stays a backslash and an n. */
const unescape = (text: string): string => text.replaceAll('\\"', '"').replaceAll("\\\\", "\\");

/** Python's int() of decimal digits of any script, as text: `007` is 7, `٢` is 2. */
function integer(digits: string): string {
  const plain = Array.from(digits, digitValue)
    .join("")
    .replace(/^0+(?=.)/, "");
  return plain;
}

/** Unicode's decimal digits come in rows of ten, from zero. */
function digitValue(digit: string): number {
  const code = digit.codePointAt(0) ?? 48;
  if (code < 128) return code - 48;
  let first = code;
  while (/^\p{Nd}$/u.test(String.fromCodePoint(first - 1))) first--;
  return (code - first) % 10;
}

const clamp = (value: number): number => Math.max(0, Math.min(1, value));

function readPoint(match: RegExpExecArray): Omit<Match, "start" | "end"> {
  const [x = NaN, y = NaN] = [Number(match[1]), Number(match[2])];
  const point = { x: clamp(x), y: clamp(y) };
  const changed = point.x !== x || point.y !== y;
  return {
    action: { kind: "click", ...point, frame: "unit" },
    ...(changed
      ? { clamped: `(${String(match[1])}, ${String(match[2])}) to (${String(point.x)}, ${String(point.y)})` }
      : {}),
  };
}

/** Tried in this order; the first that matches anywhere wins, wherever the others stand. */
const matchers: readonly Matcher[] = [
  simple(clickElement, (match) => ({ action: { kind: "click", element: integer(match[1] ?? "") } })),
  typed(typeElementHead, closeEitherQuote),
  typed(typePlainHead, closeEitherQuote),
  simple(clickPoint, readPoint),
  typed(typeTextHead, closeDoubleQuote),
  simple(waitCall, () => ({ action: { kind: "wait" } })),
  simple(doneCall, () => ({ action: { kind: "done" } })),
];

export function firstMatch(text: string): Match | null {
  for (const matcher of matchers) {
    const match = matcher(text, 0);
    if (match) return match;
  }
  return null;
}

/** What all patterns find, up to `limit` each, in the order they stand; an action inside another's typed text is left out. */
export function allMatches(text: string, limit = 20): Match[] {
  const found: Match[] = [];
  for (const matcher of matchers) {
    let from = 0;
    for (let n = 0; n < limit; n++) {
      const match = matcher(text, from);
      if (!match) break;
      found.push(match);
      from = match.end;
    }
  }
  found.sort((a, b) => a.start - b.start || b.end - a.end);
  const outer: Match[] = [];
  for (const match of found) if (match.start >= (outer.at(-1)?.end ?? 0)) outer.push(match);
  return outer;
}

export const actionLabel = (match: Match): string => match.action.kind.toUpperCase();
