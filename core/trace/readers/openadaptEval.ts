// OpenAdapt's eval JSON (scripts/eval_policy.py; formats/gui-and-trainers.md 1.5, definitions 1.11), legacy files included.
import { wilson } from "../../metrics/intervals";
import type { EvalMetric } from "../../model/evaluation";
import { toWire } from "../../model/number";
import { isFields, numberOf, textOf, type Fields } from "../../base/json";
import { headValue, parseDocument } from "../document";
import { labelOfPath, stemOf } from "../label";
import type { DocumentReader, RecordSink, SourceSample } from "../reader";

/**
 * Per metric: whether it is a rate (k of n), where its n stands in the file, and which way is better (evals/trajectory_matching.py).
 * `coord_error_count` counts the steps where both points were known; click hits are judged on those, while bbox hits, elements and
 * states have denominators that the file does not tell (read if a writer adds them).
 */
const definitions: Readonly<Record<string, { rate: boolean; n: string; better: "higher" | "lower" }>> = {
  action_type_accuracy: { rate: true, n: "num_steps", better: "higher" },
  mean_coord_error: { rate: false, n: "coord_error_count", better: "lower" },
  click_hit_rate: { rate: true, n: "coord_error_count", better: "higher" },
  bbox_hit_rate: { rate: true, n: "bbox_total", better: "higher" },
  element_accuracy: { rate: true, n: "element_total", better: "higher" },
  episode_success_rate: { rate: true, n: "num_episodes", better: "higher" },
  weak_episode_success_rate: { rate: true, n: "num_episodes", better: "higher" },
  state_success_rate: { rate: true, n: "state_total", better: "higher" },
  mean_episode_progress: { rate: false, n: "num_episodes", better: "higher" },
  mean_episode_step_score: { rate: false, n: "num_episodes", better: "higher" },
};

const counts = new Set(["num_episodes", "num_steps", ...Object.values(definitions).map((d) => d.n)]);

function metricOf(name: string, value: unknown, metrics: Fields): EvalMetric | null {
  const number = numberOf(value);
  if (number === null && value !== null) return null;
  const known = definitions[name];
  const stated = numberOf(metrics[`${name}_n`]) ?? (known ? numberOf(metrics[known.n]) : null);
  // The evaluator writes null exactly where the denominator is 0.
  const n = number === null ? 0 : stated;
  const interval = known?.rate && number !== null && n !== null ? wilson(number, n) : null;
  return {
    name,
    value: toWire(number),
    n,
    low: interval?.low ?? null,
    high: interval?.high ?? null,
    better: known?.better ?? "unknown",
  };
}

/** Some legacy files hold the metrics at the top (plot_eval_metrics.py: `payload.get("metrics", payload)`). */
function metricsOf(value: unknown): Fields | null {
  if (!isFields(value)) return null;
  const metrics = isFields(value.metrics) ? value.metrics : value;
  return "action_type_accuracy" in metrics && "num_steps" in metrics ? metrics : null;
}

function parse(text: string, path: string, sink: RecordSink): void {
  const value = parseDocument(text, path, sink);
  if (value === undefined) return;
  const metrics = metricsOf(value);
  if (!metrics || !isFields(value)) {
    sink.diagnostic({ code: "not-a-record", severity: "warning", message: "This JSON holds no eval metrics." });
    return;
  }
  const backend = textOf(value.backend);
  sink.evaluation({
    label: labelOfPath(path) || stemOf(path).replace(/^eval_/, "") || (backend ?? ""),
    backend,
    episodes: numberOf(metrics.num_episodes),
    steps: numberOf(metrics.num_steps),
    metrics: Object.entries(metrics)
      .filter(([name]) => !counts.has(name) && !name.endsWith("_n"))
      .map(([name, value]) => metricOf(name, value, metrics))
      .filter((metric) => metric !== null),
  });
}

function detect(sample: SourceSample): number {
  const value = headValue(sample);
  if (value !== undefined) return metricsOf(value) ? 0.95 : 0;
  // Half written, or still growing.
  return /^\uFEFF?\s*\{/.test(sample.head) &&
    /"action_type_accuracy"\s*:/.test(sample.head) &&
    !/\}\s*\n\s*\{/.test(sample.head)
    ? 0.6
    : 0;
}

export const openadaptEval: DocumentReader = {
  id: "openadapt-eval",
  title: "OpenAdapt evaluation",
  version: 2,
  axis: "line",
  input: "document",
  detect,
  labelOf: labelOfPath,
  parse,
};
