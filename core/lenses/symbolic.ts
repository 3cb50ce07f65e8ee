// Whether two LaTeX answers mean the same, by the compute engine. It is heavy, so that it is loaded only when a lens asks for it.
import type { BoxedExpression, ComputeEngine } from "@cortex-js/compute-engine";
import { rationalOf } from "./rational";

let engine: ComputeEngine | null = null;

export async function loadEngine(): Promise<void> {
  if (engine) return;
  const { ComputeEngine: Engine } = await import("@cortex-js/compute-engine");
  engine = new Engine();
  // Its own are 21 digits and 1e-10, below which it takes every number for 0.
  engine.precision = 40;
  engine.tolerance = 1e-300;
}

/** Longer ones are compared as text alone: the engine's time grows with the length, and no answer of a benchmark is so long. */
const longest = 300;
const mostDigits = 40;
/** Loops over ranges, limits and derivatives: their cost has nothing to do with their length. */
const unbounded =
  /\\(?:sum|prod|int|iint|oint|lim|bigcup|bigcap|frac\{d)|'|(?<!(?<!\d)\d{1,2})!|\\(?:mathrm|operatorname)|\d{4,}\s*\}?\s*\)?\s*\^|\^\s*\{?\s*-?\d{5,}|\^[^^]*\^[^^]*\^/;

/** The samples of a group give the same few answers to the same reference. */
const known = new Map<string, Equality>();
const mostKnown = 5000;

export type Equality = "equal" | "different" | "unknown";

/** `unknown`: the engine is not loaded, does not read one of them, or it would cost too much. */
export function symbolicallyEqual(a: string, b: string): Equality {
  if (!engine || tooMuch(a) || tooMuch(b)) return "unknown";
  const key = `${a}\n${b}`;
  const before = known.get(key);
  if (before) return before;
  if (known.size >= mostKnown) known.clear();
  const found = compareBoth(engine, a, b);
  known.set(key, found);
  return found;
}

/** A real number's size, to put bounds in order by; infinity has one too. Null for anything else. */
export function sizeOf(text: string): number | null {
  if (!engine || tooMuch(text)) return null;
  try {
    const { re, im } = engine.parse(text).N();
    return im === 0 && !Number.isNaN(re) ? re : null;
  } catch {
    return null;
  }
}

function compareBoth(engine: ComputeEngine, a: string, b: string): Equality {
  try {
    // Two engines would share no state; one that keeps what it inferred of `x` makes the second answer depend on the first.
    engine.pushScope();
    try {
      const exact = compareExactly(engine, a, b);
      return exact ?? compare(engine, engine.parse(a), engine.parse(b));
    } finally {
      engine.popScope();
    }
  } catch {
    return "unknown";
  }
}

function tooMuch(text: string): boolean {
  if (text.length > longest || unbounded.test(text)) return true;
  if (new RegExp(`\\d{${String(mostDigits + 1)}}`).test(text)) return true;
  let [depth, deepest] = [0, 0];
  for (const character of text) {
    if (character === "{" || character === "(") deepest = Math.max(deepest, ++depth);
    if (character === "}" || character === ")") depth--;
  }
  return deepest > 12;
}

/** Null where one of them is more than a number made of numbers. */
function compareExactly(engine: ComputeEngine, a: string, b: string): Equality | null {
  const [x, y] = [a, b].map((text) => rationalOf(engine.parse(withFractions(text), { canonical: false }).json));
  if (!x || !y) return x === "undefined" || y === "undefined" ? "unknown" : null;
  if (x === "undefined" || y === "undefined") return "unknown";
  return x[0] === y[0] && x[1] === y[1] ? "equal" : "different";
}

/** `0.1\overline{6}` has no end in digits. */
const withFractions = (text: string): string =>
  text.replace(/(\d+)\.(\d*)(?:\\overline\s*\{(\d+)\}|\((\d+)\))/g, (_all, whole: string, part: string, ...rest) => {
    const period = String(rest[0] ?? rest[1]);
    const [long, short] = [BigInt(whole + part + period), BigInt(whole + part)];
    return `(\\frac{${String(long - short)}}{${"9".repeat(period.length)}${"0".repeat(part.length)}})`;
  });

function compare(ce: ComputeEngine, x: BoxedExpression, y: BoxedExpression): Equality {
  const [left, right] = [JSON.stringify(x.json), JSON.stringify(y.json)];
  if (!x.isValid || !y.isValid || `${left}${right}`.includes('"NaN"')) return "unknown";
  const names = [...new Set([...x.unknowns, ...y.unknowns])];
  // Not `isSame`, to which pi and its first digits are the same.
  const close = names.length === 0 ? closeNumbers(x, y) : null;
  if (close !== null) return close;
  if (left === right) return "equal";
  if (names.length === 0) {
    const known = x.isEqual(y);
    if (known !== undefined) return known ? "equal" : "different";
  }
  return names.length > 6 ? "unknown" : sampled(ce, x, y, names);
}

/** What takes away or may be 0 by itself leaves a rest in the last digits; a product does not. */
const vanishing = ["Add", "Subtract", "Sin", "Cos", "Tan", "Cot", "Ln", "Log", "Arcsin", "Arccos", "Arctan"];

/** Null where one is no number. Without a floor, as every number is close to 0 that is small. */
function closeNumbers(x: BoxedExpression, y: BoxedExpression): Equality | null {
  const [left, right] = [x.N(), y.N()];
  if (left.numericValue === null || right.numericValue === null) return null;
  if (left.isInfinity === true || right.isInfinity === true)
    return left.isInfinity === true && right.isInfinity === true && left.isSame(right) ? "unknown" : "different";
  const [a, b, apart] = [valueOf(left), valueOf(right), valueOf(left.sub(right))];
  if (!a || !b || !apart) return "unknown";
  const size = Math.max(Math.hypot(...a), Math.hypot(...b));
  // Complex numbers are computed in half the digits.
  const digits = a[1] !== 0 || b[1] !== 0 ? 1e-12 : 1e-17;
  const floor = x.has(vanishing) || y.has(vanishing) ? digits : 0;
  return Math.hypot(...apart) <= Math.max(digits * size, floor) ? "equal" : "different";
}

/** Fixed points, so that a verdict never changes; far from whole numbers and from each other. */
const points = [
  [0.7391, 1.3217, 2.1173, 0.4409, 1.7713, 2.9071],
  [1.9023, 0.6131, 0.3307, 2.4511, 1.1187, 0.8659],
  [2.6411, 2.2903, 1.5701, 0.9217, 0.2719, 1.4337],
  [-1.2371, 0.5081, -0.7873, 1.6421, -2.3059, 0.3571],
];

/** An identity holds at every point where both sides are defined. Simplifying would prove it, at a price without bound. */
function sampled(ce: ComputeEngine, x: BoxedExpression, y: BoxedExpression, names: readonly string[]): Equality {
  let agreed = 0;
  for (const point of points) {
    const values = Object.fromEntries(names.map((name, i) => [name, ce.number(point[i] ?? 1)]));
    const close = closeNumbers(x.subs(values), y.subs(values));
    if (close === "different") return close;
    if (close !== "equal") continue;
    agreed++;
  }
  return agreed >= 2 ? "equal" : "unknown";
}

function valueOf(value: BoxedExpression): [number, number] | null {
  // `re` of what is small is 0.
  const [re, im] = [value.bignumRe?.toNumber() ?? value.re, value.im];
  return Number.isFinite(re) && Number.isFinite(im) ? [re, im] : null;
}
