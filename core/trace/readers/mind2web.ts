// Mind2Web's train.json (formats/rlvr-openbrowser.md B2.1): tasks on websites, each with its actions in words.
import { isFields, textOf, type Fields } from "../../base/json";
import type { Action } from "../../model/action";
import { byteLength, headValue, listOf, parseDocument, reportWrongDocument, valueOf } from "../document";
import type { DocumentReader, RecordSink, SourceSample, StepBody } from "../reader";

/** `[searchbox]  Find a location -> TYPE: Boston, NY`; the element's text may be empty. */
const ACTION = /^\[(?<tag>[^\]]+)\]\s+(?<text>.*?)\s*-> (?<op>CLICK|TYPE|SELECT|HOVER|ENTER)(?:: (?<value>.*))?$/;
const kinds = { CLICK: "click", TYPE: "type", SELECT: "select", HOVER: "hover", ENTER: "key" } as const;

const isTask = (value: unknown): value is Fields =>
  isFields(value) && Array.isArray(value.action_reprs) && typeof value.confirmed_task === "string";

const tasksOf = (value: unknown): Fields[] => listOf(value).filter(isTask);
const idOf = (task: Fields, at: number): string => textOf(task.annotation_id) ?? `task ${String(at)}`;

function actionOf(text: unknown): Action | null {
  // An action in words is short; matching grows with the square of its spaces.
  const found = typeof text === "string" && text.length < 2000 ? ACTION.exec(text)?.groups : undefined;
  if (!found) return null;
  const op = found.op as keyof typeof kinds;
  const action: Action = { kind: kinds[op], element: [found.tag, found.text].filter(Boolean).join(" ") };
  if (found.text) action.field = found.text;
  if (found.value !== undefined) action.text = found.value;
  if (op === "ENTER") action.keys = ["Enter"];
  return action;
}

function parse(text: string, path: string, sink: RecordSink): void {
  const value = parseDocument(text, path, sink);
  if (value === undefined) return;
  const tasks = tasksOf(value);
  if (tasks.length === 0) {
    reportWrongDocument(sink, path, "tasks with actions");
    return;
  }
  const length = byteLength(text);
  tasks.forEach((task, at) => {
    listOf(task.action_reprs).forEach((repr, index) => {
      sink.step({ offset: 0, length, episodeId: idOf(task, at), index, typeMatch: null, clickHit: null });
      if (actionOf(repr) !== null) return;
      const message = `${idOf(task, at)}, step ${String(index)}: no action can be read from ${JSON.stringify(repr).slice(0, 120)}.`;
      sink.diagnostic({ code: "unknown-action", severity: "warning", message });
    });
  });
  sink.fact("tasks", tasks.length);
}

function readSteps(record: string): StepBody[] {
  return tasksOf(valueOf(record)).flatMap((task, at) =>
    listOf(task.action_reprs).map((repr, index) => ({
      episodeId: idOf(task, at),
      index,
      goal: `${textOf(task.website) ?? ""}: ${String(task.confirmed_task)}`,
      images: [],
      expected: actionOf(repr) ?? {
        kind: "other" as const,
        name: typeof repr === "string" ? repr : JSON.stringify(repr),
      },
      expectedBox: null,
      boxFrom: null,
      predictedText: null,
      predicted: null,
      distance: null,
    })),
  );
}

function detect(sample: SourceSample): number {
  const value = headValue(sample);
  if (value !== undefined)
    return tasksOf(value).length > 0 && tasksOf(value).length >= listOf(value).length * 0.6 ? 0.9 : 0;
  const { head } = sample;
  return /^\s*\[\s*\{/.test(head) && /"action_reprs"\s*:\s*\[/.test(head) && /"confirmed_task"\s*:/.test(head)
    ? 0.85
    : 0;
}

export const mind2web: DocumentReader = {
  id: "mind2web",
  title: "Mind2Web tasks",
  version: 1,
  axis: "line",
  input: "document",
  detect,
  readSteps,
  parse,
};
