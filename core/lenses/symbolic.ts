// Whether two LaTeX answers mean the same, by the compute engine. It is heavy, so that it is loaded only when a lens asks for it.
import type { BoxedExpression, ComputeEngine } from "@cortex-js/compute-engine";

let engine: ComputeEngine | null = null;

export async function loadEngine(): Promise<void> {
  if (engine) return;
  const { ComputeEngine: Engine } = await import("@cortex-js/compute-engine");
  engine = new Engine();
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

function compareBoth(engine: ComputeEngine, a: string, b: string): Equality {
  try {
    // Two engines would share no state; one that keeps what it inferred of `x` makes the second answer depend on the first.
    engine.pushScope();
    try {
      return compare(engine, engine.parse(a), engine.parse(b));
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

function compare(ce: ComputeEngine, x: BoxedExpression, y: BoxedExpression): Equality {
  if (!x.isValid || !y.isValid) return "unknown";
  if (x.isSame(y)) return "equal";
  const names = [...new Set([...x.unknowns, ...y.unknowns])];
  if (names.length === 0) {
    const known = x.isEqual(y);
    if (known !== undefined) return known ? "equal" : "different";
  }
  return names.length > 6 ? "unknown" : sampled(ce, x, y, names);
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
    const [left, right] = [valueOf(x.subs(values)), valueOf(y.subs(values))];
    if (!left || !right) continue;
    const size = Math.max(Math.hypot(...left), Math.hypot(...right));
    if (Math.hypot(left[0] - right[0], left[1] - right[1]) > 1e-9 * Math.max(size, 1e-3)) return "different";
    agreed++;
  }
  return agreed >= 2 ? "equal" : "unknown";
}

function valueOf(expression: BoxedExpression): [number, number] | null {
  const value = expression.N();
  const [re, im] = [value.re, value.im];
  return Number.isFinite(re) && Number.isFinite(im) ? [re, im] : null;
}
