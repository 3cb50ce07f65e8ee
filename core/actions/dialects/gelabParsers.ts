// The five readings of one GE-Lab answer, as its five programs do it (formats/gui-and-trainers.md 2.5). The first is followed;
// the others are here so that it can be said where they see something else.
import type { Span } from "../outcome";
import { SPACE } from "../python";

export interface Point {
  x: number;
  y: number;
  span: Span;
}

export type Reading = { kind: "complete"; span: Span } | ({ kind: "click" } & Point) | { kind: "unknown" };

const complete = /action: ?complete/iu;
const clickCall = new RegExp(`click${SPACE}*\\(${SPACE}*(\\d+)${SPACE}*,${SPACE}*(\\d+)${SPACE}*\\)`, "iu");
const boxedPair = new RegExp(
  `<\\|box_start\\|>${SPACE}*\\(${SPACE}*(\\d+)${SPACE}*,${SPACE}*(\\d+)${SPACE}*\\)${SPACE}*<\\|box_end\\|>`,
);
const anyPair = new RegExp(`\\((\\d+)${SPACE}*,${SPACE}*(\\d+)\\)`);
const tightPair = /\((\d+),(\d+)\)/;
const rewardPair = new RegExp(`\\((\\d+),${SPACE}*(\\d+)\\)`);
const rewardAction = new RegExp(`\\tAction:${SPACE}*([\\p{L}\\p{N}_]+)`, "u");
const onPage = new RegExp(`on${SPACE}+(?:[A-Za-z0-9]+_){0,8}page_\\d+`);

function pairIn(text: string, pattern: RegExp): Point | null {
  const match = pattern.exec(text);
  if (!match) return null;
  return { x: Number(match[1]), y: Number(match[2]), span: [match.index, match.index + match[0].length] };
}

/** interactive_eval.parse_model_output, its patterns in its order. */
export function interactive(text: string): Reading {
  const done = complete.exec(text);
  if (done) return { kind: "complete", span: [done.index, done.index + done[0].length] };
  const point = pairIn(text, clickCall) ?? pairIn(text, anyPair) ?? pairIn(text, boxedPair);
  return point ? { kind: "click", ...point } : { kind: "unknown" };
}

/** `click\s+(.*?)\s+icon`, whose lazy group stays in its line; in linear time. */
export function iconIn(text: string): string | null {
  const head = /click\s+/g;
  let icon = 0;
  let newline = -1;
  for (let match = head.exec(text); match; match = head.exec(text)) {
    const begin = head.lastIndex;
    if (icon >= 0 && icon <= begin) icon = text.indexOf("icon", begin + 1);
    while (icon >= 0 && !/\s/.test(text.charAt(icon - 1))) icon = text.indexOf("icon", icon + 1);
    if (newline < begin) newline = text.indexOf("\n", begin);
    if (newline < 0) newline = text.length;
    const name = icon < 0 ? null : text.slice(begin, icon).trim();
    if (name !== null && newline >= begin + name.length) return name;
    // Last of all it gives back one of several spaces, and names nothing.
    if (match[0].length > 6 && text.startsWith("icon", begin)) return "";
  }
  return null;
}

function behindThinking(text: string): string {
  const close = text.lastIndexOf("</think>");
  return close < 0 ? text : text.slice(close + 8);
}

/** What the format reward wants from the first to the last character, checked without its nested lazy groups. */
function rewardedFormat(text: string): boolean {
  let rest = text;
  if (rest.startsWith("<think>")) {
    const close = rest.indexOf("</think>");
    if (close >= 0) rest = rest.slice(close + 8).trimStart();
  }
  if (!/^[Ee]xplain:/.test(rest)) return false;
  const tail = rest.lastIndexOf("\tAction:");
  if (tail < 0 || rest.slice(0, tail).includes("\n")) return false;
  return /^\tAction:\s*(?:complete|click\(start_box='<\|box_start\|>\(\d+,\s*\d+\)<\|box_end\|>'\))$/.test(
    rest.slice(tail),
  );
}

const same = (point: Point, other: { x: number; y: number }): boolean => point.x === other.x && point.y === other.y;
const words = ({ x, y }: Point): string => `(${String(x)}, ${String(y)})`;

/** Where the other four differ from what counts, one sentence each. */
export function differences(text: string, taken: Reading): string[] {
  const said: string[] = [];
  const scored = behindThinking(text);
  const compare = (who: string, point: Point | null, rule: string): void => {
    if (taken.kind !== "click") {
      if (point && !(taken.kind === "complete" && scored.includes("complete")))
        said.push(`${who} differs: it reads the point ${words(point)}.`);
    } else if (!point) said.push(`${who} differs: it reads no point, ${rule}.`);
    else if (!same(point, taken)) said.push(`${who} differs: it reads the point ${words(point)}.`);
  };
  if (taken.kind === "complete" && !scored.includes("complete"))
    said.push("The scorer (calculate_score_refine) differs: it sees no complete behind </think>.");
  if (taken.kind === "click" && scored.includes("complete"))
    said.push(
      "The scorer (calculate_score_refine) differs: where complete is right, the word anywhere in the text earns it.",
    );
  if (taken.kind === "click" && iconIn(scored) === null)
    said.push("The scorer (calculate_score_refine) differs: without `click NAME icon` it gives 0.");
  compare(
    "The scorer (calculate_score_refine)",
    pairIn(scored, tightPair),
    "which must be written (x,y) without a space",
  );
  if (taken.kind === "unknown") return said;

  const action = rewardAction.exec(text)?.[1];
  const wanted = taken.kind === "click" ? "click" : "complete";
  if (action === undefined)
    said.push("The rewards (orm.py) differ: they see no action, which must follow a tab as `Action:`.");
  else if (action !== wanted) said.push(`The rewards (orm.py) differ: they read the action ${action}.`);
  compare("A reward on the point (orm.py)", pairIn(text, rewardPair), "which takes no space before the comma");
  if (!rewardedFormat(text)) said.push("The format reward differs: it gives 0 to this shape.");
  if (taken.kind === "click" && (iconIn(text) === null || !onPage.test(text)))
    said.push("The multi-turn environment differs: it finds no claim `click NAME icon on page_N`.");
  return said;
}
