// What DocEdit's run_eval.py prints: the means over a split's cases, and the first three of them.
import { isFields, numberOf, textOf, type Fields } from "../../base/json";
import { measure, rate } from "../../metrics/evalMetric";
import { fieldsOf, headValue, parseDocument, reportWrongDocument } from "../document";
import { modelOf } from "../docedit";
import { labelOfPath } from "../label";
import type { DocumentReader, RecordSink, SourceSample } from "../reader";

/** Of every mean, which way is better. */
const means = {
  mean_similarity: "higher",
  mean_composite_score: "higher",
  mean_edit_accuracy: "higher",
  mean_collateral_damage: "lower",
  mean_elapsed_seconds: "lower",
} as const;

const isSummary = (value: unknown): value is Fields => {
  if (!isFields(value) || typeof value.adapter !== "string") return false;
  const summary = fieldsOf(value.summary);
  return numberOf(summary.count) !== null && "exact_match_rate" in summary && "mean_composite_score" in summary;
};

function parse(text: string, path: string, sink: RecordSink): void {
  const value = parseDocument(text, path, sink);
  if (value === undefined) return;
  if (!isSummary(value)) {
    reportWrongDocument(sink, path, "the summary of an evaluation");
    return;
  }
  const summary = fieldsOf(value.summary);
  const n = numberOf(summary.count);
  const model = modelOf(textOf(value.adapter) ?? "");
  const metrics = Object.entries(means).map(([name, better]) => measure(name, numberOf(summary[name]), n, better));
  const split = textOf(value.split);
  sink.evaluation({
    label: labelOfPath(path) || model,
    backend: model,
    ...(split === null ? {} : { benchmark: split }),
    episodes: n,
    steps: null,
    metrics: [rate("exact_match_rate", numberOf(summary.exact_match_rate), n), ...metrics],
  });
}

function detect(sample: SourceSample): number {
  const value = headValue(sample);
  return value !== undefined && isSummary(value) ? 0.95 : 0;
}

export const doceditSummary: DocumentReader = {
  id: "docedit-summary",
  title: "DocEdit evaluation",
  version: 1,
  axis: "line",
  input: "document",
  detect,
  labelOf: labelOfPath,
  parse,
};
