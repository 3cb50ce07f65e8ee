// GE-Lab's interactive evaluation (interactive_eval.py; formats/gui-and-trainers.md 2.7): one JSON at the end of three silent hours,
// rates in percent, the trajectory of each task's last attempt. Clicks are carried out in canvas pixels.
import { isFields, numberOf, textOf, type Fields } from "../../base/json";
import type { Action } from "../../model/action";
import type { EvalMetric } from "../../model/evaluation";
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
import { rate } from "../../metrics/evalMetric";
import { imagesOfPage } from "../gelab";
import { labelOfPath } from "../label";
import type { DocumentReader, RecordSink, SourceSample, StepBody } from "../reader";

interface Task {
  id: string;
  fields: Fields;
  steps: Fields[];
}

function tasksOf(value: unknown): Task[] | null {
  if (!isFields(value) || !Array.isArray(value.results) || !isFields(value.metrics)) return null;
  const results = value.results.filter(isFields);
  if (!results.every((r) => Array.isArray(r.trajectory) && "path_length" in r)) return null;
  return results.map((fields) => ({
    id: `task ${String(numberOf(fields.task_id) ?? "?")}: ${String(fields.source)} to ${String(fields.target)}`,
    fields,
    steps: listOf(fields.trajectory).filter(isFields),
  }));
}

function parse(text: string, path: string, sink: RecordSink): void {
  const value = parseDocument(text, path, sink);
  if (value === undefined) return;
  const tasks = tasksOf(value);
  if (!tasks || !isFields(value)) {
    reportWrongDocument(sink, path, "an interactive evaluation");
    return;
  }
  const length = byteLength(text);
  for (const { id, fields, steps } of tasks) {
    // The trajectory is the last attempt's.
    const last = listOf(fields.successes).at(-1) ?? fields.pass_at_1;
    steps.forEach((step, at) => {
      const typeMatch = step.action_type !== "unknown";
      const clickHit = step.action_type === "click" ? (step.clicked_element ?? null) !== null : null;
      const success = typeof last === "boolean" ? { success: last } : {};
      sink.step({ offset: 0, length, episodeId: id, index: indexOf(step, at), typeMatch, clickHit, ...success });
    });
  }
  evaluate(value, tasks, path, sink);
}

const indexOf = (step: Fields, at: number): number => (numberOf(step.step) ?? at + 1) - 1;

function evaluate(value: Fields, tasks: readonly Task[], path: string, sink: RecordSink): void {
  const config = fieldsOf(value.config);
  const attempts = numberOf(config.num_attempts) ?? 1;
  const metrics: EvalMetric[] = [];
  const add = (name: string, stated: Fields, of: readonly Task[]): void => {
    const n = numberOf(stated.n_tasks) ?? numberOf(stated.total_tasks);
    for (const key of attempts > 1 ? ["pass_at_1", "pass_at_k"] : ["pass_at_1"]) {
      const percent = numberOf(stated[key]);
      if (percent === null) continue;
      metrics.push(rate(key === "pass_at_1" ? name : `${name} of ${String(attempts)}`, percent / 100, n));
      const passed = of.filter((task) => task.fields[key] === true).length;
      const counted = of.length === 0 ? percent : (passed / of.length) * 100;
      if (Math.abs(counted - percent) < 0.006 && (n === null || of.length === n)) continue;
      const message = `${name} says ${String(percent)} % of ${String(n)}; its tasks say ${String(passed)} of ${String(of.length)}.`;
      sink.diagnostic({ code: "metric-mismatch", severity: "warning", message });
    }
  };
  for (const [name, stated] of Object.entries(fieldsOf(value.metrics))) {
    const hops = numberOf(/^path_(\d+)$/.exec(name)?.[1]);
    const of = tasks.filter((task) => numberOf(task.fields.path_length) === hops);
    add(hops === null ? name : `path@${String(hops)}`, fieldsOf(stated), of);
  }
  add("overall", fieldsOf(value.overall), tasks);
  const model = textOf(config.model_path);
  const label = labelOfPath(path) || labelOfPath(model ?? "") || model || "interactive";
  const steps = tasks.reduce((sum, task) => sum + task.steps.length, 0);
  sink.evaluation({ label, backend: model, benchmark: "interactive", episodes: tasks.length, steps, metrics });
}

function readSteps(record: string): StepBody[] {
  return (tasksOf(valueOf(record)) ?? []).flatMap(({ id, fields, steps }) =>
    steps.map((step, at) => ({
      episodeId: id,
      index: indexOf(step, at),
      goal: `From ${String(fields.source)} to ${String(fields.target)}`,
      images: typeof step.page === "string" ? imagesOfPage(step.page) : [],
      expected: null,
      expectedBox: null,
      boxFrom: null,
      predictedText: textOf(step.response),
      predicted: actionOf(step),
      distance: null,
      extra: saidIn(step, shownOfStep),
      about: saidIn(fields, shownOfTask),
    })),
  );
}

const shownOfStep = new Set(["step", "page", "response", "action_type", "coords", "clicked_element"]);
const shownOfTask = new Set(["task_id", "source", "target", "trajectory"]);

/** What its environment carried out. `clicked_element` is the element that lies there, not the one that the text names. */
function actionOf(step: Fields): Action | null {
  if (step.action_type === "complete") return { kind: "done" };
  if (step.action_type === "unknown") return { kind: "fail" };
  const [x, y] = listOf(step.coords).map(numberOf);
  if (step.action_type !== "click" || typeof x !== "number" || typeof y !== "number") return null;
  const element = textOf(step.clicked_element);
  return { kind: "click", x, y, frame: "canvas", ...(element === null ? {} : { element }) };
}

function detect(sample: SourceSample): number {
  const value = headValue(sample);
  if (value !== undefined) return tasksOf(value) ? 0.95 : 0;
  const { head } = sample;
  return /^\s*\{/.test(head) && /"subtree_indices"\s*:/.test(head) && /"trajectory"\s*:\s*\[/.test(head) ? 0.85 : 0;
}

export const gelabInteractive: DocumentReader = {
  id: "gelab-interactive",
  title: "GE-Lab interactive evaluation",
  version: 2,
  axis: "line",
  input: "document",
  detect,
  labelOf: labelOfPath,
  readSteps,
  parse,
};
