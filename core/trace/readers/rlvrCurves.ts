// RLVR experiments' curve JSON, the literals of its write-up (formats/rlvr-openbrowser.md A2.7): one run, or several with summaries
// and the base model. null is a missing value, an empty array a series that the run does not have.
import { isFields, numberOf, textOf, type Fields } from "../../base/json";
import { fieldsOf, headValue, listOf, parseDocument, reportWrongDocument } from "../document";
import { measure, rate } from "../../metrics/evalMetric";
import { canonicalName } from "../../metrics/names";
import type { EvalMetric } from "../../model/evaluation";
import type { DocumentReader, RecordSink, SourceSample } from "../reader";

function isRun(value: unknown): value is Fields {
  if (!isFields(value) || !Array.isArray(value.steps) || textOf(value.id) === null) return false;
  return Object.entries(value).some(([name, list]) => name !== "steps" && Array.isArray(list));
}

function runsOf(value: unknown): Fields[] | null {
  if (isRun(value)) return [value];
  const runs = isFields(value) && Array.isArray(value.runs) ? (value.runs as unknown[]) : [];
  return runs.length > 0 && runs.every(isRun) ? runs : null;
}

function parse(text: string, path: string, sink: RecordSink): void {
  const value = parseDocument(text, path, sink);
  if (value === undefined) return;
  const runs = runsOf(value);
  if (!runs) {
    reportWrongDocument(sink, path, "curves of runs");
    return;
  }
  for (const run of runs) readRun(run, runs.length > 1 ? `${String(run.id)}.` : "", sink);
  const { summaries, base_model: base } = fieldsOf(value);
  for (const [id, summary] of Object.entries(fieldsOf(summaries))) summaryOf(id, fieldsOf(summary), sink);
  if (isFields(base)) baseOf(base, sink);
  const only = runs.length === 1 ? runs[0] : undefined;
  if (only) sink.fact("title", textOf(only.label) ?? String(only.id));
}

function readRun(run: Fields, prefix: string, sink: RecordSink): void {
  const label = textOf(run.label) ?? String(run.id);
  for (const [name, values] of Object.entries(run)) {
    if (!Array.isArray(values) || name === "steps" || /^(eval|passk)_.*_(steps|k)$/.test(name)) continue;
    const pass = /^passk_(?<task>.*)_pass\d+_rate$/.exec(name)?.groups?.task;
    if (pass !== undefined) {
      passTable(label, name, pass, run, sink);
      continue;
    }
    const evaluated = /^eval_(?<task>.*)_accuracy$/.exec(name)?.groups?.task;
    const steps = listOf(evaluated === undefined ? run.steps : run[`eval_${evaluated}_steps`]);
    if (values.length > 0 && steps.length !== values.length) {
      const message = `${name} has ${String(values.length)} values for ${String(steps.length)} steps.`;
      sink.diagnostic({ code: "length-mismatch", severity: "warning", message });
    }
    values.forEach((value, i) => {
      const [step, number] = [numberOf(steps[i]), numberOf(value)];
      if (step !== null && number !== null) sink.point(`${prefix}${name}`, step, number);
    });
  }
}

/** `passk_gsm8k_pass128_k` and `_rate`: pass@1 to pass@128 of 128 completions. The file does not say over how many prompts. */
function passTable(label: string, name: string, task: string, run: Fields, sink: RecordSink): void {
  const ks = listOf(run[name.replace(/_rate$/, "_k")]);
  const metrics = listOf(run[name]).flatMap((value, i): EvalMetric[] => {
    const [k, number] = [numberOf(ks[i]), numberOf(value)];
    return k === null || number === null ? [] : [rate(`pass@${String(k)}`, number, null)];
  });
  const of = /_(pass\d+)_rate$/.exec(name)?.[1] ?? "";
  if (metrics.length > 0)
    sink.evaluation({
      label: `${label}: ${task} ${of}`,
      backend: null,
      benchmark: task,
      episodes: null,
      steps: null,
      metrics,
    });
}

function summaryOf(id: string, summary: Fields, sink: RecordSink): void {
  const metrics = Object.entries(summary).flatMap(([name, value]) => {
    const number = numberOf(value);
    return number === null ? [] : [measure(name, number)];
  });
  for (const [task, value] of Object.entries(fieldsOf(summary.benchmarks)))
    metrics.push(rate(task, numberOf(fieldsOf(value).accuracy) ?? numberOf(value), null));
  const steps = numberOf(summary.total_steps);
  sink.evaluation({ label: textOf(summary.label) ?? id, backend: id, episodes: null, steps, metrics });
}

function baseOf(base: Fields, sink: RecordSink): void {
  const metrics = Object.entries(fieldsOf(base.benchmarks)).map(([task, value]) => rate(task, numberOf(value), null));
  const label = textOf(base.label) ?? "base";
  if (metrics.length > 0) sink.evaluation({ label, backend: "base", episodes: null, steps: 0, metrics });
  passesOf(label, [], fieldsOf(base.passk), sink);
}

/** Lists of k and of rates, wherever they stand: under the task's name, or under that of the number of completions in it. */
function passesOf(label: string, within: readonly string[], value: Fields, sink: RecordSink): void {
  const [ks, rates] = [listOf(value.k), listOf(value.rate ?? value.rates)];
  const metrics = rates.flatMap((rated, i): EvalMetric[] => {
    const [k, number] = [numberOf(ks[i]), numberOf(rated)];
    return k === null || number === null ? [] : [rate(`pass@${String(k)}`, number, null)];
  });
  const [task = ""] = within;
  const about = { backend: "base", benchmark: task.replace(/_pass\d+$/, ""), episodes: null, steps: 0 };
  if (metrics.length > 0) sink.evaluation({ label: `${label}: ${within.join(" ")}`, ...about, metrics });
  for (const [name, inner] of Object.entries(value))
    if (isFields(inner)) passesOf(label, [...within, name], inner, sink);
}

function detect(sample: SourceSample): number {
  const value = headValue(sample);
  if (value !== undefined) return runsOf(value) ? 0.9 : 0;
  const { head } = sample;
  if (!/^\s*\{/.test(head) || /^\s*\{.*\}[ \t\r]*\n\s*\{/.test(head)) return 0;
  // The first run's arrays alone may be longer than the sample.
  return /"id"\s*:\s*"/.test(head) &&
    /"steps"\s*:\s*\[\s*\d/.test(head) &&
    /"(reward_overall|loss)"\s*:\s*\[/.test(head)
    ? 0.8
    : 0;
}

export const rlvrCurves: DocumentReader = {
  id: "rlvr-curves",
  title: "RLVR curves",
  version: 2,
  axis: "step",
  input: "document",
  detect,
  canonical: (raw) => {
    const task = /(?:^|\.)eval_(.+)_accuracy$/.exec(raw)?.[1];
    if (task !== undefined) return `eval/${task}`;
    // Of several runs, each curve has its run's id before it.
    const name = raw.slice(raw.lastIndexOf(".") + 1);
    if (name === "completion_len") return "completion_length";
    if (name.startsWith("loss_")) return name.replace("_", "/");
    const common = canonicalName(name);
    return common === name && name !== "loss" ? null : common;
  },
  parse,
};
