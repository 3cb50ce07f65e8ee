// GE-Lab's answers: an explanation, then a click into a box or `complete` (formats/gui-and-trainers.md 2.5). What its interactive
// evaluation reads is the action; a diagnostic says where its four other parsers see something else.
import type { Action } from "../../model/action";
import type { ActionDialect } from "../dialect";
import { frameOf } from "../frames";
import { parser, share, type Outcome, type ParseHints, type Span } from "../outcome";
import { strip } from "../python";
import { differences, iconIn, interactive } from "./gelabParsers";

/** The call around the pair, so that the span shows the whole action. */
function around(text: string, [start, end]: Span): Span {
  const before = /(?:click\(start_box=['"]?|CLICK\s?point:\s?)?(?:<\|box_start\|>)?$/i.exec(
    text.slice(Math.max(0, start - 40), start),
  );
  const after = /^(?:<\|box_end\|>)?(?:['"]?\))?/.exec(text.slice(end, end + 20));
  const opened = before?.[0].toLowerCase().startsWith("click(") === true;
  const box = /^(?:<\|box_end\|>)?/.exec(after?.[0] ?? "")?.[0] ?? "";
  return [start - (before?.[0].length ?? 0), end + (opened ? (after?.[0] ?? "") : box).length];
}

function thoughtIn(text: string): string | null {
  const open = text.indexOf("<think>");
  const close = text.lastIndexOf("</think>");
  if (close >= 0) return strip(text.slice(open >= 0 && open < close ? open + 7 : 0, close)) || null;
  const explain = /explain:/i.exec(text);
  if (!explain) return null;
  const begin = explain.index + explain[0].length;
  const action = text.slice(begin).search(/\s?action:/i);
  return strip(text.slice(begin, action < 0 ? text.length : begin + action)) || null;
}

function whyUnknown(text: string): string {
  if (strip(text) === "") return "The text is empty.";
  if (/\(\s{0,9}-?\d+(\.\d+)?\s{0,9},\s{0,9}-?\d+(\.\d+)?\s{0,9}\)/.test(text))
    return "The evaluation reads whole numbers without a sign only: it ends the episode as unknown.";
  if (/\(\s{0,9}\d+\s{0,9},?\s{0,9}\d*\s{0,9}$/.test(text))
    return "The point is cut off: the evaluation ends the episode as unknown.";
  return "There is no `Action: complete` and no (x,y): the evaluation ends the episode as unknown.";
}

/** Prompts promise thousandths everywhere, so only a number above 1000 gives the canvas (1179 x 2556) away. */
const frames = { small: "n1000", large: "canvas" } as const;

function read(text: string, out: Outcome, hints: ParseHints): void {
  out.thought = thoughtIn(text);
  const taken = interactive(text);
  if (taken.kind === "unknown") out.say(whyUnknown(text), [0, text.length]);
  const span = taken.kind === "unknown" ? undefined : taken.kind === "click" ? around(text, taken.span) : taken.span;
  if (taken.kind === "complete" && span) out.add({ kind: "done" }, span);
  if (taken.kind === "click" && span) {
    const { x, y } = taken;
    const icon = iconIn(text);
    const frame = frameOf([x, y], hints, frames);
    out.add({ kind: "click", x, y, frame, ...(icon ? { element: icon } : {}) }, span);
  }
  for (const difference of differences(text, taken)) out.say(difference, span);
}

const parse = parser("gelab", read);

/** UI-TARS writes the same calls; these marks are GE-Lab's alone. */
const mark = /explain:|click\tpoint:|\taction:|^\s*action: ?complete/i;

function formatOne(action: Action): string | null {
  if (action.kind === "done") return "Explain: this is target page.\tAction: complete";
  const { kind, x, y, element } = action;
  if (kind !== "click" || x === undefined || y === undefined || action.frame === "unit") return null;
  const [left, top] = [Math.round(x), Math.round(y)];
  if (left < 0 || top < 0) return null;
  const claim = element === undefined ? "click" : `click ${element} icon`;
  return `Explain:${claim}.\tAction: click(start_box='<|box_start|>(${String(left)},${String(top)})<|box_end|>')`;
}

export const gelab: ActionDialect = {
  id: "gelab",
  title: "GE-Lab",
  canvas: { width: 1179, height: 2556 },
  detect: (texts) => share(texts, (text) => mark.test(text) && parse(text).actions.length > 0),
  parse,
  format: ([action, ...more]) => (action && more.length === 0 ? formatOne(action) : null),
};
