// A column of a million points as a few hundred that look the same: extremes, ends and not-a-numbers survive.

export interface Columns {
  steps: number[];
  values: number[];
}

/**
 * At most `limit` points of the columns (`steps[i]` belongs to `values[i]`), in their order. The first and the last stay, and of
 * each of equally many consecutive points the smallest, the largest and the first that is not finite.
 * A limit below 5 is taken as 5.
 */
export function thin(steps: ArrayLike<number>, values: ArrayLike<number>, limit: number): Columns {
  const count = Math.min(steps.length, values.length);
  const room = Math.max(5, Math.floor(limit));
  const kept = count <= room ? Array.from({ length: count }, (_, i) => i) : pick(values, count, room);
  return { steps: kept.map((i) => steps[i] ?? NaN), values: kept.map((i) => values[i] ?? NaN) };
}

function pick(values: ArrayLike<number>, count: number, room: number): number[] {
  const perBucket = everyFinite(values, count) ? 2 : 3;
  const inner = count - 2;
  const buckets = Math.max(1, Math.floor((room - 2) / perBucket));
  const kept = [0];
  for (let b = 0; b < buckets; b++) {
    const from = 1 + Math.floor((b * inner) / buckets);
    const to = 1 + Math.floor(((b + 1) * inner) / buckets);
    keepOfBucket(values, from, to, kept);
  }
  kept.push(count - 1);
  return kept;
}

function everyFinite(values: ArrayLike<number>, count: number): boolean {
  for (let i = 0; i < count; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}

function keepOfBucket(values: ArrayLike<number>, from: number, to: number, kept: number[]): void {
  let low = -1;
  let high = -1;
  let odd = -1;
  let lowest = Infinity;
  let highest = -Infinity;
  for (let i = from; i < to; i++) {
    const value = values[i] ?? NaN;
    if (!Number.isFinite(value)) {
      if (odd < 0) odd = i;
      continue;
    }
    if (value < lowest) {
      lowest = value;
      low = i;
    }
    if (value > highest) {
      highest = value;
      high = i;
    }
  }
  const chosen = [...new Set([low, high, odd])].filter((i) => i >= 0);
  kept.push(...chosen.sort((a, b) => a - b));
}
