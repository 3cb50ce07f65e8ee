// OpenAdapt's training_log.json (training/trainer.py; formats/gui-and-trainers.md 1.10): losses as curves, its evaluations as episodes.
// It is rewritten whole at every step, so half of it is seen now and then. Steps count micro-batches.
import { isFields, numberOf, textOf, type Fields } from "../../base/json";
import { byteLength, headValue, listOf, parseDocument, reportWrongDocument, valueOf } from "../document";
import { actionOfRecord } from "../openadaptAction";
import { measure, rate } from "../../metrics/evalMetric";
import { wallSeconds } from "../wallTime";
import type { DocumentReader, RecordSink, SourceSample, StepBody } from "../reader";

/** A click hits strictly below this distance in unit coordinates (1.11); the file's own `correct` tests 50 and is always true. */
const HIT_DISTANCE = 0.05;

const isLog = (value: unknown): value is Fields =>
  isFields(value) && Array.isArray(value.losses) && ("job_id" in value || "total_epochs" in value || "epoch" in value);

const facts: readonly [string, string][] = [
  ["title", "job_id"],
  ["model", "model_name"],
  ["goal", "goal"],
  ["config", "config_path"],
  ["host", "hostname"],
  ["started", "started_at"],
  ["lora_r", "lora_r"],
  ["lora_alpha", "lora_alpha"],
  ["total_epochs", "total_epochs"],
  ["elapsed_seconds", "elapsed_time"],
  ["ended", "termination_status"],
  ["status", "status"],
  ["ended_because", "termination_message"],
  ["setup", "setup_status"],
  ["instance", "instance_type"],
  ["load_in_4bit", "load_in_4bit"],
];

function parse(text: string, path: string, sink: RecordSink): void {
  const value = parseDocument(text, path, sink);
  if (value === undefined) return;
  if (!isLog(value)) {
    reportWrongDocument(sink, path, "a training log");
    return;
  }
  for (const [name, key] of facts) {
    const fact = value[key];
    if ((typeof fact === "string" && fact !== "") || (typeof fact === "number" && Number.isFinite(fact)))
      sink.fact(name, fact);
    else if (typeof fact === "boolean") sink.fact(name, String(fact));
  }
  // 0 means that its logger never knew.
  const total = numberOf(value.total_steps);
  if (total !== null && total > 0) sink.fact("total_steps", total);
  const began = wallSeconds(value.started_at);
  for (const entry of listOf(value.losses)) {
    const step = isFields(entry) ? numberOf(entry.step) : null;
    if (!isFields(entry) || step === null) continue;
    for (const [name, written] of Object.entries(entry)) {
      const number = numberOf(written);
      if (number !== null && name !== "step" && name !== "time") sink.point(name, step, number);
    }
    const seconds = numberOf(entry.time);
    if (began !== null && seconds !== null) sink.clockTick(step, began + seconds);
  }
  evaluate(value, byteLength(text), sink);
}

function evaluate(log: Fields, length: number, sink: RecordSink): void {
  const byEpoch = new Map<number, { distances: number[]; steps: number }>();
  for (const entry of entriesOf(log)) {
    const { episodeId, index, distance, epoch, fields } = entry;
    const typeMatch =
      (actionOfRecord(fields.predicted_action)?.kind ?? null) === actionOfRecord(fields.human_action)?.kind;
    sink.step({
      offset: 0,
      length,
      episodeId,
      index,
      typeMatch,
      clickHit: distance === null ? null : distance < HIT_DISTANCE,
    });
    const held = byEpoch.get(epoch) ?? { distances: [], steps: 0 };
    if (distance !== null) held.distances.push(distance);
    held.steps++;
    byEpoch.set(epoch, held);
  }
  for (const [epoch, { distances, steps }] of byEpoch) {
    const n = distances.length;
    const mean = n > 0 ? distances.reduce((a, b) => a + b, 0) / n : null;
    const hits = n > 0 ? distances.filter((d) => d < HIT_DISTANCE).length / n : null;
    const metrics = [measure("mean_distance", mean, n, "lower"), rate("click_hit_rate", hits, n)];
    sink.evaluation({
      label: `epoch ${String(epoch)}`,
      backend: textOf(log.model_name),
      episodes: null,
      steps,
      metrics,
    });
  }
  const entries = entriesOf(log);
  if (
    entries.some(({ fields, distance }) => fields.correct === true && distance !== null && distance >= HIT_DISTANCE)
  ) {
    const message = `"correct" in this file compares a distance of 0 to 1 with 50: it is true of every prediction. Hits are counted below ${String(HIT_DISTANCE)} instead.`;
    sink.diagnostic({ code: "unit-clash", severity: "warning", message });
  }
}

function entriesOf(
  log: Fields,
): { episodeId: string; index: number; epoch: number; distance: number | null; fields: Fields }[] {
  return listOf(log.evaluations)
    .filter(isFields)
    .map((fields, at) => {
      const epoch = numberOf(fields.epoch) ?? 0;
      const index = numberOf(fields.sample_idx) ?? at;
      return { episodeId: `epoch ${String(epoch)}`, index, epoch, distance: numberOf(fields.distance), fields };
    });
}

function readSteps(record: string): StepBody[] {
  const log = valueOf(record);
  if (!isLog(log)) return [];
  return entriesOf(log).map(({ episodeId, index, distance, fields }) => {
    const predicted = isFields(fields.predicted_action) ? fields.predicted_action : {};
    return {
      episodeId,
      index,
      goal: textOf(log.goal),
      images: typeof fields.image_path === "string" ? [fields.image_path] : [],
      expected: actionOfRecord(fields.human_action),
      expectedBox: null,
      boxFrom: null,
      predictedText: textOf(predicted.raw_output),
      predicted: actionOfRecord(predicted),
      distance,
    };
  });
}

function detect(sample: SourceSample): number {
  const value = headValue(sample);
  if (value !== undefined) return isLog(value) ? 0.95 : 0;
  const { head } = sample;
  return /^\s*\{/.test(head) && /"losses"\s*:\s*\[/.test(head) && /"(job_id|total_epochs)"\s*:/.test(head) ? 0.8 : 0;
}

export const openadaptTraining: DocumentReader = {
  id: "openadapt-training",
  title: "OpenAdapt training log",
  version: 2,
  axis: "step",
  input: "document",
  detect,
  readSteps,
  parse,
};
