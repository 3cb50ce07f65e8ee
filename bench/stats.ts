// The few numbers that a benchmark reports, and the one clock that all its processes share.

/** By rank, so that it is always a value that was measured. `share` is 0 to 1. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = Math.max(0, Math.ceil(share * sorted.length) - 1);
  const value = sorted[at];
  if (value === undefined) throw new Error("nothing was measured");
  return value;
}

export const median = (samples: readonly number[]): number => percentile(samples, 0.5);

/** Milliseconds of the system's steady clock: the same in every process on this machine. */
export const now = (): number => Number(process.hrtime.bigint()) / 1e6;

export async function timed(act: () => Promise<unknown>): Promise<number> {
  const began = now();
  await act();
  return now() - began;
}

/** `min to max of n` for the note of a line. */
export function spread(samples: readonly number[]): string {
  const digits = Math.max(...samples) < 100 ? 1 : 0;
  return `${Math.min(...samples).toFixed(digits)}–${Math.max(...samples).toFixed(digits)} of ${samples.length}`;
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A fixed sequence in [0, 1), so that every machine makes the same bytes. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
