// OpenAdapt's benchmark traces (benchmarks/data_collection.py; formats/gui-and-trainers.md 1.12): summary.json, metadata.json,
// tasks/<id>/{task,execution}.json and benchmark_live.json.
import { isFields, numberOf, textOf, type Fields } from "../../base/json";
import type { Action } from "../../model/action";
import {
  byteLength,
  fieldsOf,
  headValue,
  listOf,
  parseDocument,
  reportWrongDocument,
  saidIn,
  valueOf,
} from "../document";
import { measure, rate } from "../../metrics/evalMetric";
import { actionOfRecord, boxOf } from "../openadaptAction";
import type { DocumentReader, RecordSink, SourceSample, StepBody } from "../reader";

type Kind = "summary" | "metadata" | "task" | "execution" | "live";

function kindOf(value: unknown): Kind | null {
  if (!isFields(value)) return null;
  const has = (...keys: string[]): boolean => keys.every((key) => key in value);
  if (has("task_id", "steps", "num_steps", "success") && Array.isArray(value.steps)) return "execution";
  if (has("num_tasks", "success_rate", "tasks") && Array.isArray(value.tasks)) return "summary";
  if (has("total_tasks", "tasks_completed", "status")) return "live";
  if (has("benchmark_name", "run_name", "model_id", "created_at")) return "metadata";
  return has("task_id", "instruction", "raw_config", "evaluation_spec") ? "task" : null;
}

function parse(text: string, path: string, sink: RecordSink): void {
  const value = parseDocument(text, path, sink);
  if (value === undefined) return;
  const kind = kindOf(value);
  if (kind === null || !isFields(value)) {
    reportWrongDocument(sink, path, "a benchmark's record");
    return;
  }
  if (kind === "summary") summary(value, sink);
  const facts: [string, unknown][] = [
    ["title", value.run_name],
    ["benchmark", value.benchmark_name],
    ["model", kind === "execution" ? undefined : value.model_id],
    ["started", value.created_at],
    ["status", kind === "live" ? value.status : undefined],
    ["tasks_completed", kind === "live" ? value.tasks_completed : undefined],
    ["total_tasks", kind === "live" ? value.total_tasks : undefined],
  ];
  for (const [name, fact] of facts) if (typeof fact === "string" || typeof fact === "number") sink.fact(name, fact);
  const length = byteLength(text);
  if (kind === "task")
    sink.step({ offset: 0, length, episodeId: String(value.task_id), index: 0, typeMatch: null, clickHit: null });
  const run = executionOf(value);
  if (run) tellError(run.id, run.fields, sink);
  run?.steps.forEach((step, at) => {
    const success = typeof run.fields.success === "boolean" ? { success: run.fields.success } : {};
    const failed = isFailedParse(step);
    sink.step({
      offset: 0,
      length,
      episodeId: run.id,
      index: indexOf(step, at),
      typeMatch: !failed,
      clickHit: null,
      ...success,
    });
  });
}

/** Its agent turns what it cannot parse into `done` (1.6): a failure in the shape of a success. */
const isFailedParse = (step: Fields): boolean => "parse_error" in fieldsOf(fieldsOf(step.action).raw_action);

const indexOf = (step: Fields, at: number): number => numberOf(step.step_idx) ?? at;

function executionOf(value: Fields): { id: string; fields: Fields; steps: Fields[] } | null {
  const fields = kindOf(value) === "live" ? fieldsOf(value.current_task) : value;
  const id = textOf(fields.task_id);
  return id !== null && Array.isArray(fields.steps) ? { id, fields, steps: fields.steps.filter(isFields) } : null;
}

/** What ended a task: an error, or its own words for a failure. */
function tellError(id: string, task: Fields, sink: RecordSink): void {
  const error = textOf(task.error);
  if (error === null || error === "") return;
  const message = `Task ${id} failed: ${(error.split("\n")[0] ?? "").slice(0, 200)}`;
  sink.diagnostic({ code: "task-failed", severity: "warning", message });
}

