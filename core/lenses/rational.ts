// The exact value of an expression that is made of whole numbers and decimals alone: an engine that computes with digits takes
// 1/2^40 and 1/2^41 for one, and both for 0.

/** Above and below; below is more than 0. */
export type Rational = readonly [above: bigint, below: bigint];

/** What such an expression's tree is made of: MathJSON as it was read, before anything was computed. */
export type MathTree = unknown;

/** Beyond it a power is left to the engine, which keeps its size and not its digits. */
const mostBits = 40_000;

/** `undefined`: it divides by nothing. Null: it is no such expression. */
export function rationalOf(tree: MathTree, depth = 0): Rational | "undefined" | null {
  if (depth > 40) return null;
  if (typeof tree === "number") return decimal(String(tree));
  if (isDigits(tree)) return decimal(tree.num);
  if (!Array.isArray(tree)) return null;
  const [operator, ...operands] = tree as readonly unknown[];
  if (operands.length === 0) return null;
  const values: Rational[] = [];
  let divided = false;
  for (const operand of operands) {
    const value = rationalOf(operand, depth + 1);
    if (value === null) return null;
    if (value === "undefined") divided = true;
    else values.push(value);
  }
  return divided ? "undefined" : combined(operator, values, operands);
}

const isDigits = (tree: unknown): tree is { num: string } =>
  typeof tree === "object" && tree !== null && "num" in tree && typeof tree.num === "string";

function decimal(text: string): Rational | null {
  const [, sign = "", whole = "", part = "", exponent = "0"] =
    /^([-+]?)(\d+)(?:\.(\d+))?(?:[eE]([-+]?\d+))?$/.exec(text) ?? [];
  const power = Number(exponent) - part.length;
  if (whole === "" || Math.abs(power) > 10_000) return null;
  const digits = BigInt(`${sign === "-" ? "-" : ""}${whole}${part}`);
  return power < 0 ? reduced(digits, 10n ** BigInt(-power)) : [digits * 10n ** BigInt(power), 1n];
}

function combined(
  operator: unknown,
  values: readonly Rational[],
  operands: readonly unknown[],
): Rational | "undefined" | null {
  const [a = [0n, 1n], b] = values;
  switch (operator) {
    case "Delimiter":
      return values.length === 1 ? a : null;
    case "Negate":
      return [-a[0], a[1]];
    case "Add":
      return values.reduce(plus, [0n, 1n] as Rational);
    case "Subtract":
      return b ? plus(a, [-b[0], b[1]]) : [-a[0], a[1]];
    case "Multiply":
      return values.reduce(times, [1n, 1n] as Rational);
    case "InvisibleOperator":
      return isMixed(operands) && b ? plus(a, b) : values.reduce(times, [1n, 1n] as Rational);
    case "Rational":
    case "Divide":
      return b ? over(a, b) : null;
    case "Power":
      return b ? power(a, b) : null;
    case "Factorial":
      return a[1] === 1n && a[0] >= 0n && a[0] <= 500n ? factorial(a[0]) : null;
    default:
      return null;
  }
}

/** `2\frac{1}{2}` is two and a half. */
const isMixed = ([whole, part, ...more]: readonly unknown[]): boolean =>
  more.length === 0 &&
  typeof whole === "number" &&
  Array.isArray(part) &&
  part[0] === "Divide" &&
  typeof part[1] === "number";

const plus = (a: Rational, b: Rational): Rational => reduced(a[0] * b[1] + b[0] * a[1], a[1] * b[1]);
const times = (a: Rational, b: Rational): Rational => reduced(a[0] * b[0], a[1] * b[1]);
const over = (a: Rational, b: Rational): Rational | "undefined" =>
  b[0] === 0n ? "undefined" : reduced(a[0] * b[1], a[1] * b[0]);

function power(base: Rational, [exponent, root]: Rational): Rational | "undefined" | null {
  const size = exponent < 0n ? -exponent : exponent;
  if (root !== 1n || size > 10_000n || Number(size) * Math.max(bits(base[0]), bits(base[1])) > mostBits) return null;
  if (base[0] === 0n && exponent <= 0n) return "undefined";
  const [above, below] = [base[0] ** size, base[1] ** size];
  return exponent < 0n ? reduced(below, above) : [above, below];
}

function factorial(of: bigint): Rational {
  let product = 1n;
  for (let i = 2n; i <= of; i++) product *= i;
  return [product, 1n];
}

const bits = (value: bigint): number => value.toString(2).length;

function reduced(above: bigint, below: bigint): Rational {
  let [x, y] = [above < 0n ? -above : above, below < 0n ? -below : below];
  while (y > 0n) [x, y] = [y, x % y];
  const sign = below < 0n ? -1n : 1n;
  return x === 0n ? [0n, 1n] : [(sign * above) / x, (sign * below) / x];
}
