// OpenAdapt's evals/trajectory_matching.py (formats/gui-and-trainers.md 1.11) with its verdicts as they are: the typed text is never
// compared, success asks for no click to hit, and clicks that were not parsed leave the hit rate's denominator.
import { parseJsonLine, isFields } from "../base/json";

export interface OpenadaptAction {
  type: string;
  x: number | null;
  y: number | null;
  element: string | null;
}

export interface OpenadaptStep {
  episode: string;
  /** 0-based, within the episode. */
  index: number;
  truth: OpenadaptAction;
  predicted: OpenadaptAction;
  /** What the model wrote, for its State; null in logs of the first version. */
  text: string | null;
  /** `[x0, y0, x1, y1]` in unit coordinates, of what should have been clicked; null where no recorded episode tells. */
  box: readonly number[] | null;
}

/** A click hits strictly below this distance in unit coordinates. */
const HIT = 0.05;
/** The login button is found a little further off, for weak success. */
const NEAR = 0.1;

/** What weak success needs: these types at these steps, whatever the scenario. */
const milestones: readonly { index: number; type: string; near?: number }[] = [
  { index: 1, type: "type" },
  { index: 3, type: "type" },
  { index: 4, type: "click", near: NEAR },
  { index: 5, type: "done" },
];

const points = new Set(["click", "drag"]);
const targets = new Set(["click", "drag", "type"]);

export interface EpisodeScore {
  steps: number;
  matches: number;
  /** In unit coordinates, of every step where both points are known; a wrong type with a point counts. */
  errors: number[];
  hits: number;
  boxes: number;
  boxHits: number;
  elements: number;
  elementHits: number;
  /** Steps of the right type that hit where there is something to hit. */
  full: number;
  success: boolean;
  weak: boolean;
  /** What the last State said, where one did. */
  state: boolean | null;
}

/** `marks`: elements are named by their mark instead of by a point; then no distance is taken and weak success is out of reach. */
export function scoreEpisode(steps: readonly OpenadaptStep[], marks: boolean): EpisodeScore {
  const score: EpisodeScore = {
    ...{ steps: steps.length, matches: 0, errors: [], hits: 0, boxes: 0, boxHits: 0, elements: 0, elementHits: 0 },
    ...{ full: 0, success: true, weak: false, state: null },
  };
  const reached = new Set<number>();
  for (const step of steps) {
    const { truth, predicted } = step;
    const match = predicted.type === truth.type;
    if (match) score.matches++;
    else score.success = false;
    score.state = stateOf(step.text) ?? score.state;
    const hit = marks && targets.has(truth.type) ? markHit(step, score) : pointHit(step, score);
    if (match && hit.right) score.full++;
    milestones.forEach(({ index, type, near }, at) => {
      if (step.index !== index || truth.type !== type || predicted.type !== type) return;
      if (near === undefined || (hit.error !== null && hit.error < near)) reached.add(at);
    });
  }
  score.weak = reached.size === milestones.length;
  return score;
}

interface Hit {
  /** Whether there is nothing to hit, or it was hit. */
  right: boolean;
  error: number | null;
}

function markHit({ truth, predicted }: OpenadaptStep, score: EpisodeScore): Hit {
  if (truth.element === null) return { right: false, error: null };
  score.elements++;
  const right = predicted.element === truth.element;
  if (right) score.elementHits++;
  return { right, error: null };
}

function pointHit({ truth, predicted, box }: OpenadaptStep, score: EpisodeScore): Hit {
  if (!points.has(truth.type)) return { right: true, error: null };
  const error = distance(predicted, truth);
  if (error !== null) score.errors.push(error);
  const right = error !== null && error < HIT;
  if (right) score.hits++;
  if (box) {
    score.boxes++;
    if (isInside(predicted, box)) score.boxHits++;
  }
  return { right, error };
}

function distance(a: OpenadaptAction, b: OpenadaptAction): number | null {
  if (a.x === null || a.y === null || b.x === null || b.y === null) return null;
  const [dx, dy] = [a.x - b.x, a.y - b.y];
  return Math.sqrt(dx * dx + dy * dy);
}

/** Edges included; no point is a miss. */
function isInside({ x, y }: OpenadaptAction, box: readonly number[]): boolean {
  const [x0 = NaN, y0 = NaN, x1 = NaN, y1 = NaN] = box;
  return x !== null && y !== null && x >= x0 && x <= x1 && y >= y0 && y <= y1;
}

/** The boolean `success` of the text's last `State: {...}`, which ends at its first brace; null where there is none. */
export function stateOf(text: string | null): boolean | null {
  const start = /State:\s*\{/gi;
  let last: string | null = null;
  for (let found = start.exec(text ?? ""); text !== null && found; found = start.exec(text)) {
    const end = text.indexOf("}", start.lastIndex);
    if (end < 0) break;
    last = text.slice(start.lastIndex - 1, end + 1);
    start.lastIndex = end + 1;
  }
  const parsed = last === null ? null : parseJsonLine(last);
  return parsed?.ok && isFields(parsed.value) && typeof parsed.value.success === "boolean"
    ? parsed.value.success
    : null;
}
