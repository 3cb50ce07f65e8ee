// Rollouts with a row per sample: verl's {global_step}.jsonl (ppo/ray_trainer.py:396; formats/gui-and-trainers.md 3.4) and ms-swift's
// completions by rows. A group is one prompt (or `uid`) of one step; it grows as its rows come, wherever they lie.
import { isFields, numberOf, textOf, type Fields } from "../../base/json";
import { fieldsOf, shown, valueOf } from "../document";
import { sharedGold } from "../gold";
import { referenceKeys, sharedReference, sumOfParts } from "../groups";
import { GrowingGroups } from "../growingGroups";
import { labelOfRollouts } from "../label";
import { PartMeans } from "../partMeans";
import type { LineParser, LineReader, RecordSink, RolloutBody, SourceSample } from "../reader";
import { ascii, headRecords, parseOutline, reportNotARecord } from "../scan";

const promptKeys = ["input", "prompt"];
const completionKeys = ["output", "completion", "response"];
const completionBytes = completionKeys.map(ascii);
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
  /** "" where each reward function has its own. */
  rewardKey: string;
}

const firstOf = (fields: Fields, keys: readonly string[]): string | undefined => keys.find((key) => key in fields);

export function rowOf(value: unknown): Row | null {
  if (!isFields(value)) return null;
  const promptKey = firstOf(value, promptKeys);
  const textKey = firstOf(value, completionKeys);
  if (promptKey === undefined || textKey === undefined) return null;
  const [prompt, text] = [value[promptKey], value[textKey]];
  if (typeof text !== "string" || (typeof prompt !== "string" && !Array.isArray(prompt))) return null;
  const rewardKey = firstOf(value, rewardKeys) ?? "";
  // A verdict beside the reward functions is none of them.
  const reward = rewardKey === "" ? sumOfParts(partsOf(value, "", false)) : numberOf(value[rewardKey]);
  const step = numberOf(value[firstOf(value, stepKeys) ?? ""]) ?? NaN;
  return { fields: value, prompt: shown(prompt), text, step, reward, rewardKey };
}

/** Every other number or verdict of a sample: parts of its reward, or what its writer logs beside it. */
function partsOf(fields: Fields, rewardKey: string, verdicts = true): Record<string, number> {
  const parts: Record<string, number> = {};
  for (const [key, value] of Object.entries(fields)) {
    const part = verdicts && typeof value === "boolean" ? Number(value) : value;
    if (typeof part === "number" && key !== rewardKey && !noParts.has(key) && !referenceKeys.includes(key)) {
      parts[key] = part;
    }
  }
  return parts;
}

class RowParser implements LineParser {
  private readonly groups: GrowingGroups;
  private readonly means: PartMeans;

  constructor(
    private readonly sink: RecordSink,
    saved: unknown,
    path: string,
  ) {
    const state = fieldsOf(saved);
    this.groups = new GrowingGroups(sink, state.groups);
    this.means = new PartMeans(sink, labelOfRollouts(path) === "val" ? "eval/reward/" : "reward/", state.means);
  }

  state(): unknown {
    return { groups: this.groups.state(), means: this.means.state() };
  }

  line(bytes: Uint8Array, start: number, end: number, offset: number): void {
    const value = parseOutline(bytes, start, end, completionBytes, this.sink);
    const sample = rowOf(value);
    if (sample) {
      const { step, reward } = sample;
      const row = { offset, length: end - start, step, version: NaN, rewards: [reward] };
      this.groups.add(`${String(step)} ${keyOf(sample)}`, row);
      this.means.add(step, partsOf(sample.fields, sample.rewardKey));
    } else if (value !== undefined) reportNotARecord(this.sink, "a sample with its prompt");
  }
}

const keyOf = ({ fields, prompt }: Row): string => {
  const group = fields[firstOf(fields, groupKeys) ?? ""];
  return group === undefined || group === null ? prompt : shown(group);
};

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
  const parts = rows.map((row) => partsOf(row.fields, row.rewardKey));
  const keys = [...new Set(rows.flatMap((row) => Object.keys(row.fields)))].filter(
    (key) => !understood.has(key) && key !== referenceKey && key !== groupKey && !parts.some((of) => key in of),
  );
  const group = first.fields[groupKey];
  return {
    promptId: group === undefined || group === null ? null : shown(group),
    prompt: first.prompt,
    samples: rows.map(({ fields, text, reward }, i) => ({
      text,
      reward,
      parts: parts[i] ?? {},
      tokens: numberOf(fields[firstOf(fields, tokenKeys) ?? ""]),
      finish: textOf(fields[firstOf(fields, finishKeys) ?? ""]),
    })),
    ...sharedGold(values(referenceKey)),
    images: [],
    expected: null,
    expectedBox: null,
    extra: Object.fromEntries(keys.map((key) => [key, sharedReference(values(key)) ?? shown(values(key))])),
  };
}

const trainingKeys = [...stepKeys, "uid", "group_id", "gts", "request_id"];

/** A reward makes a sample of a pair of texts; a step, a group or verl's `gts` makes it one of a training. */
function isSample(value: unknown): boolean {
  const row = rowOf(value);
  if (!row || row.reward === null) return false;
  return trainingKeys.some((key) => key in row.fields);
}

/** Of rows that are longer than what is looked at: how the first begins, and what the last has behind its texts. */
function isLongSample({ head, tail = "" }: SourceSample): boolean {
  // A quote inside a text stands behind a backslash.
  const has = (part: string, keys: readonly string[], value: string): boolean =>
    new RegExp(`[{,]\\s*"(?:${keys.join("|")})"\\s*:\\s*${value}`).test(part);
  if (!/^\s*\{/.test(head) || !has(head, promptKeys, '["[]')) return false;
  return (has(head, trainingKeys, "") || has(tail, trainingKeys, "")) && has(tail, rewardKeys, "-?[\\d.]+\\s*[,}e]");
}

function detect(sample: SourceSample): number {
  const records = headRecords(sample).filter((record) => record !== undefined);
  if (records.length === 0 && sample.head.length < sample.size) return isLongSample(sample) ? 0.85 : 0;
  const samples = records.filter(isSample);
  return samples.length > 0 && samples.length >= records.length * 0.6 ? 0.85 : 0;
}

/** verl writes a file for each step of a run. */
function lifeOf(path: string): { run: string; at: number } | null {
  const [, folder, step] = /^(.*\/|)(\d+)\.jsonl$/.exec(path) ?? [];
  return folder === undefined ? null : { run: `${folder}*.jsonl`, at: Number(step) };
}

export const rolloutRows: LineReader = {
  id: "rollout-rows",
  title: "Rollouts, a row per sample (verl, ms-swift)",
  version: 3,
  axis: "step",
  input: "lines",
  detect,
  labelOf: labelOfRollouts,
  derives: true,
  lifeOf,
  readRollout,
  open: (sink, saved, path = "") => new RowParser(sink, saved, path),
};
