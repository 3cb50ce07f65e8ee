// A group's rewards as the index keeps them.
import type { RolloutEntry } from "./reader";

/** Over the finite rewards; NaN where there is none. The deviation is the population's. */
export function rewardNumbers(
  rewards: readonly number[],
): Pick<RolloutEntry, "rewardMean" | "rewardMin" | "rewardMax" | "rewardStd"> {
  const known = rewards.filter(Number.isFinite);
  if (known.length === 0) return { rewardMean: NaN, rewardMin: NaN, rewardMax: NaN, rewardStd: NaN };
  const mean = known.reduce((a, b) => a + b, 0) / known.length;
  const variance = known.reduce((a, b) => a + (b - mean) ** 2, 0) / known.length;
  const rewardMin = known.reduce((a, b) => Math.min(a, b));
  const rewardMax = known.reduce((a, b) => Math.max(a, b));
  // Rounding must not give equal rewards a spread.
  return { rewardMean: mean, rewardMin, rewardMax, rewardStd: rewardMin === rewardMax ? 0 : Math.sqrt(variance) };
}
