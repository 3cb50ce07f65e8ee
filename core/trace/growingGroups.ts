// Rollout groups of which a file holds a row per sample, wherever the rows lie: a group grows as they come.
import { isFields, numberOf, textOf } from "../base/json";
import { addReward, noRewards, rewardsSoFar, type RewardsSoFar } from "./groups";
import type { RecordSink } from "./reader";

/** A group so far. `pieces` once its rows do not follow on one another: `[offset, length, ...]`. */
interface Group {
  row: number;
  start: number;
  end: number;
  pieces: number[] | null;
  step: number | null;
  version: number | null;
  samples: number;
  rewards: RewardsSoFar;
}

export interface GroupRow {
  offset: number;
  length: number;
  /** NaN where the row does not say; the group's first row counts. */
  step: number;
  version: number;
  /** Of each sample in the row; null where it has none. */
  rewards: readonly (number | null)[];
}

/** Groups that may still grow: a trainer writes a step's rows near one another, in whatever order. */
const OPEN_GROUPS = 65_536;

export class GrowingGroups {
  /** By a hash of what names the group, because prompts are long; oldest first. */
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

  add(name: string, { offset, length, step, version, rewards }: GroupRow): void {
    const key = hashOf(name);
    const held = this.groups.get(key);
    const group = held ?? this.begin(key, offset, step, version);
    if (held && key !== this.last) group.pieces ??= [group.start, group.end - group.start];
    group.pieces?.push(offset, length);
    group.end = offset + length;
    group.samples += rewards.length;
    for (const reward of rewards) addReward(group.rewards, reward);
    this.last = key;
    this.emit(group, held !== undefined);
  }

  private begin(key: string, start: number, step: number, version: number): Group {
    const group: Group = {
      row: this.rows++,
      start,
      end: start,
      pieces: null,
      step: Number.isNaN(step) ? null : step,
      version: Number.isNaN(version) ? null : version,
      samples: 0,
      rewards: noRewards(),
    };
    this.groups.set(key, group);
    const oldest = this.groups.size > OPEN_GROUPS ? this.groups.keys().next().value : undefined;
    if (oldest !== undefined) this.groups.delete(oldest);
    return group;
  }

  private emit({ row, start, end, pieces, step, version, samples, rewards }: Group, grown: boolean): void {
    const length = pieces ? pieces.reduce((size, n, i) => (i % 2 === 1 ? size + n + 1 : size), 0) : end - start;
    const { rewardMean, rewardMin, rewardMax, rewardStd } = rewardsSoFar(rewards);
    // Written out: spreading objects for each of a million rows costs as much as parsing them.
    const entry = {
      offset: start,
      length,
      step: step ?? NaN,
      version: version ?? NaN,
      samples,
      rewardMean,
      rewardMin,
      rewardMax,
      rewardStd,
    };
    this.sink.rollout(entry, pieces ?? undefined, grown ? row : undefined);
  }
}

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
