// RLVR evaluations' summary.json: one checkpoint on one benchmark, pass@k with its merged form, verified lm_eval samples, and the
// summary of several checkpoints (formats/rlvr-openbrowser.md A2.5).
import { isFields, numberOf, textOf, type Fields } from "../../base/json";
import { fieldsOf, headValue, parseDocument, reportWrongDocument } from "../document";
import { measure } from "../../metrics/evalMetric";
import { shardOfPath } from "../../metrics/shards";
import { benchmarkOfPath, labelOfEval, stepOfPath } from "../evalPath";
import type { DocumentReader, RecordSink, SourceSample } from "../reader";
import { headline, isEvalSummary, tableOfSummary } from "../rlvrEval";

function parse(text: string, path: string, sink: RecordSink): void {
  const value = parseDocument(text, path, sink);
  if (value === undefined) return;
  if (isFields(value) && isEvalSummary(value)) one(value, path, sink);
  else if (isMany(value)) many(value, sink);
  else reportWrongDocument(sink, path, "the summary of an evaluation");
}

function one(value: Fields, path: string, sink: RecordSink): void {
  const benchmark = textOf(value.benchmark) ?? textOf(value.dataset) ?? benchmarkOfPath(path);
  const step = stepOfPath(path) ?? stepOfPath(textOf(value.checkpoint) ?? textOf(value.model_path) ?? "");
  const table = tableOfSummary(value, { benchmark, step });
  const part = shardOfPath(path);
  sink.evaluation(part ? { ...table, label: `${table.label} shard ${part.shard}` } : table);
  const score = headline(value);
  // A shard is a part of the prompts: the merged summary is the curve's.
  if (step !== null && score !== null && !part) sink.point(`eval/${benchmark || "score"}`, step, score);
}

/** `{results: {checkpoint: {task_Nshot: {metric: value} | {error}}}}` of entrypoints/eval_benchmarks.py. */
interface Many {
  results: Record<string, Record<string, Fields>>;
}

function isMany(value: unknown): value is Many & Fields {
  if (!isFields(value) || !isFields(value.results) || !("timestamp" in value)) return false;
  const tasks = Object.values(value.results)
    .filter(isFields)
    .flatMap((tasks) => Object.entries(tasks));
  return tasks.length > 0 && tasks.every(([task, metrics]) => /_\d+shot$/.test(task) && isFields(metrics));
}

function many({ results }: Many, sink: RecordSink): void {
  for (const [checkpoint, tasks] of Object.entries(results)) {
    const step = stepOfPath(checkpoint);
    for (const [task, values] of Object.entries(fieldsOf(tasks))) {
      const fields = fieldsOf(values);
      const error = textOf(fields.error);
      if (error !== null) {
        const message = `${checkpoint}, ${task}: ${error.slice(0, 200)}`;
        sink.diagnostic({ code: "eval-failed", severity: "warning", message });
        continue;
      }
      const metrics = Object.entries(fields).flatMap(([name, raw]) => {
        const number = numberOf(raw);
        return number === null ? [] : [measure(name, number, null, name.includes("stderr") ? "unknown" : "higher")];
      });
      const label = labelOfEval(task, step, checkpoint);
      const place = { benchmark: task, ...(step === null ? {} : { step }) };
      sink.evaluation({ label, backend: checkpoint, ...place, episodes: null, steps: null, metrics });
    }
  }
}

function detect(sample: SourceSample): number {
  const value = headValue(sample);
  if (value !== undefined) return (isFields(value) && isEvalSummary(value)) || isMany(value) ? 0.9 : 0;
  const { head } = sample;
  return /^\s*\{/.test(head) && !/^\{.*\}\s*\n\s*\{/.test(head) && /"(pass_at_k|level_accuracy)"\s*:\s*\{/.test(head)
    ? 0.6
    : 0;
}

export const rlvrEval: DocumentReader = {
  id: "rlvr-eval",
  title: "RLVR evaluation summary",
  version: 3,
  axis: "step",
  input: "document",
  detect,
  parse,
};
