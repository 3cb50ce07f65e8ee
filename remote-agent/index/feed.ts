// One watcher's view of one target: what it has been sent, and the delta that brings it up to date. Nothing queues: while
// the watcher is slow the next delta simply grows.
import { createHash } from "node:crypto";
import { coalesce } from "../../core/base/coalesce";
import { Scope } from "../../core/base/disposable";
import { toWire } from "../../core/model/number";
import type { RunDelta } from "../../core/model/runState";
import type { SeriesPatch } from "../../core/model/series";
import { marksOf } from "./attempts";
import { episodeCount } from "./episodeQuery";
import { scorableSources } from "./scoreQuery";
import { thin } from "../../core/metrics/thin";
import type { IndexedSeries } from "./mergedSeries";
import type { Target } from "./target";

/** A curve travels whole up to this many points, thinned beyond. */
const POINTS = 2000;
/** Appended to up to this many, then sent anew. */
const MOST_POINTS = 3000;
const INTERVAL_MS = 100;
const STATUS_MS = 400;
const DIAGNOSTICS = 50;
/** A folder may hold thousands; the list is for people. */
const SOURCES = 300;

interface SentSeries {
  count: number;
  held: number;
  generation: string;
  /** In which other files, as last told. */
  alsoIn: string;
}

type Parts = Omit<RunDelta, "from" | "to" | "series">;

export class Feed {
  private readonly scope = new Scope("feed");
  private readonly sent = new Map<string, SentSeries>();
  private sentParts = new Map<string, string>();
  private cursor: string | null = null;
  private lastLogSize = -1;

  constructor(
    private readonly target: Target,
    private readonly emit: (delta: RunDelta) => void,
    /** True while what was sent before has not left this process: then the next delta waits, and grows. */
    private readonly isBusy: () => boolean = () => false,
  ) {}

  /** Begins to push. The first delta is the answer to the question, so pushing starts after it. */
  start(): void {
    const push = this.scope.add(
      coalesce(INTERVAL_MS, () => {
        if (this.isBusy()) push();
        else this.push();
      }),
    );
    this.scope.add(this.target.index.onChange(push));
    const timer = setInterval(() => {
      if (this.statusMoved()) push();
    }, STATUS_MS);
    this.scope.onDispose(() => clearInterval(timer));
  }

  /** What somebody lacks who holds `since`: nothing, if the files and the status are where they were; else a snapshot. */
  answer(since: string | undefined): RunDelta {
    const held = this.cursor;
    const now = this.stamp();
    if (since === undefined || since !== now) return this.snapshot();
    // Held from this very feed: what it has been sent is known. From another agent: how thin its curves are is not.
    if (held !== now) {
      this.snapshot();
      for (const [key, sent] of this.sent) this.sent.set(key, { ...sent, held: MOST_POINTS });
    }
    return { from: now, to: now };
  }

  dispose(): void {
    this.scope.dispose();
  }

  private push(): void {
    if (this.scope.isDisposed) return;
    const delta = this.delta();
    if (delta.from !== delta.to) this.emit(delta);
  }

  private snapshot(): RunDelta {
    this.sent.clear();
    this.sentParts = new Map();
    this.cursor = null;
    return this.delta();
  }

  private delta(): RunDelta {
    this.target.adoptAttempts();
    this.target.adoptOutputFromLog();
    const from = this.cursor;
    const present = this.target.index.series();
    // A curve that is in no file any more cannot be taken back by a delta.
    const keys = new Set(present.map((s) => s.key));
    if (from !== null && [...this.sent.keys()].some((key) => !keys.has(key))) return this.snapshot();
    const parts = this.changedParts();
    const series = present.flatMap((s) => this.patch(s) ?? []);
    this.cursor = this.stamp();
    return { from, to: this.cursor, ...parts, ...(series.length > 0 ? { series } : {}) };
  }

  private patch(series: IndexedSeries): SeriesPatch | null {
    const { key, name, raw, axis, source, columns, generation } = series;
    const total = columns.steps.length;
    const held = this.sent.get(key);
    const alsoIn = series.alsoIn.join("|");
    if (held && held.count === total && held.generation === generation && held.alsoIn === alsoIn) return null;
    const fits = held !== undefined && held.generation === generation && held.count <= total;
    const append = fits && held.held + (total - held.count) <= MOST_POINTS;
    const from = append ? held.count : 0;
    const steps = columns.steps.view(from);
    const values = columns.values.view(from);
    const sent = append ? { steps, values } : thin(steps, values, POINTS);
    const already = append ? held.held : 0;
    this.sent.set(key, { count: total, held: already + sent.steps.length, generation, alsoIn });
    return {
      key,
      name,
      raw,
      source: source.path,
      ...(series.alsoIn.length > 0 ? { alsoIn: [...series.alsoIn] } : {}),
      axis,
      total,
      mode: append ? "append" : "replace",
      steps: Array.from(sent.steps, toWire),
      values: Array.from(sent.values, toWire),
    };
  }

  private changedParts(): Parts {
    const all = this.parts();
    const changed = Object.entries(all).filter(([name, value]) => {
      const text = JSON.stringify(value);
      if (this.sentParts.get(name) === text) return false;
      this.sentParts.set(name, text);
      return true;
    });
    return Object.fromEntries(changed);
  }

  private parts(): Parts {
    const { target } = this;
    const { index } = target;
    const status = target.status();
    target.readToEnd(status);
    this.lastLogSize = target.logSize();
    return {
      title: target.title,
      status,
      kept: target.kept,
      progress: target.progress(status),
      marks: marksOf(index.sources),
      counts: {
        rollouts: index.rolloutCount(),
        episodes: episodeCount(target),
        evals: index.evaluations().length || scorableSources(target),
        checkpoints: index.checkpoints.length,
      },
      rolloutAxis: rolloutAxis(target),
      evals: index.evaluations(),
      checkpoints: index.checkpoints,
      diagnostics: index.diagnostics().slice(0, DIAGNOSTICS),
      sources: index.sources.slice(0, SOURCES).map((s) => ({
        path: s.path,
        reader: s.reader.id,
        title: s.reader.title,
        confidence: s.confidence,
        bytes: s.bytes,
      })),
      logSize: this.lastLogSize,
      indexing: index.indexing,
    };
  }

  private statusMoved(): boolean {
    if (!this.target.runFolder) return false;
    const status = JSON.stringify(this.target.status());
    return this.sentParts.get("status") !== status || this.target.logSize() !== this.lastLogSize;
  }

  private stamp(): string {
    const now = this.target.status();
    // The verdict alone: how it is worded may depend on who saw the steps come.
    const status = JSON.stringify({ ...now, health: now?.health?.verdict });
    const text = `${this.target.index.stamp()}|${status}|${this.target.logSize()}|${this.target.index.indexing}`;
    return createHash("sha1").update(text).digest("base64url");
  }
}

function rolloutAxis(target: Target): RunDelta["rolloutAxis"] {
  for (const { records, path } of target.index.rolloutSources()) {
    const { rollouts } = records;
    if (rollouts.length === 0) continue;
    for (const by of ["step", "version"] as const) {
      // A group may lack what the others have.
      const first = rollouts.firstFinite(by);
      const last = rollouts.lastFinite(by);
      if (first !== null && last !== null) return { by, first, last, source: path };
    }
    return { by: "line", first: 1, last: rollouts.length, source: path };
  }
  return null;
}
