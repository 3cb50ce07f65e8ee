// One line of an evaluation table: a rate with its interval, or a mean without one. Shared by the readers of evaluations and by scorers.
import { wilson } from "./intervals";
import type { EvalMetric } from "../model/evaluation";
import { toWire } from "../model/number";

/** `value` is a fraction of `n`; a rate without n has no interval. */
export function rate(name: string, value: number | null, n: number | null): EvalMetric {
  const interval = value !== null && n !== null ? wilson(value, n) : null;
  return { name, value: toWire(value), n, low: interval?.low ?? null, high: interval?.high ?? null, better: "higher" };
}

export function measure(
  name: string,
  value: number | null,
  n: number | null = null,
  better: EvalMetric["better"] = "unknown",
): EvalMetric {
  return { name, value: toWire(value), n, low: null, high: null, better };
}
