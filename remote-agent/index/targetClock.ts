// Which step a run was at at a wall time: what a monitor wrote, which knows no steps, is placed by a source that has both.
import { rowsBefore } from "../../core/metrics/agreement";
import { Column } from "./columns";
import type { SourceIndex } from "./sourceIndex";

export class TargetClock {
  /** What the mapped x counts: steps, or seconds where nothing in the target tells steps. */
  axis: "step" | "seconds" = "seconds";
  /** Other than before when everything is to be mapped anew. */
  origin = "";
  /** Other than before when the clock goes further. */
  reach = "";
  private steps = new Column();
  private times = new Column();
  /** Ticks of the last life that were taken. */
  private taken = 0;
  private begins = 0;

  update(sources: readonly SourceIndex[]): void {
    const clocks = clocksOf(sources);
    const last = clocks[clocks.length - 1];
    const ticks = (source: SourceIndex | undefined): number => source?.records.clock.times.length ?? 0;
    const monitors = sources.filter((s) => s.records.facts.get("axis") === "time");
    this.begins = Math.min(...monitors.flatMap((s) => [...s.records.series.values()].map((c) => c.steps.at(0))));
    this.axis = last ? "step" : "seconds";
    // Only the last life of a run goes on: what it adds is appended, anything else begins anew.
    const earlier = clocks.slice(0, -1).map((s) => `${s.path}~${s.generation}~${ticks(s)}|`);
    const origin = last ? `${earlier.join("")}${last.path}~${last.generation}` : `since ${this.begins}`;
    if (origin !== this.origin) {
      this.steps = new Column();
      this.times = new Column();
      this.taken = 0;
      for (const source of clocks.slice(0, -1)) this.take(source, 0);
    }
    this.origin = origin;
    if (last) this.take(last, this.taken);
    this.taken = ticks(last);
    this.reach = String(this.taken);
  }

  /** Between two logs a step passes evenly; before the first and after the last the run stands at them. */
  readonly at = (seconds: number): { step: number; settled: boolean } => {
    if (this.axis === "seconds") return { step: seconds - this.begins, settled: true };
    const after = rowsBefore(this.times.view(), seconds, true);
    if (after === 0) return { step: this.steps.at(0), settled: true };
    const [step, time] = [this.steps.at(after - 1), this.times.at(after - 1)];
    if (after === this.times.length) return { step, settled: seconds === time };
    const [nextStep, nextTime] = [this.steps.at(after), this.times.at(after)];
    // A run that was resumed begins again at an earlier step: in between it stood still.
    const share = nextStep > step && nextTime > time ? (seconds - time) / (nextTime - time) : 0;
    return { step: step + share * (nextStep - step), settled: true };
  };

  private take(source: SourceIndex, from: number): void {
    const { steps, times } = source.records.clock;
    for (let row = from; row < times.length; row++) {
      // Time does not go back: a file that a resumed run copied repeats what is known.
      if (times.at(row) < this.times.last) continue;
      this.steps.push(steps.at(row));
      this.times.push(times.at(row));
    }
  }
}

/** The lives of the run whose clock ticks most often, in order; rounded, so that two that tick alike do not take turns. */
function clocksOf(sources: readonly SourceIndex[]): SourceIndex[] {
  const runs = new Map<string, SourceIndex[]>();
  for (const source of sources) {
    if (source.records.clock.times.length === 0) continue;
    const run = source.reader.lifeOf?.(source.path)?.run ?? source.path;
    runs.set(run, [...(runs.get(run) ?? []), source]);
  }
  const ticks = (lives: readonly SourceIndex[]): number =>
    Math.floor(Math.log2(lives.reduce((sum, s) => sum + s.records.clock.times.length, 1)));
  let best: SourceIndex[] = [];
  for (const lives of runs.values()) if (best.length === 0 || ticks(lives) > ticks(best)) best = lives;
  return best.sort((a, b) => a.records.clock.times.at(0) - b.records.clock.times.at(0));
}
