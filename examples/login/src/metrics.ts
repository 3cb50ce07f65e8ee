// The benchmark's numbers, computed from per-step predictions exactly as its own evaluator does, oddities included.

import type { ParsedAction } from "./dsl";
import { HIT_DISTANCE } from "./reward";

/** One evaluated step: what was predicted and what was right. */
export interface EvaluatedStep {
  readonly predicted: ParsedAction;
  /** The `State:` object of the output, where it had one. */
  readonly state: Readonly<Record<string, unknown>> | null;
  readonly expected: {
    readonly type: string;
    readonly x: number | null;
    readonly y: number | null;
    readonly elementIndex?: number | null;
    readonly bbox: readonly [number, number, number, number] | null;
  };
}

/** A rate is null where nothing was there to count. The order of the keys is that of the eval file. */
export interface EvalMetrics {
  num_episodes: number;
  num_steps: number;
  action_type_accuracy: number;
  mean_coord_error: number | null;
  coord_error_count: number;
  episode_success_rate: number | null;
  click_hit_rate: number | null;
  bbox_hit_rate: number | null;
  mean_episode_progress: number | null;
  mean_episode_step_score: number | null;
  weak_episode_success_rate: number | null;
  state_success_rate: number | null;
  element_accuracy: number | null;
  /** Not in the original's file: what `bbox_hit_rate` rests on. A rate without its n says little. */
  bbox_total: number;
}

/** The original script has six steps; with the wait of the seven-step one in front, all milestones move by one. */
const MILESTONE_SCRIPT_STEPS = 6;
const MILESTONES = [
  { step: 1, type: "type" },
  { step: 3, type: "type" },
  { step: 4, type: "click" },
  { step: 5, type: "done" },
] as const;
const MILESTONE_CLICK_DISTANCE = 0.1;

export function computeMetrics(episodes: readonly (readonly EvaluatedStep[])[]): EvalMetrics {
  const coordErrors: number[] = [];
  const clickHits: boolean[] = [];
  const bboxHits: boolean[] = [];
  const elementHits: boolean[] = [];
  const typeMatches: boolean[] = [];
  const progress: number[] = [];
  const stepScores: number[] = [];
  const successes: boolean[] = [];
  const weakSuccesses: boolean[] = [];
  const stateSuccesses: boolean[] = [];
  for (const steps of episodes) {
    const matches = steps.map((step) => step.predicted.type === step.expected.type);
    let full = 0;
    steps.forEach((step, i) => {
      const error = coordError(step);
      if (error !== null) {
        coordErrors.push(error);
        clickHits.push(error < HIT_DISTANCE);
      }
      const inBox = bboxHit(step);
      if (inBox !== null) bboxHits.push(inBox);
      const element = elementHit(step);
      if (element !== null) elementHits.push(element);
      const onTarget = element ?? (wantsClick(step) ? error !== null && error < HIT_DISTANCE : true);
      if (matches[i] && onTarget) full += 1;
    });
    typeMatches.push(...matches);
    progress.push(fraction(matches) ?? 0);
    stepScores.push(steps.length > 0 ? full / steps.length : 0);
    // Success asks for the right types only; where a click landed does not count.
    successes.push(matches.every(Boolean));
    weakSuccesses.push(weakSuccess(steps));
    const state = steps.findLast((step) => typeof step.state?.["success"] === "boolean")?.state;
    if (state) stateSuccesses.push(state["success"] === true);
  }
  return {
    num_episodes: episodes.length,
    num_steps: typeMatches.length,
    action_type_accuracy: fraction(typeMatches) ?? 0,
    mean_coord_error: mean(coordErrors),
    coord_error_count: coordErrors.length,
    episode_success_rate: fraction(successes),
    click_hit_rate: fraction(clickHits),
    bbox_hit_rate: fraction(bboxHits),
    mean_episode_progress: mean(progress),
    mean_episode_step_score: mean(stepScores),
    weak_episode_success_rate: fraction(weakSuccesses),
    state_success_rate: fraction(stateSuccesses),
    element_accuracy: fraction(elementHits),
    bbox_total: bboxHits.length,
  };
}

/** Distance in 0 … 1 coordinates, wherever a click was due and the output has coordinates, whatever its type. */
export function coordError({ predicted, expected }: EvaluatedStep): number | null {
  if (expected.type !== "click" && expected.type !== "drag") return null;
  if (predicted.x === null || predicted.y === null || expected.x === null || expected.y === null) return null;
  return Math.hypot(predicted.x - expected.x, predicted.y - expected.y);
}

function wantsClick({ expected }: EvaluatedStep): boolean {
  return expected.type === "click" || expected.type === "drag";
}

function bboxHit(step: EvaluatedStep): boolean | null {
  const { bbox } = step.expected;
  if (!wantsClick(step) || !bbox) return null;
  const { x, y } = step.predicted;
  if (x === null || y === null) return false;
  return x >= bbox[0] && x <= bbox[2] && y >= bbox[1] && y <= bbox[3];
}

function elementHit(step: EvaluatedStep): boolean | null {
  const wanted = step.expected.elementIndex ?? null;
  if (wanted === null || (!wantsClick(step) && step.expected.type !== "type")) return null;
  return step.predicted.elementIndex === wanted;
}

function weakSuccess(steps: readonly EvaluatedStep[]): boolean {
  const shift = Math.max(0, steps.length - MILESTONE_SCRIPT_STEPS);
  return MILESTONES.every((milestone) => {
    const step = steps[milestone.step + shift];
    if (step?.expected.type !== milestone.type || step.predicted.type !== milestone.type) return false;
    if (milestone.type !== "click") return true;
    const error = coordError(step);
    return error !== null && error < MILESTONE_CLICK_DISTANCE;
  });
}

export function mean(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

function fraction(flags: readonly boolean[]): number | null {
  return mean(flags.map(Number));
}
