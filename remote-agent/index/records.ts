// What one source's reader has said so far. Implements the sink that readers write to; knows no file.
import { scaledRate } from "../../core/metrics/names";
import type { Diagnostic } from "../../core/model/diagnostic";
import type { EvalTable } from "../../core/model/evaluation";
import type { DiagnosticAt, Held, RecordSink, RolloutEntry, StepEntry, TrainingTarget } from "../../core/trace/reader";
import { Column, RolloutColumns, SeriesColumns, type RolloutBlock } from "./columns";
import { targetProblem } from "./trainingTargets";

/** Episode steps of one source, grouped as they came. */
export interface EpisodeRows {
  episodeId: string;
  rows: StepEntry[];
}

/** Records in pieces of some megabytes at most, so that saving a large index never makes a second one in memory. */
export type SavedPart =
  | { series: string; steps: Float64Array; values: Float64Array }
  | { rollouts: RolloutBlock }
  | { held: [number, Held][] }
  | { clock: { steps: Float64Array; times: Float64Array } }
  | { episodes: EpisodeRows[] }
  | { rest: SavedRest };

interface SavedRest {
  evaluations: Omit<EvalTable, "source">[];
  facts: [string, string | number][];
  diagnostics: Diagnostic[];
  line: number;
}

/** Points, held groups or episodes in one piece. */
const PIECE = 65_536;

export class Records implements RecordSink {
  readonly series = new Map<string, SeriesColumns>();
  /** By the files' own names: where their points go. */
  private readonly curves = new Map<string, { columns: SeriesColumns; factor: number }>();
  rollouts = new RolloutColumns();
  /** By row: what tells a group from others in its record, or the pieces of its record. */
  readonly held = new Map<number, Held>();
  readonly episodes = new Map<string, EpisodeRows>();
  evaluations: Omit<EvalTable, "source">[] = [];
  readonly facts = new Map<string, string | number>();
  readonly diagnostics = new Map<string, Diagnostic>();
  /** When which step was logged, where the file says; in the order of the file. */
  readonly clock = { steps: new Column(), times: new Column() };
  /** 1-based number of the line being read. */
  line = 0;

  constructor(private readonly path: string) {}

  /** Nothing was said but problems. */
  get isEmpty(): boolean {
    return (
      this.series.size + this.rollouts.length + this.episodes.size + this.evaluations.length + this.facts.size === 0
    );
  }

  point(raw: string, step: number, value: number, again = false): void {
    let curve = this.curves.get(raw);
    if (!curve) this.curves.set(raw, (curve = this.curveOf(raw)));
    const { columns, factor } = curve;
    if (again) columns.dropLast();
    columns.steps.push(step);
    columns.values.push(value * factor);
  }

  /** A rate that is told in thousandths is the rate, whoever wrote it. */
  private curveOf(raw: string): { columns: SeriesColumns; factor: number } {
    const { name, factor } = scaledRate(raw) ?? { name: raw, factor: 1 };
    let columns = this.series.get(name);
    if (!columns) this.series.set(name, (columns = new SeriesColumns()));
    return { columns, factor };
  }

  rewind(step: number): void {
    for (const columns of this.series.values()) columns.dropFrom(step);
    const { steps, times } = this.clock;
    while (steps.length > 0 && steps.last >= step) steps.length = --times.length;
  }

  /** One tick a step: its first, because that of a validation at the same step comes late. */
  clockTick(step: number, seconds: number): void {
    const { steps, times } = this.clock;
    if (!Number.isFinite(step) || !Number.isFinite(seconds) || (times.length > 0 && steps.last === step)) return;
    steps.push(step);
    times.push(seconds);
  }

  rollout(entry: RolloutEntry, held?: Held, grown?: number): void {
    const row = grown ?? this.rollouts.length;
    if (held !== undefined) this.held.set(row, held);
    if (grown === undefined) this.rollouts.push(entry);
    else this.rollouts.set(grown, entry);
  }

  step(entry: StepEntry): void {
    const held = this.episodes.get(entry.episodeId);
    if (held) held.rows.push(entry);
    else this.episodes.set(entry.episodeId, { episodeId: entry.episodeId, rows: [entry] });
  }

  evaluation(table: Omit<EvalTable, "source">): void {
    this.evaluations.push(table);
  }

  target(target: TrainingTarget): void {
    const why = targetProblem(target);
    if (why === null) return;
    const message = `the text to learn ${JSON.stringify(target.text)} will not be read as meant. ${why}`;
    this.diagnostic({ code: "unreadable-target", severity: "error", message });
  }

  fact(name: string, value: string | number): void {
    this.facts.set(name, value);
  }

  diagnostic(problem: DiagnosticAt): void {
    const held = this.diagnostics.get(problem.code);
    if (held) held.count++;
    else this.diagnostics.set(problem.code, { ...problem, path: this.path, line: this.line || null, count: 1 });
  }

  *saved(): Generator<SavedPart> {
    for (const [series, { steps, values }] of this.series) {
      for (let at = 0; at < steps.length; at += PIECE) {
        const piece = { steps: steps.view(at).subarray(0, PIECE), values: values.view(at).subarray(0, PIECE) };
        yield { series, ...piece };
      }
    }
    for (const rollouts of this.rollouts.blocks()) yield { rollouts };
    for (const held of inPieces(this.held)) yield { held };
    for (const episodes of inPieces(this.episodes.values())) yield { episodes };
    yield { clock: { steps: this.clock.steps.view(), times: this.clock.times.view() } };
    const { evaluations, facts, diagnostics, line } = this;
    yield { rest: { evaluations, facts: [...facts], diagnostics: [...diagnostics.values()], line } };
  }

  /** Takes the parts that `saved` gave, in their order. */
  load(part: SavedPart): void {
    if ("series" in part) {
      let columns = this.series.get(part.series);
      if (!columns) this.series.set(part.series, (columns = new SeriesColumns()));
      columns.steps.add(part.steps);
      columns.values.add(part.values);
    } else if ("rollouts" in part) this.rollouts.add(part.rollouts);
    else if ("held" in part) for (const [row, held] of part.held) this.held.set(row, held);
    else if ("clock" in part) {
      this.clock.steps.add(part.clock.steps);
      this.clock.times.add(part.clock.times);
    } else if ("episodes" in part) for (const e of part.episodes) this.episodes.set(e.episodeId, e);
    else {
      this.evaluations = part.rest.evaluations;
      for (const [name, value] of part.rest.facts) this.facts.set(name, value);
      for (const d of part.rest.diagnostics) this.diagnostics.set(d.code, d);
      this.line = part.rest.line;
    }
  }
}

function* inPieces<T>(items: Iterable<T>): Generator<T[]> {
  let piece: T[] = [];
  for (const item of items) {
    piece.push(item);
    if (piece.length < PIECE) continue;
    yield piece;
    piece = [];
  }
  if (piece.length > 0) yield piece;
}
