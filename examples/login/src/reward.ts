// The verifier: reads the text a policy wrote with the strict parser and pays for what is right in it, in parts.

import { parseOutput } from "./dsl";
import type { ParsedAction } from "./dsl";
import type { Target } from "./episode";

/** Each part is already weighted; they add up to `total`, at most 1. */
export interface Reward {
  readonly total: number;
  /** 0.1 for text that parses as an action. */
  readonly format: number;
  /** 0.2 for the right type of action. */
  readonly type: number;
  /** Up to 0.7 for the right target: inside the element and near its centre, or exactly the right text. */
  readonly target: number;
}

/** A click this close to the centre counts as a hit, in screen widths and heights. The metrics use the same bound. */
export const HIT_DISTANCE = 0.05;

export function rewardOf(text: string, target: Target): Reward {
  const { action } = parseOutput(text);
  const format = action.type === "fail" ? 0 : 0.1;
  const type = action.type === target.type ? 0.2 : 0;
  const hit = type > 0 ? 0.7 * targetScore(action, target) : 0;
  return { total: format + type + hit, format, type, target: hit };
}

/** How well an action of the right type meets its target, in 0 … 1. */
function targetScore(action: ParsedAction, target: Target): number {
  if (target.type === "type") return action.text === target.text ? 1 : 0;
  if (target.type !== "click") return 1;
  const { x, y } = action;
  if (x === null || y === null || target.x === null || target.y === null || !target.bbox) return 0;
  const [xMin, yMin, xMax, yMax] = target.bbox;
  const inside = x >= xMin && x <= xMax && y >= yMin && y <= yMax;
  const near = Math.hypot(x - target.x, y - target.y) < HIT_DISTANCE;
  return (inside ? 0.3 : 0) + (near ? 0.7 : 0);
}
