// WebArena's test.raw.json: tasks with where they begin and how they are judged (the public configs of web-arena-x/webarena, read from
// general knowledge: the format pages name the file and no more).
import { isFields, numberOf, textOf, type Fields } from "../../base/json";
import type { Action } from "../../model/action";
import {
  byteLength,
  fieldsOf,
  headValue,
  listOf,
  parseDocument,
  reportWrongDocument,
  shown,
  valueOf,
} from "../document";
import type { DocumentReader, RecordSink, SourceSample, StepBody } from "../reader";

const isTask = (value: unknown): value is Fields =>
  isFields(value) && typeof value.intent === "string" && isFields(value.eval) && "task_id" in value;

/** A list of tasks, or one task in a file of its own. */
const tasksOf = (value: unknown): Fields[] => (Array.isArray(value) ? value : [value]).filter(isTask);
const idOf = (task: Fields): string => `webarena ${String(numberOf(task.task_id) ?? textOf(task.task_id) ?? "?")}`;

function parse(text: string, path: string, sink: RecordSink): void {
  const value = parseDocument(text, path, sink);
  if (value === undefined) return;
  const tasks = tasksOf(value);
  if (tasks.length === 0) {
    reportWrongDocument(sink, path, "tasks of WebArena");
    return;
  }
  const length = byteLength(text);
  for (const task of tasks)
    sink.step({ offset: 0, length, episodeId: idOf(task), index: 0, typeMatch: null, clickHit: null });
  sink.fact("tasks", tasks.length);
}

/** An answer where the task asks for one; others are judged by the page that they end on. */
function expectedOf(task: Fields): Action | null {
  const answers = fieldsOf(fieldsOf(task.eval).reference_answers);
  const answer = answers.exact_match ?? answers.must_include ?? answers.fuzzy_match;
  if (answer !== undefined && answer !== null)
    return { kind: "answer", text: Array.isArray(answer) ? answer.map(shown).join(", ") : shown(answer) };
  const url = textOf(fieldsOf(task.eval).reference_url);
  return url ? { kind: "navigate", url } : null;
}

function readSteps(record: string): StepBody[] {
  return tasksOf(valueOf(record)).map((task) => ({
    episodeId: idOf(task),
    index: 0,
    goal: [listOf(task.sites).map(shown).join(", "), textOf(task.intent)].filter(Boolean).join(": "),
    images: typeof task.image === "string" ? [task.image] : [],
    expected: expectedOf(task),
    expectedBox: null,
    boxFrom: null,
    predictedText: null,
    predicted: null,
    distance: null,
  }));
}

function detect(sample: SourceSample): number {
  const value = headValue(sample);
  if (value !== undefined) return tasksOf(value).length > 0 ? 0.9 : 0;
  const { head } = sample;
  return /^\s*\[\s*\{/.test(head) && /"intent"\s*:\s*"/.test(head) && /"eval_types"\s*:/.test(head) ? 0.85 : 0;
}

export const webarena: DocumentReader = {
  id: "webarena",
  title: "WebArena tasks",
  version: 1,
  axis: "line",
  input: "document",
  detect,
  readSteps,
  parse,
};
