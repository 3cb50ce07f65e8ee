// OpenAdapt's action DSL (OpenAdapt runtime/policy.py; formats/gui-and-trainers.md 1.6): Thought, State and one Action.
// What counts is what that parser does, quirks included: its order of patterns, its Python regular expressions, its clamping.
import type { Action, ParsedActions } from "../../model/action";
import { isFields, parseJsonLine } from "../../base/json";
import type { ActionDialect } from "../dialect";
import { SPACE, stripped } from "../python";
import { formatOpenadapt } from "./openadaptFormat";
import { actionLabel, allMatches, firstMatch, type Match } from "./openadaptPatterns";

type Span = [number, number];
type Diagnostics = ParsedActions["diagnostics"];

/** A piece of the parsed text with its place there. */
interface Piece {
  text: string;
  start: number;
}

/** Python's `$` also matches before a final newline; IGNORECASE also matches these few letters (sre_compile._EQUIVALENCES). */
const END = "\\n?$";
const THOUGHT = "[Tt][Hh][Oo][Uu][Gg][Hh][Tt]:";
const STATE = "[Ss\u017f][Tt][Aa][Tt][Ee]:";
const ACTION = "[Aa][Cc][Tt][Ii\u0130\u0131][Oo][Nn]:";

const thoughtPattern = new RegExp(`${THOUGHT}${SPACE}*([^]+?)(?=${STATE}|${ACTION}|${END})`, "g");
const statePattern = new RegExp(`${STATE}${SPACE}*\\{`, "g");
const actionPattern = new RegExp(`${ACTION}${SPACE}*([^\\n]+?)(?=\\n|${END})`, "g");
function strip(piece: Piece): Piece {
  const [start, end] = stripped(piece.text);
  return { text: piece.text.slice(start, end), start: piece.start + start };
}

const spanOf = (piece: Piece): Span => [piece.start, piece.start + piece.text.length];

/** Group 1 of every match, stripped, in order. */
function groups(text: string, pattern: RegExp): Piece[] {
  return [...text.matchAll(pattern)].map((match) => {
    const group = match[1] ?? "";
    return strip({ text: group, start: match.index + match[0].length - group.length });
  });
}

/** `State:\s*(\{.*?\})`, last match: up to the first `}`, so that a nested object is cut and no JSON any more. */
function lastState(text: string): Piece | null {
  let last: Piece | null = null;
  statePattern.lastIndex = 0;
  for (let head = statePattern.exec(text); head; head = statePattern.exec(text)) {
    const open = statePattern.lastIndex - 1;
    const close = text.indexOf("}", open);
    if (close < 0) break;
    last = { text: text.slice(open, close + 1), start: open };
    statePattern.lastIndex = close + 1;
  }
  return last;
}

/** JSON cannot hold them, and what is parsed here travels as JSON. */
function withoutNonFinite(value: unknown): unknown {
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (Array.isArray(value)) return value.map(withoutNonFinite);
  if (!isFields(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutNonFinite(inner)]));
}

function readState(text: string, diagnostics: Diagnostics): unknown {
  const piece = lastState(text);
  if (!piece) return null;
  const parsed = parseJsonLine(piece.text);
  if (parsed.ok) return withoutNonFinite(parsed.value);
  diagnostics.push({
    message: "The State is not JSON up to its first }; the trainer ignores it.",
    span: spanOf(piece),
  });
  return null;
}

function parseWhole(text: string): ParsedActions {
  const diagnostics: Diagnostics = [];
  const thought = groups(text, thoughtPattern).at(-1) ?? null;
  const state = readState(text, diagnostics);
  const lines = groups(text, actionPattern);
  const taken = lines.at(-1) ?? strip({ text, start: 0 });
  for (const line of lines.slice(0, -1)) {
    diagnostics.push({ message: "An earlier Action: line was ignored; the last one counts.", span: spanOf(line) });
  }
  const match = firstMatch(taken.text);
  const action = match ? actionOf(match, taken) : failOf(taken);
  if (match) explain(match, taken, diagnostics);
  else diagnostics.push({ message: whyUnparsable(taken.text), span: spanOf(taken) });
  if (thought) explainThought(thought, taken, action, diagnostics);
  return { dialect: openadapt.id, thought: thought?.text ?? null, state, actions: [action], diagnostics };
}

function actionOf(match: Match, within: Piece): Action {
  return { ...match.action, span: [within.start + match.start, within.start + match.end] };
}

const failOf = (within: Piece): Action => ({ kind: "fail", span: spanOf(within) });

function explain(match: Match, within: Piece, diagnostics: Diagnostics): void {
  const at = (m: Match): Span => [within.start + m.start, within.start + m.end];
  if (match.clamped) {
    diagnostics.push({ message: `Coordinates outside 0 to 1 were clamped: ${match.clamped}.`, span: at(match) });
  }
  for (const other of allMatches(within.text)) {
    if (other.start < match.end && match.start < other.end) continue;
    const message = `A second action was ignored: ${actionLabel(other)} loses to ${actionLabel(match)}.`;
    diagnostics.push({ message, span: at(other) });
  }
}

function explainThought(thought: Piece, taken: Piece, action: Action, diagnostics: Diagnostics): void {
  const inside = firstMatch(thought.text);
  if (!inside || !action.span) return;
  const span: Span = [thought.start + inside.start, thought.start + inside.end];
  const isTaken = action.span[0] < span[1] && span[0] < action.span[1];
  if (isTaken && action.kind !== "fail") {
    diagnostics.push({
      message: "The action stands inside the Thought; it counts because there is no Action: line.",
      span,
    });
  } else if (span[1] <= taken.start || span[0] >= taken.start + taken.text.length) {
    diagnostics.push({ message: "The Thought contains an action, which was ignored.", span });
  }
}

function whyUnparsable(text: string): string {
  if (text === "") return "The text is empty.";
  if (/^ACTION\(type=/.test(text))
    return "ACTION(type=...) is what the trainer writes for a type it cannot express; no parser accepts it.";
  if (/(CLICK|TYPE)\([^)]*$/.test(text)) return "The action is cut off before its closing bracket.";
  if (/CLICK\s*\(\s*x\s*=/.test(text))
    return "CLICK takes plain decimals, without an exponent, a sign + or spaces around =.";
  if (/TYPE\(/.test(text))
    return "TYPE's text holds a quote that is not escaped, or its form is none of the trainer's.";
  if (/\b(click|type|wait|done)\s*\(/i.test(text))
    return "Actions are written in capitals, with a known form of arguments.";
  return "There is no action in this text.";
}

function parse(text: string): ParsedActions {
  try {
    return parseWhole(text);
  } catch (error) {
    // Tens of megabytes of white space exhaust the regular expressions' stack.
    const message = `This text is too much for the parser: ${error instanceof Error ? error.message : String(error)}`;
    const action = failOf({ text, start: 0 });
    return { dialect: openadapt.id, thought: null, state: null, actions: [action], diagnostics: [{ message }] };
  }
}

export const openadapt: ActionDialect = {
  id: "openadapt",
  title: "OpenAdapt",
  statesFrame: true,
  detect: (texts) =>
    texts.length === 0 ? 0 : texts.filter((text) => parse(text).actions[0]?.kind !== "fail").length / texts.length,
  parse,
  format([action, ...more]) {
    const text = action && more.length === 0 ? formatOpenadapt(action) : null;
    return text === null ? null : `Action: ${text}`;
  },
};
