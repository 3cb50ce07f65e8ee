// From a series' columns to what a chart draws: sorted points, gaps, smoothing, thinning. Pure; nothing here draws.
import { fromWire } from "../../core/model/number";
import type { AttemptMark } from "../../core/model/runState";
import type { Series } from "../../core/model/series";
import { seriesRank } from "../../core/metrics/names";
import { formatNumber, formatStep } from "./format";
import { plural, t } from "./strings";
import type { Hue } from "./theme";

export interface Point {
  x: number;
  y: number;
}

export interface CurveData {
  /** By step; y may be NaN or infinite. */
  points: Point[];
  smooth: Point[];
  /** Points that have no place on the y axis. */
  odd: Point[];
  min: number;
  max: number;
  last: Point | null;
}

export function curveData(series: Series, smoothing: number): CurveData {
  const points: Point[] = [];
  let sorted = true;
  for (let i = 0; i < series.steps.length; i++) {
    const x = fromWire(series.steps[i] ?? null);
    const y = fromWire(series.values[i] ?? null);
    if (x === null || y === null || !Number.isFinite(x)) continue;
    const before = points[points.length - 1];
    if (before && before.x > x) sorted = false;
    points.push({ x, y });
  }
  // A resumed run writes its steps again; a chart and a cursor need them in order.
  if (!sorted) points.sort((a, b) => a.x - b.x);
  let min = Infinity;
  let max = -Infinity;
  for (const { y } of points) {
    if (!Number.isFinite(y)) continue;
    if (y < min) min = y;
    if (y > max) max = y;
  }
  return {
    points,
    smooth: smoothing > 0 ? smooth(points, smoothing) : [],
    odd: points.filter((p) => !Number.isFinite(p.y)),
    min,
    max,
    last: points[points.length - 1] ?? null,
  };
}

/** Exponential moving average, corrected for its start so that the first points are not dragged to zero. */
export function smooth(points: readonly Point[], weight: number): Point[] {
  let sum = 0;
  let mass = 0;
  return points.map(({ x, y }) => {
    if (!Number.isFinite(y)) return { x, y: Number.NaN };
    sum = weight * sum + (1 - weight) * y;
    mass = weight * mass + (1 - weight);
    return { x, y: sum / mass };
  });
}

/** At most five points per column of pixels (first, lowest, highest, a gap, last), so that no spike is lost. */
export function thin(points: readonly Point[], columns: number): readonly Point[] {
  if (points.length <= columns * 4 || columns < 1) return points;
  const first = points[0]?.x ?? 0;
  const width = ((points[points.length - 1]?.x ?? 0) - first) / columns || 1;
  const kept: Point[] = [];
  let at = 0;
  while (at < points.length) {
    const end = first + (Math.floor(((points[at]?.x ?? 0) - first) / width) + 1) * width;
    let low = -1;
    let high = -1;
    let gap = -1;
    let next = at;
    for (; next < points.length && (next === at || (points[next]?.x ?? 0) < end); next++) {
      const y = points[next]?.y ?? Number.NaN;
      if (!Number.isFinite(y)) gap = next;
      else {
        if (low < 0 || y < (points[low]?.y ?? 0)) low = next;
        if (high < 0 || y > (points[high]?.y ?? 0)) high = next;
      }
    }
    const picks = [...new Set([at, low, high, gap, next - 1])].filter((i) => i >= 0).sort((a, b) => a - b);
    for (const pick of picks) {
      const point = points[pick];
      if (point) kept.push(point);
    }
    at = next;
  }
  return kept;
}

/** Index of the point whose x is nearest, or -1. */
export function nearest(points: readonly Point[], x: number): number {
  let low = 0;
  let high = points.length - 1;
  if (high < 0) return -1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((points[middle]?.x ?? 0) < x) low = middle + 1;
    else high = middle;
  }
  const after = points[low];
  const before = points[low - 1];
  return before && after && x - before.x <= after.x - x ? low - 1 : low;
}

export function sortSeries(all: Iterable<Series>): Series[] {
  return [...all].sort(
    (a, b) => seriesRank(a.name) - seriesRank(b.name) || a.name.localeCompare(b.name) || a.key.localeCompare(b.key),
  );
}

/** A hue per family, so that reward is always the same colour; the name, not the hue, says what a card shows. */
export function hueOf(name: string): Hue {
  if (/^(avg_)?reward/.test(name)) return "green";
  if (/loss/.test(name)) return "orange";
  if (/^kl/.test(name)) return "purple";
  if (/grad_norm|clip/.test(name)) return "yellow";
  return "blue";
}

/** Worth a logarithmic axis: all positive and more than two decades apart. */
export const spansDecades = (data: CurveData): boolean => data.min > 0 && data.max / data.min > 100;

export function oddWords(data: CurveData): string {
  if (data.odd.length === 0) return "";
  const nan = data.odd.filter((p) => Number.isNaN(p.y)).length;
  const infinite = data.odd.length - nan;
  const words = [
    nan > 0 ? plural(nan, "{0} NaN", "{0} NaN") : "",
    infinite > 0 ? plural(infinite, "{0} infinite", "{0} infinite") : "",
  ].filter(Boolean);
  const first = data.odd[0];
  return first ? t("{0}, first at {1}", words.join(", "), formatStep(first.x)) : "";
}

export const marksWords = (marks: readonly AttemptMark[], axis: string): string[] =>
  marks.map(({ attempt, step }) => t("attempt {0} from {1} {2}", attempt, axis, formatStep(step)));

export const pointWords = ({ axis, name }: Series, point: Point): string =>
  t("{0} {1}, {2} {3}", axis, formatStep(point.x), name, formatNumber(point.y));

export function summarise(series: Series, data: CurveData): string {
  if (!data.last) return t("{0}: no points yet", series.name);
  const range = t("{0} from {1} to {2}", series.axis, formatStep(data.points[0]?.x ?? 0), formatStep(data.last.x));
  const values = Number.isFinite(data.min)
    ? t("lowest {0}, highest {1}", formatNumber(data.min), formatNumber(data.max))
    : t("no finite value");
  const odd = oddWords(data);
  return [t("Curve of {0}, {1}", series.name, range), values, t("last {0}", formatNumber(data.last.y)), odd]
    .filter(Boolean)
    .join("; ");
}
