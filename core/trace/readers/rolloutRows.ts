// Rollouts with a row per sample: verl's {global_step}.jsonl (ppo/ray_trainer.py:396; formats/gui-and-trainers.md 3.4) and ms-swift's
// completions by rows. A group is one prompt (or `uid`) of one step, wherever its rows lie; so the whole file is read at once.
import { isFields, numberOf, textOf, type Fields } from "../../base/json";
import { shown, valueOf } from "../document";
import { referenceKeys, rewardNumbers, sharedReference, sumOfParts } from "../groups";
import type { BytesReader, RecordSink, RolloutBody, SourceSample } from "../reader";
import { headRecords, parseLine, reportNotARecord } from "../scan";

const NEWLINE = 10;
const promptKeys = ["input", "prompt"];
const completionKeys = ["output", "completion", "response"];
const rewardKeys = ["score", "reward"];
const stepKeys = ["step", "global_step"];
const groupKeys = ["uid", "group_id", "prompt_id"];
const tokenKeys = ["response_length", "completion_length", "tokens"];
const finishKeys = ["finish_reason", "stop_reason"];
/** Numbers of a sample that are no part of its reward. */
const noParts = new Set([
  ...stepKeys,
  ...groupKeys,
  ...tokenKeys,
  ...["advantage", "advantages", "num_turns", "entropy", "index", "rank", "request_id", "epoch", "doc_id"],
]);

interface Row {
  fields: Fields;
  prompt: string;
  text: string;
  step: number;
  reward: number | null;
  parts: Record<string, number>;
}

const firstOf = (fields: Fields, keys: readonly string[]): string | undefined => keys.find((key) => key in fields);

function rowOf(value: unknown): Row | null {
  if (!isFields(value)) return null;
  const promptKey = firstOf(value, promptKeys);
  const textKey = firstOf(value, completionKeys);
  if (promptKey === undefined || textKey === undefined) return null;
  const [prompt, text] = [value[promptKey], value[textKey]];
  if (typeof text !== "string" || (typeof prompt !== "string" && !Array.isArray(prompt))) return null;
  const rewardKey = firstOf(value, rewardKeys) ?? "";
  const parts: Record<string, number> = {};
  for (const [key, part] of Object.entries(value)) {
    if (typeof part === "number" && key !== rewardKey && !noParts.has(key) && !referenceKeys.includes(key)) {
      parts[key] = part;
    }
  }
  const reward = numberOf(value[rewardKey]) ?? (rewardKey === "" ? sumOfParts(parts) : null);
  const step = numberOf(value[firstOf(value, stepKeys) ?? ""]) ?? NaN;
  return { fields: value, prompt: shown(prompt), text, step, reward, parts };
}

interface Group {
  rows: { start: number; end: number; step: number; reward: number | null }[];
  /** Number of its last row: rows that do not follow on one another are held, not cut out. */
  last: number;
  together: boolean;
}

const nothing = (): void => undefined;
const silent = { point: nothing, rollout: nothing, step: nothing, evaluation: nothing, fact: nothing };

function parseBytes(bytes: Uint8Array, _path: string, sink: RecordSink): void {
  const groups = new Map<string, Group>();
  let line = 0;
  let row = 0;
  const placed: RecordSink = {
    ...silent,
    diagnostic: (problem) => sink.diagnostic({ ...problem, message: `Line ${String(line)}: ${problem.message}` }),
  };
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline < 0 ? bytes.length : newline;
    line++;
    const value = parseLine(bytes, start, end, placed);
    const sample = rowOf(value);
    if (sample) {
      const key = `${String(sample.step)} ${keyOf(sample)}`;
      const group = groups.get(key) ?? { rows: [], last: row - 1, together: true };
      if (group.last !== row - 1) group.together = false;
      group.last = row++;
      group.rows.push({ start, end, step: sample.step, reward: sample.reward });
      groups.set(key, group);
    } else if (value !== undefined) reportNotARecord(placed, "a sample with its prompt");
    start = end + 1;
  }
  for (const group of groups.values()) emit(group, bytes, sink);
}

const keyOf = ({ fields, prompt }: Row): string => {
  const group = fields[firstOf(fields, groupKeys) ?? ""];
  return group === undefined || group === null ? prompt : shown(group);
};

function emit({ rows, together }: Group, bytes: Uint8Array, sink: RecordSink): void {
  const first = rows[0];
  const last = rows[rows.length - 1];
  if (!first || !last) return;
  const entry = {
    offset: first.start,
    length: together ? last.end - first.start : rows.reduce((size, r) => size + r.end - r.start + 1, 0),
    step: first.step,
    version: NaN,
    samples: rows.length,
    ...rewardNumbers(rows.map((r) => r.reward)),
  };
  const decoder = new TextDecoder();
  const held = together ? undefined : rows.map((r) => decoder.decode(bytes.subarray(r.start, r.end))).join("\n");
  sink.rollout(entry, held);
}

function readRollout(record: string): RolloutBody | null {
  const rows = record.split("\n").flatMap((line) => rowOf(valueOf(line)) ?? []);
  const first = rows[0];
  if (!first) return null;
  const values = (key: string): unknown[] => rows.map((row) => row.fields[key]);
  const referenceKey = referenceKeys.find((key) => sharedReference(values(key)) !== null) ?? "";
  const groupKey = firstOf(first.fields, groupKeys) ?? "";
  const understood = new Set([
    ...promptKeys,
    ...completionKeys,
    ...rewardKeys,
    ...stepKeys,
    ...finishKeys,
    ...tokenKeys,
  ]);
  const keys = [...new Set(rows.flatMap((row) => Object.keys(row.fields)))].filter(
    (key) => !understood.has(key) && key !== referenceKey && key !== groupKey && !rows.some((row) => key in row.parts),
  );
  const group = first.fields[groupKey];
  return {
    promptId: group === undefined || group === null ? null : shown(group),
    prompt: first.prompt,
    samples: rows.map(({ fields, text, reward, parts }) => ({
      text,
      reward,
      parts,
      tokens: numberOf(fields[firstOf(fields, tokenKeys) ?? ""]),
      finish: textOf(fields[firstOf(fields, finishKeys) ?? ""]),
    })),
    reference: sharedReference(values(referenceKey)),
    images: [],
    expected: null,
    expectedBox: null,
    extra: Object.fromEntries(keys.map((key) => [key, sharedReference(values(key)) ?? shown(values(key))])),
  };
}

/** A reward makes a sample of a pair of texts; a step, a group or verl's `gts` makes it one of a training. */
function isSample(value: unknown): boolean {
  const row = rowOf(value);
  if (!row || row.reward === null) return false;
  return [...stepKeys, "uid", "group_id", "gts", "request_id"].some((key) => key in row.fields);
}

function detect(sample: SourceSample): number {
  const records = headRecords(sample).filter((record) => record !== undefined);
  const samples = records.filter(isSample);
  return samples.length > 0 && samples.length >= records.length * 0.6 ? 0.85 : 0;
}

export const rolloutRows: BytesReader = {
  id: "rollout-rows",
  title: "Rollouts, a row per sample (verl, ms-swift)",
  version: 1,
  axis: "step",
  input: "bytes",
  detect,
  readRollout,
  parseBytes,
};
