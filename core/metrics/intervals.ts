// How far a rate can be trusted. Every rate that is shown comes with its n and this interval.

/** 97.5 % quantile of the normal distribution: two-sided 95 %. */
const Z = 1.959963984540054;

export interface Interval {
  low: number;
  high: number;
}

/**
 * Wilson's score interval, 95 %, for a rate of `rate` in `n` trials (rate is successes / n, in 0..1).
 * null where there is nothing to say: no trials, or a rate that is not in 0..1.
 * Wilson, E. B. (1927): Probable inference, the law of succession, and statistical inference. JASA 22, 209-212.
 */
export function wilson(rate: number, n: number): Interval | null {
  if (!(n > 0) || !Number.isFinite(n) || !(rate >= 0 && rate <= 1)) return null;
  const z2 = (Z * Z) / n;
  const centre = (rate + z2 / 2) / (1 + z2);
  const half = (Z / (1 + z2)) * Math.sqrt((rate * (1 - rate)) / n + z2 / (4 * n));
  // At 0 and 1 the bound is exact; rounding would leave it a hair away.
  return { low: rate === 0 ? 0 : Math.max(0, centre - half), high: rate === 1 ? 1 : Math.min(1, centre + half) };
}

/** Sums over groups of samples (k passes among m): what `groupedWilson` needs of them. */
export interface GroupedCounts {
  passes: number;
  n: number;
  groups: number;
  /** Sums over groups of k * k, k * m and m * m. */
  kk: number;
  km: number;
  mm: number;
}

/**
 * Wilson's interval for a rate whose trials come in groups, as the samples of one prompt do: they resemble each other, and counting each
 * as a trial of its own would promise too much. n is replaced by the effective sample size, the n of independent trials with
 * the variance that is seen between groups; never more than n, never fewer than the groups.
 * Korn, E. L. and Graubard, B. I. (1998): Confidence intervals for proportions with small expected number of positive counts
 * estimated from survey data. Survey Methodology 24, 193-201.
 */
export function groupedWilson({ passes, n, groups, kk, km, mm }: GroupedCounts): Interval | null {
  if (!(n > 0) || !(groups > 0)) return null;
  const rate = passes / n;
  const between = Math.max(0, kk - 2 * rate * km + rate * rate * mm);
  const variance = groups > 1 ? ((groups / (groups - 1)) * between) / (n * n) : Infinity;
  const effective = rate === 0 || rate === 1 ? groups : (rate * (1 - rate)) / variance;
  return wilson(rate, Math.min(n, Math.max(groups, effective)));
}
