// Several lenses over many samples: every verdict, how often two lenses agree, and what the strict one loses against the lenient.
import type { Lens, LensOptions, Verdict } from "./lens";

export interface JudgedSample {
  response: string;
  gold: unknown;
  /** Where it stands in training, for the series; samples without one are in the totals alone. */
  step?: number | null;
}

export interface Agreement {
  lenses: string[];
  /** Per sample, in order, one verdict per lens. */
  verdicts: Verdict[][];
  /** Per lens: how often each verdict came. */
  totals: Record<Verdict, number>[];
  /** Share of samples on which two lenses agree whether the answer passes; null without samples. */
  agree: (number | null)[][];
  /** How many samples the row's lens passes and the column's does not. */
  only: number[][];
}

export interface GapPoint {
  step: number;
  n: number;
  strict: number;
  lenient: number;
  /** lenient - strict: the share of answers that are right and not in the form that is asked for. */
  gap: number;
}

/** Lenses with a `ready` must be ready. Options are by lens id. */
export function judgeAll(
  samples: readonly JudgedSample[],
  lenses: readonly Lens[],
  options: Readonly<Record<string, LensOptions>> = {},
): Agreement {
  const verdicts = samples.map(({ response, gold }) =>
    lenses.map((lens) => lens.judge({ response, gold, options: options[lens.id] ?? {} }).verdict),
  );
  const totals = lenses.map((_lens, at) => {
    const total: Record<Verdict, number> = { pass: 0, fail: 0, none: 0 };
    for (const row of verdicts) total[row[at] ?? "none"]++;
    return total;
  });
  const pairs = (test: (a: boolean, b: boolean) => boolean): number[][] =>
    lenses.map((_row, a) =>
      lenses.map((_column, b) => verdicts.filter((row) => test(row[a] === "pass", row[b] === "pass")).length),
    );
  const n = samples.length;
  return {
    lenses: lenses.map(({ id }) => id),
    verdicts,
    totals,
    agree: pairs((a, b) => a === b).map((row) => row.map((count) => (n === 0 ? null : count / n))),
    only: pairs((a, b) => a && !b),
  };
}

/** The strict-lenient gap per step, in the order of steps: format learning shows in it as a line that falls to zero. */
export function gapByStep(
  samples: readonly JudgedSample[],
  { lenses, verdicts }: Agreement,
  strict: string,
  lenient: string,
): GapPoint[] {
  const [a, b] = [lenses.indexOf(strict), lenses.indexOf(lenient)];
  if (a < 0 || b < 0) return [];
  const steps = new Map<number, { n: number; strict: number; lenient: number }>();
  samples.forEach(({ step }, i) => {
    if (typeof step !== "number") return;
    const at = steps.get(step) ?? { n: 0, strict: 0, lenient: 0 };
    at.n++;
    if (verdicts[i]?.[a] === "pass") at.strict++;
    if (verdicts[i]?.[b] === "pass") at.lenient++;
    steps.set(step, at);
  });
  return [...steps]
    .sort(([x], [y]) => x - y)
    .map(([step, at]) => ({
      step,
      n: at.n,
      strict: at.strict / at.n,
      lenient: at.lenient / at.n,
      gap: (at.lenient - at.strict) / at.n,
    }));
}
