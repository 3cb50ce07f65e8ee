// A stretch of steps that charts show instead of all, and what hands do to it. Pure.
import type { Point } from "./curveData";
import { nearest } from "./curveData";

export interface Range {
  from: number;
  to: number;
}

/** Closer than this nobody sees more. */
const CLOSEST = 1e-5;

/** `factor` below 1 is closer. Null: everything is shown again. */
export function zoomed(range: Range, whole: Range, at: number, factor: number): Range | null {
  const width = Math.max((range.to - range.from) * factor, (whole.to - whole.from) * CLOSEST);
  if (!(width < whole.to - whole.from)) return null;
  const share = (at - range.from) / (range.to - range.from);
  return inside({ from: at - share * width, to: at + (1 - share) * width }, whole);
}

/** By a share of its width. */
export function panned(range: Range, whole: Range, share: number): Range {
  const by = (range.to - range.from) * share;
  return inside({ from: range.from + by, to: range.to + by }, whole);
}

/** As wide, pushed back to where there are points. */
function inside({ from, to }: Range, whole: Range): Range {
  const back = Math.max(0, whole.from - from) - Math.max(0, to - whole.to);
  return { from: from + back, to: to + back };
}

export const widthOf = ({ from, to }: Range): number => to - from;

export const covers = (outer: Range, inner: Range): boolean => outer.from <= inner.from && outer.to >= inner.to;

/** With the neighbour on either side, so that the line goes on to the edge. */
export function within(points: readonly Point[], range: Range | null): readonly Point[] {
  if (!range || points.length === 0) return points;
  return points.slice(Math.max(0, nearest(points, range.from) - 1), nearest(points, range.to) + 2);
}

/** Both ends for people: steps are whole but where a few of them fill a chart. */
export function endsOf(range: Range): [number, number] {
  const said = (step: number): number => (widthOf(range) > 10 ? Math.round(step) : step);
  return [said(range.from), said(range.to)];
}

/** Null where there is no stretch to choose. */
export function wholeOf(points: readonly Point[]): Range | null {
  const whole = { from: points[0]?.x ?? 0, to: points.at(-1)?.x ?? 0 };
  return whole.to > whole.from ? whole : null;
}
