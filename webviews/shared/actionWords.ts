// A parsed action as a few words, and as a place on a screenshot.
import type { Action } from "../../core/model/action";
import { formatNumber } from "./format";
import { t } from "./strings";

export interface Spot {
  x: number;
  y: number;
}

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

/** Where an action points, in units of the picture (0 to 1); null where it points nowhere or in an unknown frame. */
export function spotOf(action: Action, size: { width: number; height: number }): Spot | null {
  return action.x === undefined || action.y === undefined
    ? null
    : toUnit({ x: action.x, y: action.y }, action.frame, size);
}

export function endOf(action: Action, size: { width: number; height: number }): Spot | null {
  return action.to ? toUnit(action.to, action.frame, size) : null;
}

function toUnit(point: Spot, frame: Action["frame"], size: { width: number; height: number }): Spot | null {
  switch (frame) {
    case undefined:
    case "unit":
      return point;
    case "n1000":
      return { x: point.x / 1000, y: point.y / 1000 };
    case "px":
      return size.width > 0 && size.height > 0 ? { x: point.x / size.width, y: point.y / size.height } : null;
    case "canvas":
    case "model_px":
      // The model saw a resized picture whose size is not on record here: a mark would be a guess.
      return null;
  }
}

export const isPositional = (action: Action): boolean => action.x !== undefined && action.y !== undefined;
