// Growing columns of numbers: what an index holds instead of objects, so that a million rollouts fit in a few tens of MB.
import type { RolloutEntry } from "../../core/trace/reader";
import { BLOCK, PackedColumn, type PackedBlock } from "./packed";

export class Column {
  private data = new Float64Array(64);
  length = 0;

  push(value: number): void {
    if (this.length === this.data.length) this.widen(this.length * 2);
    this.data[this.length++] = value;
  }

  add(values: Float64Array): void {
    if (this.length + values.length > this.data.length) this.widen(this.length + values.length);
    this.data.set(values, this.length);
    this.length += values.length;
  }

  at(index: number): number {
    return this.data[index] ?? NaN;
  }

  get last(): number {
    return this.at(this.length - 1);
  }

  /** The filled part, without copying. */
  view(from = 0): Float64Array {
    return this.data.subarray(from, this.length);
  }

  private widen(size: number): void {
    const wider = new Float64Array(size);
    wider.set(this.view());
    this.data = wider;
  }
}

export class SeriesColumns {
  readonly steps = new Column();
  readonly values = new Column();
  /** How often a point was taken back: what holders have of the curve no longer counts. */
  revision = 0;

  /** Takes back what stands at `step` and behind it. */
  dropFrom(step: number): void {
    const { length } = this.steps;
    let kept = length;
    while (kept > 0 && this.steps.at(kept - 1) >= step) kept--;
    if (kept === length) return;
    this.revision++;
    this.steps.length = this.values.length = kept;
  }

  dropLast(): void {
    this.revision++;
    this.steps.length = this.values.length = Math.max(0, this.steps.length - 1);
  }
}

export const rolloutFields = [
  "offset",
  "length",
  "step",
  "version",
  "samples",
  "rewardMean",
  "rewardMin",
  "rewardMax",
  "rewardStd",
] as const satisfies readonly (keyof RolloutEntry)[];

export type RolloutField = (typeof rolloutFields)[number];

/** Some thousand rollouts as they are saved: one block of each column. */
export type RolloutBlock = Record<RolloutField, PackedBlock>;

export class RolloutColumns {
  private readonly columns = byField(() => new PackedColumn());

  get length(): number {
    return this.columns.offset.length;
  }

  push(entry: RolloutEntry): void {
    for (const field of rolloutFields) this.columns[field].push(entry[field]);
  }

  /** A group that has grown since it was pushed. */
  set(row: number, entry: RolloutEntry): void {
    for (const field of rolloutFields) this.columns[field].set(row, entry[field]);
  }

  at(row: number, field: RolloutField): number {
    return this.columns[field].at(row);
  }

  firstFinite(field: RolloutField): number | null {
    const column = this.columns[field];
    for (let row = 0; row < column.length; row++) if (Number.isFinite(column.at(row))) return column.at(row);
    return null;
  }

  lastFinite(field: RolloutField): number | null {
    const column = this.columns[field];
    for (let row = column.length - 1; row >= 0; row--) if (Number.isFinite(column.at(row))) return column.at(row);
    return null;
  }

  /** Without copying a full block. */
  *blocks(): Generator<RolloutBlock> {
    for (let at = 0; at * BLOCK < this.length; at++) yield byField((field) => this.columns[field].block(at));
  }

  add(block: RolloutBlock): void {
    for (const field of rolloutFields) this.columns[field].add(block[field]);
  }
}

const byField = <T>(make: (field: RolloutField) => T): Record<RolloutField, T> =>
  Object.fromEntries(rolloutFields.map((field) => [field, make(field)])) as Record<RolloutField, T>;
