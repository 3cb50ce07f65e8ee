// Whether two curves are one and the same, written by two hands: a console prints four digits, TensorBoard keeps a 32-bit float.

export interface Points {
  readonly steps: ArrayLike<number>;
  readonly values: ArrayLike<number>;
}

/** `apart`: they have no step in common, so nothing can be said. */
export type Agreement = "agrees" | "differs" | "apart";

/** So many steps are compared, evenly spread: curves of two runs part long before. */
const LOOKED_AT = 400;
/** A 32-bit float keeps seven digits. */
const FLOAT_ERROR = 1e-6;
/** A value logged twice at one step, or put a step too late by a progress bar, is no other curve. */
const ODD_SHARE = 0.02;

/** Compares two curves at the steps that both have; where one has a step twice, its last value counts. */
export function compareAtSteps(a: Points, b: Points): Agreement {
  const [few, many] = a.steps.length <= b.steps.length ? [a, b] : [b, a];
  const inFew = lookup(few);
  const inMany = lookup(many);
  const pairs: [number, number][] = [];
  for (const row of spread(few.steps.length)) {
    const step = few.steps[row] ?? NaN;
    const [own, other] = [inFew(step), inMany(step)];
    if (own !== undefined && other !== undefined) pairs.push([own, other]);
  }
  return pairs.length === 0 ? "apart" : areEqual(pairs) ? "agrees" : "differs";
}

/**
 * Compares them in the order of writing: for a console, whose steps are read off progress bars or are missing. The shorter one
 * is held against the beginning of the other, then against its end.
 */
export function compareInOrder(a: Points, b: Points): Agreement {
  const [few, many] = a.values.length <= b.values.length ? [a.values, b.values] : [b.values, a.values];
  if (few.length === 0) return "apart";
  const at = (shift: number): [number, number][] =>
    spread(few.length).map((row) => [few[row] ?? NaN, many[row + shift] ?? NaN]);
  return areEqual(at(0)) || areEqual(at(many.length - few.length)) ? "agrees" : "differs";
}

function spread(count: number): number[] {
  if (count <= LOOKED_AT) return Array.from({ length: count }, (_, i) => i);
  return Array.from({ length: LOOKED_AT }, (_, i) => Math.round((i * (count - 1)) / (LOOKED_AT - 1)));
}

/** Value at a step, the last one written. Most curves go forward, and are searched by halving. */
function lookup({ steps, values }: Points): (step: number) => number | undefined {
  for (let i = 1; i < steps.length; i++) {
    if ((steps[i] ?? 0) < (steps[i - 1] ?? 0)) {
      const last = new Map(Array.from(steps, (step, row) => [step, values[row]]));
      return (step) => last.get(step);
    }
  }
  return (step) => {
    const row = rowsBefore(steps, step, true) - 1;
    return steps[row] === step ? values[row] : undefined;
  };
}

/** How many rows stand before `step` (or at it, where `including`), of steps that go forward. */
export function rowsBefore(steps: ArrayLike<number>, step: number, including = false): number {
  let [low, high] = [0, steps.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const at = steps[middle] ?? NaN;
    if (at < step || (including && at === step)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function areEqual(pairs: readonly (readonly [number, number])[]): boolean {
  const odd = pairs.filter(([a, b]) => !isClose(a, b, FLOAT_ERROR * Math.max(Math.abs(a), Math.abs(b))));
  if (odd.length === 0) return true;
  const [left, right] = [roundingOf(pairs.map(([a]) => a)), roundingOf(pairs.map(([, b]) => b))];
  const still = odd.filter(([a, b]) => !isClose(a, b, Math.max(left(a), right(b))));
  return still.length <= Math.floor(pairs.length * ODD_SHARE);
}

const isClose = (a: number, b: number, by: number): boolean => Object.is(a, b) || a === b || Math.abs(a - b) <= by;

/**
 * How far a value may lie from what it was before it was printed: half a unit of the last place that its column shows, by decimals
 * (`%.4f`) or by significant digits (`%.4g`). A column of whole numbers was not rounded: its zeros are zeros.
 */
function roundingOf(column: readonly number[]): (value: number) => number {
  let [decimals, digits] = [0, 0];
  for (const value of column) {
    if (!Number.isFinite(value)) continue;
    const [mantissa = "", exponent = "0"] = value.toExponential().split("e");
    const significant = mantissa.replace(/[-.]/g, "").length;
    digits = Math.max(digits, significant);
    decimals = Math.max(decimals, significant - 1 - Number(exponent));
  }
  const byDecimals = decimals >= 2 ? 0.5000001 * 10 ** -decimals : 0;
  return (value) => {
    if (value === 0 || !Number.isFinite(value) || decimals <= 0) return byDecimals;
    const place = Math.floor(Math.log10(Math.abs(value))) + 1 - digits;
    return Math.max(byDecimals, digits >= 3 ? 0.5000001 * 10 ** place : 0);
  };
}