function summary(value: Fields, sink: RecordSink): void {
  const n = numberOf(value.num_tasks);
  const metrics = [rate("success_rate", numberOf(value.success_rate), n)];
  for (const [name, better] of [
    ["avg_score", "higher"],
    ["avg_steps", "lower"],
    ["avg_time_seconds", "lower"],
  ] as const)
    if (numberOf(value[name]) !== null) metrics.push(measure(name, numberOf(value[name]), n, better));
  const model = textOf(value.model_id);
  const benchmark = textOf(value.benchmark_name);
  const label = textOf(value.run_name) ?? model ?? "benchmark";
  sink.evaluation({ label, backend: model, ...(benchmark ? { benchmark } : {}), episodes: n, steps: null, metrics });
  const tasks = listOf(value.tasks).filter(isFields);
  for (const task of tasks) tellError(textOf(task.task_id) ?? "?", task, sink);
  const passed = tasks.filter((task) => task.success === true).length;
  const said = numberOf(value.num_success);
  if (said !== null && tasks.length > 0 && said !== passed) {
    const message = `num_success is ${String(said)}, and ${String(passed)} of the ${String(tasks.length)} tasks succeeded.`;
    sink.diagnostic({ code: "metric-mismatch", severity: "warning", message });
  }
}

function readSteps(record: string): StepBody[] {
  const value = valueOf(record);
  if (isFields(value) && kindOf(value) === "task") return [taskBody(value)];
  const run = isFields(value) ? executionOf(value) : null;
  if (!run) return [];
  return run.steps.map((step, at) => {
    const action = fieldsOf(step.action);
    return {
      episodeId: run.id,
      index: indexOf(step, at),
      // An execution does not repeat what was asked for: that stands in task.json.
      goal: textOf(run.fields.instruction),
      images: typeof step.screenshot_path === "string" ? [step.screenshot_path] : [],
      expected: null,
      expectedBox: boxOf(action.target_bbox),
      boxFrom: boxOf(action.target_bbox) ? ("episode" as const) : null,
      predictedText: textOf(step.reasoning),
      predicted: isFailedParse(step) ? { kind: "fail" as const } : actionOf(action),
      distance: null,
      about: saidIn(run.fields, shownOfRun),
    };
  });
}

const shownOfRun = new Set(["task_id", "instruction", "success", "steps"]);

/** What is to be done, until an execution of the same task says what was. */
const taskBody = (task: Fields): StepBody => ({
  episodeId: String(task.task_id),
  index: 0,
  goal: textOf(task.instruction),
  images: [],
  expected: null,
  expectedBox: null,
  boxFrom: null,
  predictedText: null,
  predicted: null,
  distance: null,
});

/** Points beyond 1 are pixels of the viewport, which the file does not give. */
function actionOf(fields: Fields): Action | null {
  const action = actionOfRecord(fields);
  if (!action) return null;
  const node = fields.target_node_id;
  if (typeof node === "string" || typeof node === "number") action.element = String(node);
  const [x, y] = [numberOf(fields.end_x), numberOf(fields.end_y)];
  if (x !== null && y !== null) action.to = { x, y };
  if (Math.max(action.x ?? 0, action.y ?? 0) > 1) action.frame = "px";
  return action;
}

const surest: Record<Kind, number> = { execution: 0.85, summary: 0.85, live: 0.8, metadata: 0.8, task: 0.8 };

function detect(sample: SourceSample): number {
  const value = headValue(sample);
  const kind = kindOf(value);
  if (kind !== null) return surest[kind];
  const { head } = sample;
  return value === undefined && /^\s*\{/.test(head) && /"step_idx"\s*:/.test(head) && /"screenshot_path"\s*:/.test(head)
    ? 0.7
    : 0;
}

export const openadaptBenchmark: DocumentReader = {
  id: "openadapt-benchmark",
  title: "OpenAdapt benchmark",
  version: 2,
  axis: "step",
  input: "document",
  detect,
  readSteps,
  parse,
};
