// Evaluations leave a file a checkpoint, each with one point. Here the points of files that differ only in their step become one curve.
import { SeriesColumns } from "./columns";
import type { IndexedSeries } from "./mergedSeries";

const STEP = /(step|checkpoint)([_-]?)\d+/gi;
/** `2026-01-02T10-00-00.123456` of the harness and `20260102-100000` of scripts: when an evaluation ran tells no curve from another. */
const TIME = /\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d(\.\d+)?|\d{8}[-_]\d{6}/g;

/**
 * A path without its steps: the same for all files of one curve. Times are left out behind the first step and in the file's own name
 * alone, because a run's folder may be told from its twin's by nothing else.
 */
export function curvePath(path: string): string {
  const first = path.search(STEP);
  const name = path.lastIndexOf("/") + 1;
  const from = first < 0 ? name : Math.min(first, name);
  return path.slice(0, from) + path.slice(from).replace(TIME, "*").replace(STEP, "$1$2*");
}

const isPoint = ({ name, axis, columns }: IndexedSeries): boolean =>
  name.startsWith("eval/") && axis === "step" && columns.steps.length === 1 && Number.isFinite(columns.steps.last);

/** The same series, with single points of evaluations joined where there are several of one curve; others as they are. */
export function joinEvalPoints(all: readonly IndexedSeries[]): IndexedSeries[] {
  const curves = new Map<string, IndexedSeries[]>();
  const keyOf = (one: IndexedSeries): string => `${curvePath(one.source.path)}#${one.raw}`;
  for (const one of all.filter(isPoint)) curves.set(keyOf(one), [...(curves.get(keyOf(one)) ?? []), one]);
  return all.flatMap((one) => {
    const points = isPoint(one) ? (curves.get(keyOf(one)) ?? []) : [];
    if (points.length < 2) return one;
    return points[0] === one ? curveOf(keyOf(one), points) : [];
  });
}

function curveOf(key: string, points: readonly IndexedSeries[]): IndexedSeries[] {
  const sorted = [...points].sort((a, b) => a.columns.steps.last - b.columns.steps.last);
  const columns = new SeriesColumns();
  for (const point of sorted) {
    columns.steps.push(point.columns.steps.last);
    columns.values.push(point.columns.values.last);
  }
  const [first, ...others] = sorted;
  if (!first) return [];
  // A checkpoint may be evaluated after a later one: whoever holds the curve then starts again.
  const generation = points.map((point) => point.generation).join(" ");
  const alsoIn = [...new Set(others.flatMap((point) => [point.source.path, ...point.alsoIn]))];
  return [{ ...first, key, columns, generation, alsoIn }];
}
