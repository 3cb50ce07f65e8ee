// One metric that several files of a run hold (W&B, TensorBoard, a state file, the console) is one curve. What is compared are its
// values: curves of one name with other values stay apart, and so do those of two runs that merely share a schedule.
import { compareAtSteps, compareInOrder, type Agreement, type Points } from "../../core/metrics/agreement";
import type { IndexedSeries } from "./mergedSeries";

export interface Merged {
  kept: IndexedSeries;
  repeats: IndexedSeries[];
}

/** They follow from the config: two runs that share them are not one. */
const schedules = new Set(["lr", "epoch", "tokens", "total_flos"]);
const isConsole = (series: IndexedSeries): boolean => /\.(log|txt|out)$/i.test(series.source.path);

/** Places in the list of all curves: the one that is kept, and its duplicates. */
interface Group {
  kept: number;
  repeats: number[];
}

export class Duplicates {
  private verdicts = new WeakMap<object, WeakMap<object, { of: string; verdict: Agreement }>>();
  private saidOf = "";
  private said: Group[] = [];

  /** In the order of the list, each curve once. */
  merge(all: readonly IndexedSeries[]): Merged[] {
    // A folder of fifty runs has a thousand pairs for each name: they are looked at again when a curve has grown by a stride.
    const of = all.map((s) => `${s.key}+${s.generation}+${settledCount(s)}`).join("|");
    if (of !== this.saidOf) this.said = this.group(all);
    this.saidOf = of;
    return this.said.flatMap(({ kept, repeats }) => {
      const series = all[kept];
      return series ? [{ kept: series, repeats: repeats.flatMap((at) => all[at] ?? []) }] : [];
    });
  }

  private group(all: readonly IndexedSeries[]): Group[] {
    const byName = new Map<string, number[]>();
    for (const [at, { name }] of all.entries()) {
      const same = byName.get(name);
      if (same) same.push(at);
      else byName.set(name, [at]);
    }
    const rivals = [...byName.values()].filter((same) => same.length > 1);
    const strangers = this.strangersAmong(all, rivals);
    const groups = all.map((_, at): Group | null => ({ kept: at, repeats: [] }));
    for (const same of rivals) {
      const kept: Group[] = [];
      for (const at of same.sort((a, b) => better(all[a], all[b]))) {
        const isTwin = (group: Group): boolean =>
          !strangers.has(pairOf(all[group.kept], all[at])) && this.compare(all[group.kept], all[at]) === "agrees";
        const twin = kept.find(isTwin);
        if (twin) {
          twin.repeats.push(at);
          groups[at] = null;
        } else if (groups[at]) kept.push(groups[at]);
      }
    }
    return groups.filter((group) => group !== null);
  }

  /** Pairs of sources of which a measured curve differs and none agrees: two runs in one folder. */
  private strangersAmong(all: readonly IndexedSeries[], rivals: readonly (readonly number[])[]): Set<string> {
    const differ = new Set<string>();
    const agree = new Set<string>();
    for (const same of rivals) {
      const measured = same.flatMap((at) => all[at] ?? []).filter((s) => !schedules.has(s.name));
      for (const [i, a] of measured.entries()) {
        for (const b of measured.slice(i + 1)) {
          const verdict = this.compare(a, b);
          if (verdict === "differs") differ.add(pairOf(a, b));
          else if (verdict === "agrees" && varies(a) && varies(b)) agree.add(pairOf(a, b));
        }
      }
    }
    return new Set([...differ].filter((pair) => !agree.has(pair)));
  }

  private compare(a: IndexedSeries | undefined, b: IndexedSeries | undefined): Agreement {
    if (!a || !b || a.source === b.source) return "differs";
    const [left, right] = [settled(a), settled(b)];
    const of = `${a.generation}+${left.steps.length} ${b.generation}+${right.steps.length}`;
    const ofA = this.verdicts.get(a.columns) ?? new WeakMap<object, { of: string; verdict: Agreement }>();
    const known = ofA.get(b.columns);
    if (known?.of === of) return known.verdict;
    const atSteps = a.axis === b.axis ? compareAtSteps(left, right) : "apart";
    const byConsole = isConsole(a) !== isConsole(b) && atSteps !== "agrees";
    const byOrder = byConsole || isEpochBesideSteps(a, b);
    const verdict = byOrder ? compareInOrder(left, right) : atSteps;
    this.verdicts.set(a.columns, ofA.set(b.columns, { of, verdict }));
    return verdict;
  }
}

/** The same logs, told by another clock. */
const isEpochBesideSteps = (a: IndexedSeries, b: IndexedSeries): boolean =>
  a.axis !== b.axis && [a.axis, b.axis].every((axis) => axis === "epoch" || axis === "step");

const pairOf = (a?: IndexedSeries, b?: IndexedSeries): string => [a?.source.key, b?.source.key].sort().join();

const varies = ({ columns: { values } }: IndexedSeries): boolean =>
  values.length < 3 || values.at(0) !== values.last || values.at(0) !== values.at(values.length >> 1);

/** A file before a console, which rounds; far more points before fewer; what is appended to before what is rewritten at times. */
function better(a?: IndexedSeries, b?: IndexedSeries): number {
  if (!a || !b) return 0;
  const console = Number(isConsole(a)) - Number(isConsole(b));
  if (console !== 0) return console;
  const size = (series: IndexedSeries): number => Math.floor(Math.log2(series.columns.steps.length + 3));
  const rewritten = (series: IndexedSeries): number => Number(series.source.reader.input === "document");
  return size(b) - size(a) || rewritten(a) - rewritten(b);
}

/** The first so many points, growing in strides: what is said of them does not depend on when it was asked. */
function settled(series: IndexedSeries): Points {
  const { steps, values } = series.columns;
  const count = settledCount(series);
  return { steps: steps.view().subarray(0, count), values: values.view().subarray(0, count) };
}

function settledCount({ columns: { steps } }: IndexedSeries): number {
  const { length } = steps;
  return length < 64 ? length : Math.floor(2 ** (Math.floor(Math.log2(length) * 4) / 4));
}
