// Several lenses over many samples, group by group: how often each passes, how often two agree, and what a strict one loses against
// a lenient one, by step. Sums alone are kept, and a few groups to look at, so that a file of a million rollouts is no larger than one of ten.
import type { Verdict } from "./lens";

/** Null: the column has nothing to say of this sample (no reference, no reward), and it does not count there. */
export type Cell = Verdict | null;

export interface JudgedGroup {
  /** Where it is found again. */
  at: number;
  /** Where it stands in training, for the series; groups without one are in the totals alone. */
  step: number | null;
  /** Per sample one cell per column. */
  cells: readonly (readonly Cell[])[];
}

/** What a rate's interval needs of samples that come in groups: sums over groups of passes k and size m. */
export interface GroupSums {
  passes: number;
  n: number;
  groups: number;
  kk: number;
  km: number;
  mm: number;
}

export interface StepCounts {
  step: number;
  /** Per column, over the samples of which it says something. */
  pass: number[];
  n: number[];
}

export interface Disagreement {
  at: number;
  /** 0-based, of this group. */
  samples: number[];
}

const mostGroups = 200;

export class Agreement {
  groups = 0;
  samples = 0;
  readonly totals: Record<Verdict, number>[];
  readonly sums: GroupSums[];
  /** `[a][b]`: samples that column a passes and column b does not. */
  readonly only: number[][];
  /** `[a][b]`: samples that both pass. */
  readonly both: number[][];
  /** `[a][b]`: samples of which both say something. */
  readonly shared: number[][];
  private readonly bySteps = new Map<number, StepCounts>();
  private readonly apart = new Map<number, Disagreement[]>();

  constructor(readonly columns: number) {
    const table = (): number[][] => Array.from({ length: columns }, () => new Array<number>(columns).fill(0));
    this.totals = Array.from({ length: columns }, () => ({ pass: 0, fail: 0, none: 0 }));
    this.sums = Array.from({ length: columns }, () => ({ passes: 0, n: 0, groups: 0, kk: 0, km: 0, mm: 0 }));
    [this.only, this.both, this.shared] = [table(), table(), table()];
  }

  add(group: JudgedGroup): void {
    this.groups++;
    this.samples += group.cells.length;
    const step = group.step === null ? null : this.stepAt(group.step);
    for (let a = 0; a < this.columns; a++) {
      const said = group.cells.map((row) => row[a] ?? null).filter((cell) => cell !== null);
      if (said.length === 0) continue;
      const total = this.totals[a];
      if (total) for (const verdict of said) total[verdict]++;
      const passes = said.filter((verdict) => verdict === "pass").length;
      addGroup(this.sums[a], passes, said.length);
      if (step) {
        step.pass[a] = (step.pass[a] ?? 0) + passes;
        step.n[a] = (step.n[a] ?? 0) + said.length;
      }
    }
    this.addPairs(group);
  }

  /** In the order of steps. Format learning shows as a gap between two columns that falls to zero. */
  steps(): StepCounts[] {
    return [...this.bySteps.values()].sort((a, b) => a.step - b.step);
  }

  /** The first groups with a sample that column `pass` passes and column `not` does not, at most 200 of them. */
  disagreements(pass: number, not: number): readonly Disagreement[] {
    return this.apart.get(pass * this.columns + not) ?? [];
  }

  private addPairs({ at, cells }: JudgedGroup): void {
    for (let a = 0; a < this.columns; a++) {
      for (let b = 0; b < this.columns; b++) {
        if (a === b) continue;
        const apart: number[] = [];
        cells.forEach((row, sample) => {
          const [x, y] = [row[a] ?? null, row[b] ?? null];
          if (x === null || y === null) return;
          bump(this.shared, a, b);
          if (x === "pass" && y === "pass") bump(this.both, a, b);
          else if (x === "pass") {
            bump(this.only, a, b);
            apart.push(sample);
          }
        });
        if (apart.length > 0) this.keep(a * this.columns + b, { at, samples: apart });
      }
    }
  }

  private keep(pair: number, found: Disagreement): void {
    const held = this.apart.get(pair);
    if (!held) this.apart.set(pair, [found]);
    else if (held.length < mostGroups) held.push(found);
  }

  private stepAt(step: number): StepCounts {
    let counts = this.bySteps.get(step);
    const zeros = (): number[] => new Array<number>(this.columns).fill(0);
    if (!counts) this.bySteps.set(step, (counts = { step, pass: zeros(), n: zeros() }));
    return counts;
  }
}

function addGroup(sums: GroupSums | undefined, k: number, m: number): void {
  if (!sums) return;
  sums.passes += k;
  sums.n += m;
  sums.groups++;
  sums.kk += k * k;
  sums.km += k * m;
  sums.mm += m * m;
}

function bump(table: number[][], a: number, b: number): void {
  const row = table[a];
  if (row) row[b] = (row[b] ?? 0) + 1;
}

/** At most `limit` steps: neighbours are added up, at the first step of each. */
export function mergedSteps(steps: readonly StepCounts[], limit: number): StepCounts[] {
  const size = Math.ceil(steps.length / Math.max(1, limit));
  if (size <= 1) return [...steps];
  const sum = (a: readonly number[], b: readonly number[]): number[] => a.map((value, i) => value + (b[i] ?? 0));
  const merged: StepCounts[] = [];
  steps.forEach((counts, i) => {
    const last = merged[merged.length - 1];
    if (i % size === 0 || !last) merged.push({ ...counts });
    else Object.assign(last, { pass: sum(last.pass, counts.pass), n: sum(last.n, counts.n) });
  });
  return merged;
}

/**
 * Above which a recorded reward is a pass: 0 where there are rewards on both sides of it, else the middle between 0 and the best (or
 * the worst, where none is positive). 0.5 for 0 and 1; 0 for -1 and 1.
 */
export function passMark(low: number, high: number): number {
  return low < 0 && high > 0 ? 0 : (Math.min(low, 0) + Math.max(high, 0)) / 2;
}
