// Rollouts with a row per sample: verl's {global_step}.jsonl (ppo/ray_trainer.py:396; formats/gui-and-trainers.md 3.4) and ms-swift's
// completions by rows. A group is one prompt (or `uid`) of one step; it grows as its rows come, wherever they lie.
import { isFields, numberOf, textOf, type Fields } from "../../base/json";
import { shown, valueOf } from "../document";
import { sharedGold } from "../gold";
import {
  addReward,
  noRewards,
  referenceKeys,
  rewardsSoFar,
  sharedReference,
  sumOfParts,
  type RewardsSoFar,
} from "../groups";
import type { LineParser, LineReader, RecordSink, RolloutBody, SourceSample } from "../reader";
import { headRecords, parseLine, reportNotARecord } from "../scan";

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

/** A group so far. `pieces` once its rows do not follow on one another: `[offset, length, ...]`. */
interface Group {
  row: number;
  start: number;
  end: number;
  pieces: number[] | null;
  step: number | null;
  samples: number;
  rewards: RewardsSoFar;
}

/** Groups that may still grow: a trainer writes a step's rows near one another, in whatever order. */
const OPEN_GROUPS = 65_536;

class RowParser implements LineParser {
  /** By a hash of step and prompt, because prompts are long; oldest first. */
  private readonly groups: Map<string, Group>;
  private rows: number;
  private last: string;

  constructor(
    private readonly sink: RecordSink,
    saved: unknown,
  ) {
    const fields = isFields(saved) ? saved : {};
    this.groups = new Map(Array.isArray(fields.groups) ? (fields.groups as [string, Group][]) : []);
    this.rows = numberOf(fields.rows) ?? 0;
    this.last = textOf(fields.last) ?? "";
  }

  state(): unknown {
    return { groups: [...this.groups], rows: this.rows, last: this.last };
  }

  line(bytes: Uint8Array, start: number, end: number, offset: number): void {
    const value = parseLine(bytes, start, end, this.sink);
    const sample = rowOf(value);
    if (!sample) {
      if (value !== undefined) reportNotARecord(this.sink, "a sample with its prompt");
      return;
    }
    const key = hashOf(`${String(sample.step)} ${keyOf(sample)}`);
    const length = end - start;
    const held = this.groups.get(key);
    const group = held ?? this.begin(key, offset, sample.step);
    if (held && key !== this.last) group.pieces ??= [group.start, group.end - group.start];
    group.pieces?.push(offset, length);
    group.end = offset + length;
    group.samples++;
    addReward(group.rewards, sample.reward);
    this.last = key;
    this.emit(group, held !== undefined);
  }

  private begin(key: string, start: number, step: number): Group {
    const group: Group = {
      row: this.rows++,
      start,
      end: start,
      pieces: null,
      step: Number.isNaN(step) ? null : step,
      samples: 0,
      rewards: noRewards(),
    };
    this.groups.set(key, group);
    if (this.groups.size > OPEN_GROUPS) for (const oldest of this.groups.keys()) return this.forget(oldest, group);
    return group;
  }

  private forget(key: string, group: Group): Group {
    this.groups.delete(key);
    return group;
  }

  private emit({ row, start, end, pieces, step, samples, rewards }: Group, grown: boolean): void {
    const length = pieces ? pieces.reduce((size, n, i) => (i % 2 === 1 ? size + n + 1 : size), 0) : end - start;
    const entry = { offset: start, length, step: step ?? NaN, version: NaN, samples, ...rewardsSoFar(rewards) };
    this.sink.rollout(entry, pieces ?? undefined, grown ? row : undefined);
  }
}

const keyOf = ({ fields, prompt }: Row): string => {
  const group = fields[firstOf(fields, groupKeys) ?? ""];
  return group === undefined || group === null ? prompt : shown(group);
};

/** 64 bits: two of a million groups share one with a chance of 1 in 30 million (two murmur-like lanes, as cyrb53 mixes them). */
function hashOf(text: string): string {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return `${(a >>> 0).toString(36)}.${(b >>> 0).toString(36)}`;
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
    ...sharedGold(values(referenceKey)),
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

export const rolloutRows: LineReader = {
  id: "rollout-rows",
  title: "Rollouts, a row per sample (verl, ms-swift)",
  version: 2,
  axis: "step",
  input: "lines",
  detect,
  readRollout,
  open: (sink, saved) => new RowParser(sink, saved),
};
