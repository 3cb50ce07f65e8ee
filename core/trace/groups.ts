// Samples of one prompt as one rollout group: what writers that keep a row per sample leave to the reader.
import { numberOf } from "../base/json";
import { shown } from "./document";
import type { RolloutEntry } from "./reader";

/** Over the finite rewards; NaN where there is none. The deviation is the population's. */
export function rewardNumbers(
  rewards: readonly (number | null)[],
): Pick<RolloutEntry, "rewardMean" | "rewardMin" | "rewardMax" | "rewardStd"> {
  const known = rewards.filter((r): r is number => r !== null && Number.isFinite(r));
  if (known.length === 0) return { rewardMean: NaN, rewardMin: NaN, rewardMax: NaN, rewardStd: NaN };
  const mean = known.reduce((a, b) => a + b, 0) / known.length;
  const variance = known.reduce((a, b) => a + (b - mean) ** 2, 0) / known.length;
  const rewardMin = known.reduce((a, b) => Math.min(a, b));
  const rewardMax = known.reduce((a, b) => Math.max(a, b));
  // Rounding must not give equal rewards a spread.
  return { rewardMean: mean, rewardMin, rewardMax, rewardStd: rewardMin === rewardMax ? 0 : Math.sqrt(variance) };
}

/** Finite rewards of a group that is still growing: Welford's running mean and sum of squares. JSON; no extremes are null. */
export interface RewardsSoFar {
  count: number;
  mean: number;
  squares: number;
  min: number | null;
  max: number | null;
}

export const noRewards = (): RewardsSoFar => ({ count: 0, mean: 0, squares: 0, min: null, max: null });

export function addReward(so: RewardsSoFar, reward: number | null): void {
  if (reward === null || !Number.isFinite(reward)) return;
  so.count++;
  const from = reward - so.mean;
  so.mean += from / so.count;
  so.squares += from * (reward - so.mean);
  so.min = Math.min(so.min ?? reward, reward);
  so.max = Math.max(so.max ?? reward, reward);
}

/** What `rewardNumbers` says of the same rewards, up to rounding. */
export function rewardsSoFar({ count, mean, squares, min, max }: RewardsSoFar): ReturnType<typeof rewardNumbers> {
  if (min === null || max === null) return { rewardMean: NaN, rewardMin: NaN, rewardMax: NaN, rewardStd: NaN };
  return { rewardMean: mean, rewardMin: min, rewardMax: max, rewardStd: min === max ? 0 : Math.sqrt(squares / count) };
}

/**
 * The sum of a sample's reward functions: TRL and ms-swift write each function's reward, and neither their weights nor the total.
 * As in their own `nansum`, a function that says NaN does not apply; NaN where all say so, null where there is none.
 */
export const sumOfParts = (parts: Readonly<Record<string, number>>): number | null =>
  sumOfRewards(Object.values(parts));

/** The same of values in any form; those that are no numbers say nothing. */
export function sumOfRewards(values: readonly unknown[]): number | null {
  let sum: number | null = null;
  let known = 0;
  for (const value of values) {
    const number = numberOf(value);
    if (number === null) continue;
    sum ??= 0;
    if (Number.isNaN(number)) continue;
    sum += number;
    known++;
  }
  return sum === null ? null : known === 0 ? NaN : sum;
}

/** What trainers call the answer that a sample is compared with, most specific first. */
export const referenceKeys = ["solution", "gts", "ground_truth", "gold", "reference", "answer", "target"];

/** The one reference of a group: null where there is none, or where samples differ. */
export function sharedReference(values: readonly unknown[]): string | null {
  const first = values[0];
  if (first === undefined || first === null) return null;
  const text = shown(first);
  return values.every((value) => value === first || shown(value) === text) ? text : null;
}

/** `[start, end)` of each run of equal neighbours. */
export function runsOf<T>(items: readonly T[], same: (a: T, b: T) => boolean): [number, number][] {
  const runs: [number, number][] = [];
  for (const [i, item] of items.entries()) {
    const last = runs[runs.length - 1];
    const before = items[i - 1];
    if (last && before !== undefined && same(before, item)) last[1] = i + 1;
    else runs.push([i, i + 1]);
  }
  return runs;
}
