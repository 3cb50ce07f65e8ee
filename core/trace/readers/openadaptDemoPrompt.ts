// OpenAdapt's demo-prompt experiments (formats/gui-and-trainers.md 1.12): one task asked without a demonstration, with it, and with a
// text of the same length as negative control. Actions are in pixels of the one screenshot.
import { isFields, textOf, type Fields } from "../../base/json";
import type { Action } from "../../model/action";
import { byteLength, fieldsOf, headValue, parseDocument, reportWrongDocument, valueOf } from "../document";
import { rate } from "../../metrics/evalMetric";
import type { DocumentReader, RecordSink, SourceSample, StepBody } from "../reader";

interface Case {
  name: string;
  task: string | null;
  /** In the file's order: `zero_shot`, `with_demo`, `control`. */
  answers: [string, Fields][];
}

function casesOf(value: unknown): Case[] | null {
  if (!isFields(value) || !Array.isArray(value.test_cases)) return null;
  const cases = value.test_cases.flatMap((entry: unknown): Case[] => {
    const { test_case: about, results } = fieldsOf(entry);
    if (!isFields(about) || !isFields(results)) return [];
    const answers = Object.entries(results).map(([arm, answer]): [string, Fields] => [arm, fieldsOf(answer)]);
    return [{ name: textOf(about.name) ?? "case", task: textOf(about.task), answers }];
  });
  return cases.length === value.test_cases.length && cases.length > 0 ? cases : null;
}

function parse(text: string, path: string, sink: RecordSink): void {
  const value = parseDocument(text, path, sink);
  if (value === undefined) return;
  const cases = casesOf(value);
  if (!cases || !isFields(value)) {
    reportWrongDocument(sink, path, "a demo-prompt experiment");
    return;
  }
  const length = byteLength(text);
  for (const { name, answers } of cases) {
    answers.forEach(([arm, answer], index) => {
      // There is no right answer in the file to match.
      sink.step({ offset: 0, length, episodeId: `${name}: ${arm}`, index: 0, typeMatch: null, clickHit: null });
      if (textOf(answer.error) === null) return;
      const message = `${name}, ${arm} (${String(index + 1)}): ${String(answer.error).slice(0, 200)}`;
      sink.diagnostic({ code: "request-failed", severity: "warning", message });
    });
  }
  for (const [name, key] of [
    ["started", "timestamp"],
    ["provider", "provider"],
  ] as const)
    if (typeof value[key] === "string") sink.fact(name, value[key]);
  compare(cases, textOf(value.provider), sink);
}

/** The file holds no right answers: what it can show is how often an arm does something else than without a demonstration. */
function compare(cases: readonly Case[], provider: string | null, sink: RecordSink): void {
  const arms = [...new Set(cases.flatMap(({ answers }) => answers.map(([arm]) => arm)))];
  for (const arm of arms) {
    const given = cases.flatMap(({ answers }) => {
      const [own, base] = [arm, "zero_shot"].map((wanted) => answers.find(([name]) => name === wanted)?.[1]);
      return own
        ? [{ parsed: actionOf(own) !== null, same: base === undefined ? null : own.action === base.action }]
        : [];
    });
    const n = given.length;
    const metrics = [rate("parsed", given.filter((g) => g.parsed).length / n, n)];
    const same = given.filter((g) => g.same !== null);
    if (arm !== "zero_shot" && same.length > 0)
      metrics.push({
        ...rate("same_as_zero_shot", same.filter((g) => g.same).length / same.length, same.length),
        better: "unknown",
      });
    sink.evaluation({ label: arm, backend: provider, episodes: n, steps: null, metrics });
  }
}

/** `CLICK(20, 8)` in pixels; other actions keep their words (1.6, item 9, is the dialect). */
function actionOf(answer: Fields): Action | null {
  const text = textOf(answer.action);
  if (text === null) return null;
  const click = /^CLICK\(\s*(-?[\d.]+)\s*,\s*(-?[\d.]+)\s*\)$/.exec(text.trim());
  if (!click) return { kind: "other", name: text };
  const [x, y] = [Number(click[1]), Number(click[2])];
  return { kind: "click", x, y, frame: Math.max(x, y) <= 1 ? "unit" : "px" };
}

function readSteps(record: string): StepBody[] {
  const value = valueOf(record);
  const screenshot = textOf(fieldsOf(value).screenshot);
  return (casesOf(value) ?? []).flatMap(({ name, task, answers }) =>
    answers.map(([arm, answer]) => ({
      episodeId: `${name}: ${arm}`,
      index: 0,
      goal: task,
      images: screenshot === null ? [] : [screenshot],
      expected: null,
      expectedBox: null,
      boxFrom: null,
      predictedText: textOf(answer.response),
      predicted: actionOf(answer),
      distance: null,
    })),
  );
}

function detect(sample: SourceSample): number {
  const value = headValue(sample);
  if (value !== undefined) return casesOf(value) ? 0.9 : 0;
  const { head } = sample;
  return /^\s*\{/.test(head) && /"test_cases"\s*:\s*\[/.test(head) && /"zero_shot"\s*:/.test(head) ? 0.8 : 0;
}

export const openadaptDemoPrompt: DocumentReader = {
  id: "openadapt-demo-prompt",
  title: "OpenAdapt demo-prompt experiment",
  version: 2,
  axis: "line",
  input: "document",
  detect,
  readSteps,
  parse,
};
