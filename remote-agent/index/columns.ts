// Growing columns of numbers: what an index holds instead of objects, so that a million rollouts fit in a few tens of MB.
import type { RolloutEntry } from "../../core/trace/reader";

export class Column {
  private data: Float64Array;
  length: number;

  constructor(data: Float64Array = new Float64Array(64), length = 0) {
    this.data = data.length > 0 ? data : new Float64Array(64);
    this.length = length;
  }

  static of(values: Float64Array): Column {
    return new Column(values, values.length);
  }

  push(value: number): void {
    if (this.length === this.data.length) {
      const wider = new Float64Array(this.data.length * 2);
      wider.set(this.data);
      this.data = wider;
    }
    this.data[this.length++] = value;
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
}

export class SeriesColumns {
  constructor(
    readonly steps = new Column(),
    readonly values = new Column(),
  ) {}

  static of(steps: Float64Array, values: Float64Array): SeriesColumns {
    return new SeriesColumns(Column.of(steps), Column.of(values));
  }
}

const rolloutFields = [
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

export class RolloutColumns {
  private readonly columns: Record<RolloutField, Column>;

  constructor(saved?: Record<RolloutField, Float64Array>) {
    this.columns = Object.fromEntries(
      rolloutFields.map((field) => [field, saved ? Column.of(saved[field]) : new Column()]),
    ) as Record<RolloutField, Column>;
  }

  get length(): number {
    return this.columns.offset.length;
  }

  push(entry: RolloutEntry): void {
    for (const field of rolloutFields) this.columns[field].push(entry[field]);
  }

  at(row: number, field: RolloutField): number {
    return this.columns[field].at(row);
  }

  firstFinite(field: RolloutField): number | null {
    return this.columns[field].view().find(Number.isFinite) ?? null;
  }

  lastFinite(field: RolloutField): number | null {
    return this.columns[field].view().findLast(Number.isFinite) ?? null;
  }

  saved(): Record<RolloutField, Float64Array> {
    return Object.fromEntries(rolloutFields.map((f) => [f, this.columns[f].view().slice()])) as Record<
      RolloutField,
      Float64Array
    >;
  }
}
