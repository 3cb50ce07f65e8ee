// What one source's reader has said so far. Implements the sink that readers write to; knows no file.
import type { Diagnostic } from "../../core/model/diagnostic";
import type { EvalTable } from "../../core/model/evaluation";
import type { DiagnosticAt, RecordSink, RolloutEntry, StepEntry } from "../../core/trace/reader";
import { RolloutColumns, SeriesColumns, type RolloutField } from "./columns";

/** Episode steps of one source, grouped as they came. */
export interface EpisodeRows {
  episodeId: string;
  rows: StepEntry[];
}

export interface SavedRecords {
  series: { raw: string; steps: Float64Array; values: Float64Array }[];
  rollouts: Record<RolloutField, Float64Array>;
  held?: [number, number | string][];
  episodes: EpisodeRows[];
  evaluations: Omit<EvalTable, "source">[];
  facts: [string, string | number][];
  diagnostics: Diagnostic[];
  line: number;
}

export class Records implements RecordSink {
  readonly series = new Map<string, SeriesColumns>();
  rollouts = new RolloutColumns();
  /** By row: what tells a group from others in its record, or the record itself. */
  readonly held: Map<number, number | string>;
  readonly episodes = new Map<string, EpisodeRows>();
  evaluations: Omit<EvalTable, "source">[] = [];
  readonly facts = new Map<string, string | number>();
  readonly diagnostics = new Map<string, Diagnostic>();
  /** 1-based number of the line being read. */
  line = 0;

  constructor(
    private readonly path: string,
    saved?: SavedRecords,
  ) {
    this.held = new Map(saved?.held);
    if (!saved) return;
    for (const s of saved.series) this.series.set(s.raw, SeriesColumns.of(s.steps, s.values));
    this.rollouts = new RolloutColumns(saved.rollouts);
    for (const e of saved.episodes) this.episodes.set(e.episodeId, e);
    this.evaluations = saved.evaluations;
    for (const [name, value] of saved.facts) this.facts.set(name, value);
    for (const d of saved.diagnostics) this.diagnostics.set(d.code, d);
    this.line = saved.line;
  }

  /** Nothing was said but problems. */
  get isEmpty(): boolean {
    return (
      this.series.size + this.rollouts.length + this.episodes.size + this.evaluations.length + this.facts.size === 0
    );
  }

  point(raw: string, step: number, value: number): void {
    let columns = this.series.get(raw);
    if (!columns) this.series.set(raw, (columns = new SeriesColumns()));
    columns.steps.push(step);
    columns.values.push(value);
  }

  rollout(entry: RolloutEntry, held?: number | string): void {
    if (held !== undefined) this.held.set(this.rollouts.length, held);
    this.rollouts.push(entry);
  }

  step(entry: StepEntry): void {
    const held = this.episodes.get(entry.episodeId);
    if (held) held.rows.push(entry);
    else this.episodes.set(entry.episodeId, { episodeId: entry.episodeId, rows: [entry] });
  }

  evaluation(table: Omit<EvalTable, "source">): void {
    this.evaluations.push(table);
  }

  fact(name: string, value: string | number): void {
    this.facts.set(name, value);
  }

  diagnostic(problem: DiagnosticAt): void {
    const held = this.diagnostics.get(problem.code);
    if (held) held.count++;
    else this.diagnostics.set(problem.code, { ...problem, path: this.path, line: this.line || null, count: 1 });
  }

  saved(): SavedRecords {
    return {
      series: [...this.series].map(([raw, c]) => ({
        raw,
        steps: c.steps.view().slice(),
        values: c.values.view().slice(),
      })),
      rollouts: this.rollouts.saved(),
      held: [...this.held],
      episodes: [...this.episodes.values()],
      evaluations: this.evaluations,
      facts: [...this.facts],
      diagnostics: [...this.diagnostics.values()],
      line: this.line,
    };
  }
}
