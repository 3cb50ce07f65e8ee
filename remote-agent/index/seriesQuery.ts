// Curves at the resolution and over the range asked for.
import { thin } from "../../core/metrics/thin";
import { toWire } from "../../core/model/number";
import type { Series } from "../../core/model/series";
import type { Target } from "./target";

export interface SeriesQuestion {
  /** Keys, canonical names or raw names; [] for every series. */
  names: readonly string[];
  from?: number;
  to?: number;
  points: number;
}

export function readSeries(target: Target, question: SeriesQuestion): Series[] {
  const { names, from = -Infinity, to = Infinity } = question;
  const wanted = target.index
    .series()
    .filter((s) => names.length === 0 || names.includes(s.key) || names.includes(s.name) || names.includes(s.raw));
  return wanted.map(({ key, name, raw, source, alsoIn, axis, columns }) => {
    const { steps, values } = inRange(columns.steps.view(), columns.values.view(), from, to);
    const thinned = thin(steps, values, question.points);
    return {
      key,
      name,
      raw,
      source: source.path,
      ...(alsoIn.length > 0 ? { alsoIn: [...alsoIn] } : {}),
      axis,
      total: steps.length,
      steps: thinned.steps.map(toWire),
      values: thinned.values.map(toWire),
    };
  });
}

function inRange(
  steps: Float64Array,
  values: Float64Array,
  from: number,
  to: number,
): { steps: Float64Array; values: Float64Array } {
  if (from === -Infinity && to === Infinity) return { steps, values };
  // Not by halving: a trainer that resumed writes its steps twice.
  const kept = steps.reduce<number[]>((rows, step, row) => {
    if (step >= from && step <= to) rows.push(row);
    return rows;
  }, []);
  return {
    steps: Float64Array.from(kept, (row) => steps[row] ?? NaN),
    values: Float64Array.from(kept, (row) => values[row] ?? NaN),
  };
}
