// A parsed action as a few words, and as a place on a screenshot.
import type { Action } from "../../core/model/action";
import { fractionOf, type FrameSizes, type Point } from "../../core/model/frame";
import { formatNumber } from "./format";
import { t } from "./strings";

export type Spot = Point;

/** "click (0.42, 0.31)", `type "user0"`, "scroll down 3" */
export function actionWords(action: Action): string {
  const parts: string[] = [action.kind === "other" && action.name ? action.name : action.kind.replace(/_/g, " ")];
  if (action.element !== undefined) parts.push(t("[{0}]", action.element));
  if (action.x !== undefined && action.y !== undefined) parts.push(pointWords(action.x, action.y));
  if (action.to) parts.push(`→ ${pointWords(action.to.x, action.to.y)}`);
  if (action.text !== undefined) parts.push(`“${short(action.text)}”`);
  if (action.field !== undefined) parts.push(t("in {0}", short(action.field)));
  if (action.url !== undefined) parts.push(short(action.url));
  if (action.keys) parts.push(action.keys.join(" + "));
  if (action.direction !== undefined) parts.push(action.direction);
  if (action.amount !== undefined) parts.push(formatNumber(action.amount));
  if (action.seconds !== undefined) parts.push(t("{0} s", formatNumber(action.seconds)));
  if (action.ok !== undefined) parts.push(action.ok ? t("success") : t("failure"));
  return parts.join(" ");
}

const pointWords = (x: number, y: number): string => `(${formatNumber(x)}, ${formatNumber(y)})`;
const short = (text: string): string => (text.length > 80 ? `${text.slice(0, 80)}…` : text);

/** Where an action points, as fractions of the picture; null where it points nowhere or into a frame of unknown size. */
export function spotOf(action: Action, sizes: FrameSizes): Spot | null {
  return action.x === undefined || action.y === undefined
    ? null
    : fractionOf({ x: action.x, y: action.y }, action.frame, sizes);
}

export const endOf = (action: Action, sizes: FrameSizes): Spot | null =>
  action.to ? fractionOf(action.to, action.frame, sizes) : null;

const ways: Readonly<Record<string, Spot>> = {
  up: { x: 0, y: -1 },
  down: { x: 0, y: 1 },
  left: { x: -1, y: 0 },
  right: { x: 1, y: 0 },
};

/** One step to where a scroll or a swipe without an end goes; null for other words. */
export const wayOf = ({ direction }: Action): Spot | null => ways[direction?.toLowerCase() ?? ""] ?? null;

/** Whether there is something of it to draw on a screenshot. */
export const isPositional = (action: Action): boolean =>
  (action.x !== undefined && action.y !== undefined) || action.to !== undefined || wayOf(action) !== null;

/** In which fields, but for coordinates (a verdict judges those), an action is another than the expected one. */
export function differing(expected: Action, action: Action): string[] {
  if (action.kind !== expected.kind) return ["kind"];
  const fields = ["text", "field", "element", "url", "direction", "amount", "name"] as const;
  const found: string[] = fields.filter((field) => expected[field] !== undefined && action[field] !== expected[field]);
  if (expected.keys && expected.keys.join("+").toLowerCase() !== action.keys?.join("+").toLowerCase())
    found.push("keys");
  return found;
}
