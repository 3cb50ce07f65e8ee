// What an agreement says, as it travels: rates with their intervals, pairs, steps, and the gap that is worth a curve.
import { mergedSteps, type Agreement } from "../../core/lenses/agreement";
import { groupedWilson } from "../../core/metrics/intervals";
import { recorded, type LensFile, type LensPair, type LensRate } from "../../core/protocol/lenses";

const MOST_STEPS = 1000;
/** Groups that are named for each side of a pair. */
const NAMED = 5;

/** `columns` name those of the agreement; `idOf` says how a group of it is asked for. */
export function lensSums(
  agreement: Agreement,
  columns: readonly string[],
  idOf: (at: number) => string | null,
): Pick<LensFile, "rates" | "pairs" | "steps" | "gap"> {
  return {
    rates: columns.map((column, at) => rateOf(agreement, column, at)),
    pairs: pairsOf(agreement, columns, idOf),
    steps: mergedSteps(agreement.steps(), MOST_STEPS),
    gap: gapOf(columns),
  };
}

function rateOf(agreement: Agreement, column: string, at: number): LensRate {
  const { pass, fail, none } = agreement.totals[at] ?? { pass: 0, fail: 0, none: 0 };
  const sums = agreement.sums[at];
  const n = pass + fail + none;
  const interval = sums && sums.n > 0 ? groupedWilson(sums) : null;
  const rate = n === 0 ? null : pass / n;
  return { column, pass, fail, none, n, rate, low: interval?.low ?? null, high: interval?.high ?? null };
}

function pairsOf(agreement: Agreement, columns: readonly string[], idOf: (at: number) => string | null): LensPair[] {
  const { shared, both, only } = agreement;
  const named = (pass: number, not: number): string[] =>
    agreement
      .disagreements(pass, not)
      .slice(0, NAMED)
      .flatMap(({ at }) => idOf(at) ?? []);
  return columns.flatMap((a, i) =>
    columns.slice(i + 1).map((b, offset) => {
      const j = i + 1 + offset;
      return {
        a,
        b,
        n: shared[i]?.[j] ?? 0,
        both: both[i]?.[j] ?? 0,
        onlyA: only[i]?.[j] ?? 0,
        onlyB: only[j]?.[i] ?? 0,
        rolloutsA: named(i, j),
        rolloutsB: named(j, i),
      };
    }),
  );
}

/** Suggested lenses stand from strict to lenient; a lens alone is held against what the trainer recorded. */
function gapOf(columns: readonly string[]): { strict: string; lenient: string } | null {
  const lenses = columns.filter((column) => column !== recorded);
  const [strict, lenient] = [lenses[0], lenses.length > 1 ? lenses[lenses.length - 1] : columns[1]];
  return strict === undefined || lenient === undefined ? null : { strict, lenient };
}
