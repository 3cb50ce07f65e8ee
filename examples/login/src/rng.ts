// Seeded random numbers. Every consumer gets its own stream, named by words and numbers, so that adding a draw in one
// place never shifts the numbers of another.

export interface Rng {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Uniform integer in [low, high], both ends included. */
  integer(low: number, high: number): number;
  /** Standard normal. */
  normal(): number;
  pick<T>(items: readonly [T, ...T[]]): T;
}

/** A stream for these parts, such as `createRng("train", seed, episode)`. */
export function createRng(...parts: (string | number)[]): Rng {
  let state = hash(parts.join("/"));
  // mulberry32: 32 bits of state, good enough for data and sampling, and the same on every machine.
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return {
    uniform,
    integer: (low, high) => low + Math.floor(uniform() * (high - low + 1)),
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    pick: (items) => items[Math.floor(uniform() * items.length)] ?? items[0],
  };
}

/** FNV-1a with a final mix, so that neighbouring seeds start far apart. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** The numbers 0 … count-1 in random order. */
export function shuffledRange(count: number, rng: Rng): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = rng.integer(0, i);
    [order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0];
  }
  return order;
}
