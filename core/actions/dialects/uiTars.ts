// UI-TARS: a Thought, then calls in Python's shape (bytedance/UI-TARS codes/ui_tars/action_parser.py; formats/gui-and-trainers.md 4).
// Up to 1000 the numbers are thousandths (UI-TARS 1.0); above, pixels of the resized picture (UI-TARS 1.5).
import type { Action } from "../../model/action";
import type { ActionDialect } from "../dialect";
import { parser, share, type Outcome, type ParseHints, type Span } from "../outcome";
import { strip, stripped } from "../python";
import { argumentsOf, callFor, tarsAction } from "./uiTarsCalls";

const heads =
  "click|left_single|left_double|double_click|right_single|right_click|hover|drag|select|scroll|swipe|long_press|type|hotkey|" +
  "press|keydown|keyup|release|wait|finished|call_user|press_home|press_back|open_app";
const head = new RegExp(`(${heads})\\(`, "y");

/** `Thought: ... Action: `, or the summary behind a Reflection. */
function thoughtIn(text: string): string | null {
  const start = text.trimStart();
  const label =
    start.startsWith("Reflection:") || start.startsWith("Action_Summary:") ? "Action_Summary: " : "Thought: ";
  const begin = text.indexOf(label);
  if (begin < 0) return null;
  const end = text.indexOf("Action: ", begin + label.length);
  return strip(text.slice(begin + label.length, end < 0 ? text.length : end)) || null;
}

/** Behind the last `Action: `. The original refuses texts without `Action:`; a bare call is read all the same, and that is said. */
function callsAt(text: string, out: Outcome): number | null {
  const last = text.lastIndexOf("Action: ");
  if (last >= 0) {
    sayDropped(text, last, out);
    return last + 8;
  }
  const label = text.lastIndexOf("Action:");
  const [at] = stripped(text, label < 0 ? 0 : label + 7);
  head.lastIndex = at;
  if (!head.test(text)) return null;
  out.say(
    label < 0
      ? "There is no Action: before the call; the original refuses this."
      : "No space stands behind Action:; the original refuses this.",
    [at, at],
  );
  return at;
}

/** Calls behind an earlier `Action: `, which the original never looks at. */
function sayDropped(text: string, last: number, out: Outcome): void {
  for (let at = text.indexOf("Action: "); at >= 0 && at < last;) {
    const next = text.indexOf("Action: ", at + 8);
    const span = stripped(text, at + 8, next);
    head.lastIndex = span[0];
    if (head.test(text)) out.say("An earlier action was ignored; what follows the last Action: counts.", span);
    at = next;
  }
}

/** Several actions are split where a closing bracket and an empty line follow each other. */
function pieces(text: string, from: number): Span[] {
  const found: Span[] = [];
  for (let begin = from; begin <= text.length;) {
    const at = text.indexOf(")\n\n", begin);
    const end = at < 0 ? text.length : at + 1;
    const piece = stripped(text, begin, end);
    if (piece[0] < piece[1]) found.push(piece);
    begin = at < 0 ? text.length + 1 : at + 3;
  }
  return found;
}

function readPiece(text: string, [start, stop]: Span, out: Outcome, hints: ParseHints): void {
  head.lastIndex = start;
  const name = head.exec(text)?.[1];
  if (name === undefined) {
    out.say(`This is no call that UI-TARS knows: ${text.slice(start, Math.min(stop, start + 40))}`, [start, stop]);
    return;
  }
  const open = head.lastIndex - 1;
  const closed = text.charAt(stop - 1) === ")";
  if (!closed) out.say("The closing bracket is missing; the original adds it.", [start, stop]);
  const args = argumentsOf(text, name, open, stop, closed);
  if ("why" in args) {
    out.say(`${name} gives nothing: ${args.why}.`, [start, stop]);
    return;
  }
  const action = tarsAction(name, args.values, hints);
  if (!action) {
    out.say(`${name} lacks a point: one is (x,y), [x1,y1,x2,y2] or <point>x y</point>.`, [start, stop]);
    return;
  }
  if (args.end !== undefined && args.end < stop) out.say("What follows the call was ignored.", [args.end, stop]);
  const span: Span = [start, args.end ?? stop];
  if (action.kind !== "type" || !action.text?.endsWith("\n")) {
    out.add(action, span);
    return;
  }
  // A line break at the end of what is typed presses Enter.
  out.add({ ...action, text: action.text.replace(/\n{1,9}$/, "") }, span);
  out.add({ kind: "key", keys: ["enter"] }, span);
}

function read(text: string, out: Outcome, hints: ParseHints): void {
  out.thought = thoughtIn(text);
  const from = callsAt(text, out);
  if (from === null) {
    out.say(strip(text) === "" ? "The text is empty." : "There is no Action: in this text; the original refuses it.");
    return;
  }
  const found = pieces(text, from);
  if (found.length === 0) out.say("Nothing follows Action:.", [from, text.length]);
  for (const piece of found) readPiece(text, piece, out, hints);
}

const parse = parser("ui-tars", read);

/** At the start of a line: GE-Lab writes the same call behind a tab. */
const mark = new RegExp(`^\\s{0,9}(?:Action: ?\\s{0,9})?(?:${heads})\\(`, "m");

export const uiTars: ActionDialect = {
  id: "ui-tars",
  title: "UI-TARS",
  detect: (texts) => share(texts, (text) => mark.test(text) && parse(text).actions.length > 0),
  parse,
  format(actions) {
    const calls = joined(actions).map(callFor);
    return calls.length === 0 || calls.includes(null) ? null : `Action: ${calls.join("\n\n")}`;
  },
};

/** Typing and then Enter is one call. */
function joined(actions: readonly Action[]): Action[] {
  const calls: Action[] = [];
  for (const action of actions) {
    const before = calls.at(-1);
    const enters = action.kind === "key" && action.keys?.length === 1 && action.keys[0] === "enter";
    if (enters && before?.kind === "type" && !before.text?.endsWith("\n")) {
      calls[calls.length - 1] = { ...before, text: `${before.text ?? ""}\n` };
    } else calls.push(action);
  }
  return calls;
}
