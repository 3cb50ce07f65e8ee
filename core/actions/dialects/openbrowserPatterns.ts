// The ten patterns of OpenBrowser's steps in their order, first match wins (formats/rlvr-openbrowser.md B3.2), in linear time.
import type { Action } from "../../model/action";
import { SPACE } from "../python";

export interface Step {
  pattern: string;
  action: Action;
  start: number;
  end: number;
  /** What the original does with this line and nobody would expect. */
  note?: string;
}

const prefix = new RegExp(`(?:(?:Step${SPACE}+)?\\p{Nd}+[.:]${SPACE}*|Action:${SPACE}*)`, "uy");

export const numbered = /^\p{Nd}+[.:]/u;

export function hasPrefix(line: string): boolean {
  prefix.lastIndex = 0;
  return prefix.test(line);
}

/** Where the quoted words of a pattern stand: `first` in the first quotes, `second` in the second. */
interface Quoted {
  first: string;
  second: string;
  end: number;
}

type Read = (line: string, at: number) => Omit<Step, "pattern" | "start"> | null;

/** `head(.+?)tail`: the lazy group ends at the first tail behind at least one character. */
function one(head: RegExp, tail: RegExp): (line: string, at: number) => Quoted | null {
  return (line, at) => {
    head.lastIndex = at;
    if (!head.test(line)) return null;
    const begin = head.lastIndex;
    tail.lastIndex = begin + 1;
    const close = tail.exec(line);
    return close && { first: line.slice(begin, close.index), second: "", end: tail.lastIndex };
  };
}

/** `head(.+?)middle(.+?)tail`. If no tail follows the first middle, none follows a later one: no need to go back. */
function two(head: RegExp, middle: RegExp, tail: RegExp): (line: string, at: number) => Quoted | null {
  const start = one(head, middle);
  return (line, at) => {
    const opened = start(line, at);
    if (!opened) return null;
    tail.lastIndex = opened.end + 1;
    const close = tail.exec(line);
    return close && { first: opened.first, second: line.slice(opened.end, close.index), end: tail.lastIndex };
  };
}

/** `head(.+?)['"]$`: the line's last character must be the quote. */
function toEnd(head: RegExp, closing: string): (line: string, at: number) => Quoted | null {
  return (line, at) => {
    head.lastIndex = at;
    if (!head.test(line)) return null;
    const last = line.length - 1;
    if (last <= head.lastIndex || !closing.includes(line.charAt(last))) return null;
    return { first: line.slice(head.lastIndex, last), second: "", end: line.length };
  };
}

function reader(
  find: (line: string, at: number) => Quoted | null,
  action: (found: Quoted) => Action,
  note?: string,
): Read {
  return (line, at) => {
    const found = find(line, at);
    return found && { action: action(found), end: found.end, ...(note === undefined ? {} : { note }) };
  };
}

const navigate = /Navigate to /y;
const submit = /Click (?:the |on the )['"]?Submit['"]? [Bb]utton/y;
const quote = /['"]/g;
const field = /['"] field/g;
const typeColon = new RegExp(`Type(?:${SPACE}+the${SPACE}+full${SPACE}+[\\p{L}\\p{N}_]+)?(?::|${SPACE})+['"\`]`, "uy");

const typed = ({ first, second }: Quoted): Action => ({ kind: "type", text: first, field: second });

const readers: readonly [string, Read][] = [
  [
    "navigate",
    (line, at) => {
      navigate.lastIndex = at;
      if (!navigate.test(line) || navigate.lastIndex >= line.length) return null;
      const url = line.slice(navigate.lastIndex);
      const note = "the original reads this and does nothing, its trainer has opened the page";
      return { action: { kind: "navigate", url }, end: line.length, note };
    },
  ],
  ["type", reader(two(/Type ['"]/y, /['"] into the ['"]/g, field), typed)],
  [
    "select",
    reader(two(/Select ['"]/y, /['"] from the ['"]/g, field), ({ first, second }) => ({
      kind: "select",
      text: first,
      field: second,
    })),
  ],
  ["checkbox", reader(one(/Click on the ['"]/y, /['"] checkbox/g), ({ first }) => ({ kind: "check", field: first }))],
  [
    "click-input",
    reader(
      one(/Click on the ['"]/y, /['"] (?:input field|textarea)/g),
      ({ first }) => ({ kind: "focus", field: first }),
      "the original reads this and does nothing, typing focuses the field",
    ),
  ],
  [
    "submit",
    (line, at) => {
      submit.lastIndex = at;
      return submit.test(line) ? { action: { kind: "submit" }, end: submit.lastIndex } : null;
    },
  ],
  ["fill-in", reader(two(/(?:Fill in|Enter|Input) ['"]/y, /['"] (?:in|into) the ['"]/g, quote), typed)],
  [
    "fill-field-with",
    reader(
      two(/(?:Fill in|Locate and fill in) the ['"]/y, /['"] (?:field )?with ['"]/g, quote),
      ({ first, second }) => ({ kind: "type", text: second, field: first }),
    ),
  ],
  [
    "type-colon",
    reader(
      toEnd(typeColon, "'\"`"),
      ({ first }) => ({ kind: "type", text: first }),
      "it names no field; the original types into the one that the last action used",
    ),
  ],
  [
    "enter-value-only",
    reader(
      toEnd(/(?:Enter|Input|Type) ['"]/y, "'\""),
      ({ first }) => ({ kind: "type", text: first }),
      "it names no field; the original takes the page's next unused one",
    ),
  ],
];

export function matchStep(line: string): Step | null {
  prefix.lastIndex = 0;
  if (!prefix.test(line)) return null;
  const start = prefix.lastIndex;
  for (const [pattern, read] of readers) {
    const found = read(line, start);
    if (found) return { pattern, start, ...found };
  }
  return null;
}
