// Curves that no file holds as they are shown: joined from the lives of a resumed run, or placed on steps by their wall time.
// Built once and then appended to, because a watcher asks for them ten times a second.
import { rowsBefore } from "../../core/metrics/agreement";
import type { IndexedSeries } from "./mergedSeries";
import { SeriesColumns } from "./columns";

/** A curve's rows up to the first step that a later part has from its own beginning. */
export interface Part {
  series: IndexedSeries;
  before: number;
}

interface Held {
  columns: SeriesColumns;
  /** What all rows but those appended last were made from. */
  madeFrom: string;
  taken: number;
  /** Rows that may still move. */
  loose: number;
  /** How far what they are mapped by went. */
  basis: string;
  generation: number;
}

let generations = 0;

export class JoinedColumns {
  private held = new Map<string, Held>();
  private used = new Set<string>();

  /** The parts one after another; all but the last end before the step that the next begins with. */
  join(key: string, parts: readonly Part[]): Pick<IndexedSeries, "columns" | "generation"> {
    const rows = parts.map(({ series, before }) => rowsBefore(series.columns.steps.view(), before));
    const last = parts[parts.length - 1];
    const earlier = parts.slice(0, -1);
    const madeFrom = [
      ...earlier.map(({ series }, i) => `${series.key}~${series.generation}~${rows[i] ?? 0}`),
      `${last?.series.key ?? ""}~${last?.series.generation ?? ""}`,
    ].join("|");
    const held = this.hold(key, madeFrom, (fresh) => {
      for (const [i, { series }] of earlier.entries()) append(fresh.columns, series.columns, 0, rows[i] ?? 0);
    });
    if (last) {
      append(held.columns, last.series.columns, held.taken, last.series.columns.steps.length);
      held.taken = last.series.columns.steps.length;
    }
    return { columns: held.columns, generation: `joined${held.generation}` };
  }

  /**
   * The curve with each x mapped. `settled`: as long as mapping an x will give the same again; rows from the first other one on
   * are mapped anew as soon as `basis` changes.
   */
  map(
    series: IndexedSeries,
    basis: string,
    origin: string,
    at: (x: number) => { step: number; settled: boolean },
  ): Pick<IndexedSeries, "columns" | "generation"> {
    const { steps, values } = series.columns;
    const held = this.hold(series.key, `${origin}~${series.generation}`, () => undefined);
    if (held.loose > 0 && held.basis !== basis) {
      held.columns.steps.length = held.columns.values.length = held.taken -= held.loose;
      held.loose = 0;
      held.generation = ++generations;
    }
    held.basis = basis;
    for (; held.taken < steps.length; held.taken++) {
      const { step, settled } = at(steps.at(held.taken));
      held.columns.steps.push(step);
      held.columns.values.push(values.at(held.taken));
      if (!settled || held.loose > 0) held.loose++;
    }
    return { columns: held.columns, generation: `mapped${held.generation}` };
  }

  /** Forgets what nobody has asked for since the last call. */
  sweep(): void {
    for (const key of this.held.keys()) if (!this.used.has(key)) this.held.delete(key);
    this.used = new Set();
  }

  private hold(key: string, madeFrom: string, begin: (fresh: Held) => void): Held {
    this.used.add(key);
    const known = this.held.get(key);
    if (known?.madeFrom === madeFrom) return known;
    const fresh = { columns: new SeriesColumns(), madeFrom, taken: 0, loose: 0, basis: "", generation: ++generations };
    begin(fresh);
    this.held.set(key, fresh);
    return fresh;
  }
}

function append(into: SeriesColumns, from: SeriesColumns, start: number, end: number): void {
  for (let row = start; row < end; row++) {
    into.steps.push(from.steps.at(row));
    into.values.push(from.values.at(row));
  }
}
