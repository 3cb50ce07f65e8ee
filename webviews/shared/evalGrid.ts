// Eval tables turned into a grid of metrics by what was evaluated, with the best of each row found. Pure.
import { unlikeAmong } from "../../core/metrics/alike";
import type { EvalMetric, EvalTable, Recomputed } from "../../core/model/evaluation";
import { fromWire } from "../../core/model/number";

export interface EvalCell {
  metric: EvalMetric | null;
  best: boolean;
  /** Best, but its interval overlaps that of another column, or is not known: the difference may be chance. */
  close: boolean;
}

export interface EvalRow {
  name: string;
  better: EvalMetric["better"];
  cells: EvalCell[];
  /** Why its numbers are not of the same cases, in a sentence; nobody is best among numbers of other sets. */
  unlike: string | null;
}

const order = ["base", "sft", "grpo"];
const rank = (label: string): number => {
  const at = order.indexOf(label.toLowerCase());
  return at < 0 ? order.length : at;
};

export function evalColumns(tables: readonly EvalTable[]): EvalTable[] {
  return [...tables].sort((a, b) => rank(a.label) - rank(b.label));
}

export function evalRows(columns: readonly EvalTable[]): EvalRow[] {
  const names = [...new Set(columns.flatMap((c) => c.metrics.map((m) => m.name)))];
  return names.map((name) => {
    const metrics = columns.map((c) => c.metrics.find((m) => m.name === name) ?? null);
    const better = metrics.find((m) => m !== null && m.better !== "unknown")?.better ?? "unknown";
    const unlike = unlikeAmong(columns, name);
    const best = unlike?.sets ? [] : bestOf(metrics, better);
    return {
      name,
      better,
      unlike: unlike?.message ?? null,
      cells: metrics.map((metric) => ({
        metric,
        best: metric !== null && best.includes(metric),
        close:
          metric !== null &&
          best.includes(metric) &&
          metrics.some((m) => m !== null && !best.includes(m) && overlap(m, metric)),
      })),
    };
  });
}

/** What the rows say to a recorded number: the rule that gives it too, else the first one's other number. */
export function fromRows({ recomputed = [] }: EvalMetric): Recomputed | null {
  return recomputed.find(({ difference }) => difference === null) ?? recomputed[0] ?? null;
}

/** Null and NaN lose against every number, as a metric that could not be computed is not a good one. All equal: nobody is best. */
function bestOf(metrics: readonly (EvalMetric | null)[], better: EvalMetric["better"]): EvalMetric[] {
  if (better === "unknown" || metrics.filter(Boolean).length < 2) return [];
  const score = (m: EvalMetric): number => {
    const value = fromWire(m.value);
    return value === null || Number.isNaN(value) ? -Infinity : better === "higher" ? value : -value;
  };
  const present = metrics.filter((m): m is EvalMetric => m !== null);
  const top = Math.max(...present.map(score));
  const winners = present.filter((m) => score(m) === top);
  return top === -Infinity || winners.length === present.length ? [] : winners;
}

function overlap(a: EvalMetric, b: EvalMetric): boolean {
  const [aLow, aHigh, bLow, bHigh] = [a.low, a.high, b.low, b.high].map(fromWire);
  const known = (v: number | null | undefined): v is number => v !== null && v !== undefined;
  // Without both intervals nothing says that the difference is more than chance.
  if (!known(aLow) || !known(aHigh) || !known(bLow) || !known(bHigh)) return true;
  return aLow <= bHigh && bLow <= aHigh;
}
