// lm-evaluation-harness' results_<date>.json (formats/gui-and-trainers.md 3.7; rlvr-openbrowser.md A2.5): rates with their n and interval.
import { wilson } from "../../metrics/intervals";
import type { EvalMetric } from "../../model/evaluation";
import { toWire } from "../../model/number";
import { isFields, numberOf, textOf, type Fields } from "../../base/json";
import { fieldsOf, headValue, listOf, parseDocument, reportWrongDocument } from "../document";
import { stepOfPath } from "../evalPath";
import { labelOfPath } from "../label";
import type { DocumentReader, RecordSink, SourceSample } from "../reader";

/** 97.5 % quantile of the normal distribution: the harness gives a standard error, people get 95 %. */
const Z = 1.959963984540054;
const settings = ["model", "model_args", "batch_size", "limit", "num_fewshot", "gen_kwargs", "random_seed"];

const isResults = (value: unknown): value is Fields & { results: Fields } =>
  isFields(value) && isFields(value.results) && ("configs" in value || "versions" in value || "n-samples" in value);

function parse(text: string, path: string, sink: RecordSink): void {
  const value = parseDocument(text, path, sink);
  if (value === undefined) return;
  if (!isResults(value)) {
    reportWrongDocument(sink, path, "results of the harness");
    return;
  }
  const config = fieldsOf(value.config);
  const model = modelOf(value, config);
  const metrics = Object.entries(value.results).flatMap(([task, results]) => metricsOf(task, fieldsOf(results), value));
  const label = labelOfPath(path) || model.slice(model.lastIndexOf("/") + 1);
  const step = stepOfPath(model);
  const place = step === null ? {} : { step };
  sink.evaluation({ label, backend: textOf(config.model), ...place, episodes: null, steps: null, metrics });
  // One file a checkpoint: together they are a curve.
  for (const { name, value: at } of step === null ? [] : metrics) {
    const number = numberOf(at);
    if (number !== null && step !== null) sink.point(`eval/${name}`, step, number);
  }
  facts(value, config, model, sink);
}

/** The checkpoint is the `pretrained=` of the model's arguments: `model_name` is missing before 0.4.3. */
function modelOf(value: Fields, config: Fields): string {
  const written = isFields(config.model_args) ? textOf(config.model_args.pretrained) : null;
  return textOf(value.model_name) ?? written ?? /pretrained=([^,]+)/.exec(textOf(config.model_args) ?? "")?.[1] ?? "";
}

/** `exact_match,strict-match` and its `exact_match_stderr,strict-match`; before 0.4 without the filter. */
function metricsOf(task: string, results: Fields, value: Fields): EvalMetric[] {
  const n = samplesOf(task, value);
  const better = fieldsOf(fieldsOf(value.higher_is_better)[task]);
  return Object.entries(results).flatMap(([key, raw]) => {
    const [metric = key, filter] = key.split(",", 2);
    const number = numberOf(raw);
    if (number === null || metric.endsWith("_stderr") || metric === "alias" || metric === "sample_len") return [];
    const stderr = numberOf(results[filter === undefined ? `${metric}_stderr` : `${metric}_stderr,${filter}`]);
    const up = better[metric];
    return [
      {
        name: `${task}/${key}`,
        value: toWire(number),
        n,
        ...intervalOf(number, stderr, n),
        better: typeof up === "boolean" ? (up ? "higher" : "lower") : "unknown",
      } satisfies EvalMetric,
    ];
  });
}

/** A group's samples are those of its tasks: the harness counts its leaves alone. null where one of them is not counted. */
function samplesOf(task: string, value: Fields, above: readonly string[] = []): number | null {
  const counted = fieldsOf(value["n-samples"])[task];
  const n = numberOf(fieldsOf(counted).effective) ?? numberOf(counted);
  const parts = listOf(fieldsOf(value.group_subtasks)[task]).filter((part) => typeof part === "string");
  if (n !== null || parts.length === 0 || above.includes(task)) return n;
  const sizes = parts.map((part) => samplesOf(part, value, [...above, task]));
  return sizes.every((size) => size !== null) ? sizes.reduce((sum, size) => sum + size, 0) : null;
}

/** From the file's standard error. It is 0 where all samples agree, which is no certainty: there Wilson's interval of the rate. */
function intervalOf(value: number, stderr: number | null, n: number | null): Pick<EvalMetric, "low" | "high"> {
  if (stderr === null || !Number.isFinite(stderr)) return { low: null, high: null };
  if (stderr > 0) return { low: value - Z * stderr, high: value + Z * stderr };
  const interval = n !== null && (value === 0 || value === 1) ? wilson(value, n) : null;
  return { low: interval?.low ?? null, high: interval?.high ?? null };
}

function facts(value: Fields, config: Fields, model: string, sink: RecordSink): void {
  if (model !== "") sink.fact("model", model);
  for (const key of settings) {
    const setting = config[key];
    if (key !== "model" && (typeof setting === "string" || typeof setting === "number")) sink.fact(key, setting);
  }
  const seconds = numberOf(value.total_evaluation_time_seconds);
  if (seconds !== null) sink.fact("runtime", seconds);
  for (const [task, shots] of Object.entries(fieldsOf(value["n-shot"]))) {
    if (typeof shots === "number") sink.fact(`n-shot/${task}`, shots);
  }
}

function detect(sample: SourceSample): number {
  const value = headValue(sample);
  if (value !== undefined) return isResults(value) && looksLikeTasks(value.results) ? 0.95 : 0;
  // Configs and prompts make the file long; the results stand first.
  const start = /^\s*\{\s*"results"\s*:\s*\{\s*"[^"]+"\s*:\s*\{/.test(sample.head);
  return start && /"[\w@-]+(_stderr)?,[\w-]+"\s*:\s*("N\/A"|[-\d.]|NaN)/.test(sample.head) ? 0.85 : 0;
}

/** Every task's results are an object with a number in it. */
function looksLikeTasks(results: Fields): boolean {
  const tasks = Object.values(results);
  return tasks.length > 0 && tasks.every((t) => isFields(t) && Object.values(t).some((v) => numberOf(v) !== null));
}

export const lmEvalResults: DocumentReader = {
  id: "lm-eval-results",
  title: "lm-evaluation-harness results",
  version: 3,
  axis: "step",
  input: "document",
  detect,
  labelOf: labelOfPath,
  parse,
};
