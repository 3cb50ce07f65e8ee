// The mean of each part of the reward over the samples of a step, of files that hold a row per sample: a curve that grows with them.
import { isFields, numberOf } from "../base/json";
import type { RecordSink } from "./reader";

export class PartMeans {
  private step: number | null;
  private readonly sums: Map<string, { sum: number; count: number }>;

  /** `before`: what stands before the names of the parts. */
  constructor(
    private readonly sink: RecordSink,
    private readonly before: string,
    saved: unknown,
  ) {
    const fields = isFields(saved) ? saved : {};
    this.step = numberOf(fields.step);
    this.sums = new Map(Array.isArray(fields.sums) ? (fields.sums as [string, { sum: number; count: number }][]) : []);
  }

  state(): unknown {
    return { step: this.step, sums: [...this.sums] };
  }

  /** Rows of one step lie together; what comes late for one before changes nothing. */
  add(step: number, parts: Readonly<Record<string, number>>): void {
    if (!Number.isFinite(step) || (this.step !== null && step < this.step)) return;
    if (step !== this.step) this.sums.clear();
    this.step = step;
    for (const [name, part] of Object.entries(parts)) {
      if (!Number.isFinite(part)) continue;
      const so = this.sums.get(name) ?? { sum: 0, count: 0 };
      this.sums.set(name, { sum: so.sum + part, count: so.count + 1 });
      this.sink.point(this.before + name, step, (so.sum + part) / (so.count + 1), so.count > 0);
    }
  }
}
