// W&B's media/table/*.table.json (formats/gui-and-trainers.md 3.6): {"columns", "data"}. Tables of prompts and completions, as TRL logs
// them, are rollouts with a row per sample; a group is a run of equal prompts of one step.
import { isFields, textOf, type Fields } from "../../base/json";
import { byteLength, fieldsOf, headValue, listOf, parseDocument, reportWrongDocument, valueOf } from "../document";
import { rewardNumbers, runsOf } from "../groups";
import type { DocumentReader, RecordSink, RolloutBody, SourceSample } from "../reader";
import { rolloutRows, rowOf } from "./rolloutRows";

const PROMPT = /^(prompt|input)$/i;
const COMPLETION = /^(completion|output|response)$/i;

/** Their own names but for those that are known in lower case. */
const keyOf = (column: unknown): string => {
  const name = textOf(column) ?? "";
  return PROMPT.test(name) || COMPLETION.test(name) || /^(step|reward|score|advantage)$/i.test(name)
    ? name.toLowerCase()
    : name;
};

/** The rows of a table that holds prompts and completions; null for any other value. */
function rowsOf(value: unknown): Fields[] | null {
  const { columns, data } = fieldsOf(value);
  if (!Array.isArray(columns) || !Array.isArray(data)) return null;
  const keys = columns.map(keyOf);
  if (!keys.some((key) => PROMPT.test(key)) || !keys.some((key) => COMPLETION.test(key))) return null;
  return data.map((row) => Object.fromEntries(keys.map((key, i) => [key, listOf(row)[i] ?? null])));
}

function groupsOf(rows: readonly Fields[]): Fields[][] {
  const samples = rows.flatMap((fields) => rowOf(fields) ?? []);
  const runs = runsOf(samples, (a, b) => a.prompt === b.prompt && Object.is(a.step, b.step));
  return runs.map(([from, to]) => samples.slice(from, to).map(({ fields }) => fields));
}

function parse(text: string, path: string, sink: RecordSink): void {
  const value = parseDocument(text, path, sink);
  if (value === undefined) return;
  const rows = rowsOf(value);
  if (!rows) {
    reportWrongDocument(sink, path, "a table of prompts and completions");
    return;
  }
  const length = byteLength(text);
  for (const [part, group] of groupsOf(rows).entries()) {
    const samples = group.flatMap((fields) => rowOf(fields) ?? []);
    const entry = { step: samples[0]?.step ?? NaN, version: NaN, samples: samples.length };
    const rewards = rewardNumbers(samples.map(({ reward }) => reward));
    sink.rollout({ offset: part, length, ...entry, ...rewards }, part > 0 ? part : undefined);
  }
}

function readRollout(record: string, part = 0): RolloutBody | null {
  const group = groupsOf(rowsOf(valueOf(record)) ?? [])[part];
  return group ? (rolloutRows.readRollout?.(group.map((row) => JSON.stringify(row)).join("\n")) ?? null) : null;
}

function detect(sample: SourceSample): number {
  const value = headValue(sample);
  if (value !== undefined) return isFields(value) && rowsOf(value) ? 0.9 : 0;
  const columns = /^\s*\{\s*"columns"\s*:\s*(\[[^\]]*\])\s*,\s*"data"\s*:\s*\[/.exec(sample.head)?.[1];
  return columns !== undefined && rowsOf({ columns: valueOf(columns), data: [] }) ? 0.9 : 0;
}

export const wandbTable: DocumentReader = {
  id: "wandb-table",
  title: "W&B table of completions",
  version: 1,
  axis: "step",
  input: "document",
  detect,
  readRollout,
  parse,
};
