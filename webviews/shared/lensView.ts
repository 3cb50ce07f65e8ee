// From the sums of `lenses/file` to what the lens view shows: curves, cells of the matrix, remarks. Pure; nothing here draws.
import type { Series } from "../../core/model/series";
import type { LensPair, LensRate } from "../../core/protocol/lenses";
import { recorded } from "../../core/protocol/lenses";
import { formatShare } from "./format";
import type { LensFile, LensInfo, LensQuery } from "./runReads";
import { t } from "./strings";
import type { ViewState } from "./viewState";

/** What the choices of the view ask for. */
export function lensQuery(saved: ViewState, where?: string): LensQuery {
  const { lenses, lensOptions, lensMark } = saved;
  return {
    ...(lenses.length === 0 ? {} : { lenses, options: lensOptions }),
    ...(lensMark === null ? {} : { mark: lensMark }),
    ...(where ? { where } : {}),
  };
}

export const columnName = (column: string): string => (column === recorded ? t("recorded reward") : column);

export interface Gap {
  strict: string;
  lenient: string;
}

/** The chosen pair where both are there, else the suggested one. */
export function gapOf(file: LensFile, chosen: Gap | null): Gap | null {
  const known = chosen && file.columns.includes(chosen.strict) && file.columns.includes(chosen.lenient);
  return known ? chosen : file.gap;
}

/** lenient - strict, then each of them, over steps. Empty where no group has a step. */
export function gapSeries(file: LensFile, { strict, lenient }: Gap): Series[] {
  const [a, b] = [file.columns.indexOf(strict), file.columns.indexOf(lenient)];
  const rate = (step: LensFile["steps"][number], at: number): number | null =>
    (step.n[at] ?? 0) === 0 ? null : (step.pass[at] ?? 0) / (step.n[at] ?? 1);
  const series = (name: string, raw: string, value: (step: LensFile["steps"][number]) => number | null): Series => {
    const points = file.steps.flatMap((step) => {
      const y = value(step);
      return y === null ? [] : [{ x: step.step, y }];
    });
    const [steps, values] = [points.map(({ x }) => x), points.map(({ y }) => y)];
    return { key: `lens#${raw}`, name, raw, source: "", axis: "step", total: points.length, steps, values };
  };
  if (file.steps.length === 0) return [];
  const difference = (step: LensFile["steps"][number]): number | null => {
    const [x, y] = [rate(step, a), rate(step, b)];
    return x === null || y === null ? null : y - x;
  };
  return [
    series(t("gap"), `${columnName(lenient)} − ${columnName(strict)}`, difference),
    series(columnName(strict), t("share that passes"), (step) => rate(step, a)),
    series(columnName(lenient), t("share that passes"), (step) => rate(step, b)),
  ];
}

export interface MatrixCell {
  /** Samples that the row passes and the column does not; on the diagonal those that it passes. */
  count: number;
  /** Of which both say something. */
  n: number;
  agree: number | null;
}

export function cellOf(file: LensFile, row: string, column: string): MatrixCell {
  if (row === column) {
    const own = file.rates.find((rate) => rate.column === row);
    return { count: own?.pass ?? 0, n: own?.n ?? 0, agree: null };
  }
  const pair = file.pairs.find((p) => (p.a === row && p.b === column) || (p.a === column && p.b === row));
  if (!pair) return { count: 0, n: 0, agree: null };
  return { count: pair.a === row ? pair.onlyA : pair.onlyB, n: pair.n, agree: agreement(pair) };
}

const agreement = ({ n, onlyA, onlyB }: LensPair): number | null => (n === 0 ? null : 1 - (onlyA + onlyB) / n);

/** Fewer samples may well be all alike. */
const fewest = 50;
const nearlyAll = 0.98;

/** A rule that says one thing of nearly everything is broken, or asks for a form that nobody writes. */
export function remarkOf({ column, pass, fail, none, n }: LensRate): string {
  if (n < fewest) return "";
  const share = (count: number): string => formatShare(count / n);
  if (column === recorded) {
    if (pass >= n * nearlyAll) return t("The recorded reward passes {0} of the samples.", share(pass));
    return fail >= n * nearlyAll ? t("The recorded reward passes none of {0} of the samples.", share(fail)) : "";
  }
  if (none >= n * nearlyAll)
    return t(
      "{0} finds no answer in {1} of the samples: what it looks for is not how they are written.",
      column,
      share(none),
    );
  if (pass >= n * nearlyAll) return t("{0} passes {1} of the samples.", column, share(pass));
  return fail >= n * nearlyAll ? t("{0} fails {1} of the samples.", column, share(fail)) : "";
}

/** Lenses that can judge here: all where there are references. */
export const needsReference = (lens: LensInfo): boolean => lens.reference === "needed";

export function kindWords(kinds: readonly string[]): string {
  const words: Record<string, string> = {
    number: t("numbers"),
    mathematics: t("mathematics"),
    text: t("texts"),
    constraints: t("constraints"),
    none: t("none"),
  };
  return kinds.map((kind) => words[kind] ?? kind).join(", ");
}
