// Everything readable in one target (a run's output, an experiment folder, one file), kept current.
// Handlers and the command line ask it; nobody else reads traces.
import { dirname, join } from "node:path";
import { messageOf } from "../../core/base/errors";
import { coalesce } from "../../core/base/coalesce";
import { Emitter } from "../../core/base/emitter";
import type { Diagnostic } from "../../core/model/diagnostic";
import { withoutRepeats } from "../../core/metrics/repeatedTables";
import type { Checkpoint, EvalTable } from "../../core/model/evaluation";
import { discover, sourceName } from "./discover";
import { FolderWatch } from "./folderWatch";
import { MergedSeries, type IndexedSeries } from "./mergedSeries";
import { problemsOf } from "./problems";
import { ReaderChoice } from "./readerChoice";
import { SourceIndex } from "./sourceIndex";

export interface Root {
  absolute: string;
  /** Put before every path of this root, so that two roots of one target cannot clash. */
  prefix: string;
}

/** Change events are a hint; every second the files' sizes are looked at anyway, for network file systems. */
const POLL_MS = 1000;
/** A walk costs more than a look at sizes: this often unless something new is announced, and at most a tenth of the time. */
const WALK_MS = 3000;
const WALK_SHARE = 10;
/** Something new is known to be there: half of the time may go into looking for it. */
const ANNOUNCED_SHARE = 1;
/** After this long without new bytes a last line may count without its newline. */
const QUIET_MS = 2000;

export class TargetIndex {
  readonly sources: SourceIndex[] = [];
  images = new Map<string, string[]>();
  checkpoints: Checkpoint[] = [];
  indexing = true;
  /** What the run's environment names as the data it is evaluated on. */
  dataFiles: readonly string[] = [];
  private cut = false;
  private notes: readonly Diagnostic[] = [];
  private roots: readonly Root[] = [];
  private readonly watching = new FolderWatch((folder, name) => this.noticed(folder, name));
  private readonly choice: ReaderChoice;
  private readonly merged = new MergedSeries();
  private readonly byPlace = new Map<string, SourceIndex>();
  private readonly changeEmitter = new Emitter<void>();
  private readonly absoluteOf = new Map<string, string>();
  private poll: NodeJS.Timeout | null = null;
  private running: Promise<void> | null = null;
  private again = false;
  private quietSince = Date.now();
  private ended = false;
  private readonly stop = new AbortController();
  private announced = true;
  private walkedAt = 0;
  private walkCost = 0;
  /** Why the last look ended early. */
  private failure: string | null = null;
  /** A look that was asked for and has not begun. */
  private owed = false;

  /** After any change of records, sources or checkpoints. */
  readonly onChange = this.changeEmitter.event;

  constructor(
    roots: readonly Root[],
    private readonly cacheFolder: string | null,
    /** Where the project's own file about its sources is looked for, and above. */
    around: string,
  ) {
    this.choice = new ReaderChoice(around);
    for (const root of roots) this.addRoot(root);
  }

  addRoot(root: Root): void {
    if (this.roots.some((r) => r.absolute === root.absolute)) return;
    let { prefix } = root;
    for (let n = 2; this.roots.some((r) => r.prefix === prefix); n++)
      prefix = `${root.prefix.replace(/\/$/, "")}~${n}/`;
    this.roots = [...this.roots, { ...root, prefix }];
    this.announced = true;
    if (this.poll) this.refresh();
  }

  /** Reads all there is, once. `final`: nobody writes any more, so last lines count without a newline. */
  async readOnce(final: boolean): Promise<void> {
    await this.scan();
    await this.advanceAll();
    if (final) this.sources.forEach((s) => s.settle());
    this.indexing = false;
  }

  /** Begins to follow. Idempotent. */
  follow(): void {
    if (this.poll || this.ended) return;
    this.refresh();
    this.poll = setInterval(() => this.refresh(), POLL_MS);
  }

  /** Looks for new files and new bytes now; calls while one is under way are merged into one more. */
  readonly refresh = (): void => {
    if (this.ended) return;
    if (this.running) {
      this.again = true;
      return;
    }
    this.running = this.refreshOnce()
      .then(
        () => this.failed(null),
        (error: unknown) => this.failed(messageOf(error)),
      )
      .finally(() => {
        this.running = null;
        if (this.again && !this.ended) {
          this.again = false;
          this.refresh();
        }
      });
  };

  /** After a failure too there is an answer with what there is, and the reason beside it. */
  private failed(reason: string | null): void {
    const changed = this.failure !== reason || this.indexing !== this.owed;
    this.failure = reason;
    this.indexing = this.owed;
    if (changed && !this.ended) this.changeEmitter.fire();
  }

  /** One more whole walk and read, `indexing` until it is done: what the last writes brought belongs to the end. */
  lookOnceMore(): void {
    this.owed = true;
    this.indexing = true;
    this.refresh();
  }

  private readonly refreshSoon = coalesce(15, this.refresh);

  /** Resolves when the first complete read is done. */
  async ready(): Promise<void> {
    while (this.indexing && !this.ended) {
      if (this.running) await this.running;
      else await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  series(): IndexedSeries[] {
    return this.merged.of(this.sources);
  }

  evaluations(): EvalTable[] {
    return withoutRepeats(
      this.sources.flatMap((s) => s.records.evaluations.map((table) => ({ ...table, source: s.path }))),
    );
  }

  fact(name: string): string | number | null {
    for (const source of this.sources) {
      const value = source.records.facts.get(name);
      if (value !== undefined) return value;
    }
    return null;
  }

  /** In the walk's order, without those whose groups another file holds again, with more to them. */
  rolloutSources(): SourceIndex[] {
    const holding = this.sources.filter((s) => s.records.rollouts.length > 0);
    const count = new Map(holding.map((s) => [s.path, s.records.rollouts.length]));
    const isRepeated = (source: SourceIndex): boolean =>
      (source.reader.supersededBy?.(source.path) ?? []).some(
        (other) => other !== source.path && (count.get(other) ?? 0) >= source.records.rollouts.length,
      );
    return holding.filter((source) => !isRepeated(source));
  }

  rolloutCount(): number {
    return this.rolloutSources().reduce((sum, s) => sum + s.records.rollouts.length, 0);
  }

  /** Files that a line in the project's own file would open. */
  unknown(): Diagnostic[] {
    return this.choice.unknown();
  }

  diagnostics(): Diagnostic[] {
    const read = problemsOf(this.sources, this.dataFiles, this.cut, this.failure);
    return [...this.choice.diagnostics(), ...this.notes, ...read];
  }

  /** Where a path of this target lies, or null for one that it does not have. */
  locate(path: string): string | null {
    const known = this.absoluteOf.get(path);
    if (known) return known;
    // The one without a prefix takes what the others leave.
    for (const root of [...this.roots].sort((a, b) => b.prefix.length - a.prefix.length)) {
      if (path.startsWith(root.prefix)) return `${root.absolute}/${path.slice(root.prefix.length)}`;
    }
    return null;
  }

  rootsInUse(): readonly Root[] {
    return this.roots;
  }

  /** Which files, by identity, and how far. */
  stamp(): string {
    return this.sources.map((s) => `${s.path}:${s.stamp}`).join("|");
  }

  dispose(): void {
    this.ended = true;
    this.stop.abort();
    if (this.poll) clearInterval(this.poll);
    this.refreshSoon.dispose();
    this.watching.dispose();
    this.changeEmitter.dispose();
  }

  private async refreshOnce(): Promise<void> {
    const asked = this.owed;
    this.owed = false;
    const pause = this.announced || this.sources.length === 0 ? 0 : WALK_MS;
    const due =
      asked ||
      Date.now() - this.walkedAt >= Math.max(pause, this.walkCost * (this.announced ? ANNOUNCED_SHARE : WALK_SHARE));
    const walked = due && (await this.scan());
    const grew = await this.advanceAll();
    if (grew) this.quietSince = Date.now();
    const settled = Date.now() - this.quietSince > QUIET_MS && this.sources.map((s) => s.settle()).some(Boolean);
    const first = this.indexing;
    this.indexing = this.owed;
    if (!this.ended && (walked || grew || settled || first)) this.changeEmitter.fire();
  }

  private async advanceAll(): Promise<boolean> {
    let changed = false;
    for (const source of [...this.sources]) {
      if (this.ended) return changed;
      if (await source.advance(this.stop.signal)) changed = true;
    }
    return changed;
  }

  private async scan(): Promise<boolean> {
    const began = Date.now();
    this.announced = false;
    this.choice.look();
    const found = await discover(this.roots, (path) => this.choice.isMapped(path));
    let changed = JSON.stringify(found.checkpoints) !== JSON.stringify(this.checkpoints) || found.cut !== this.cut;
    this.images = found.images;
    this.checkpoints = found.checkpoints;
    this.cut = found.cut;
    this.notes = found.notes;
    if (this.forgetMissing(found.files.map((f) => f.absolute))) changed = true;
    for (const file of found.files) if (await this.consider(file)) changed = true;
    // In the order of the walk, not of discovery: every agent must call the same curve the reward.
    const order = new Map(found.files.map((file, at) => [file.absolute, at]));
    this.sources.sort((a, b) => (order.get(a.absolute) ?? Infinity) - (order.get(b.absolute) ?? Infinity));
    if (this.poll) this.watching.set(found.folders.concat(this.sources.map((s) => dirname(s.absolute))));
    this.walkedAt = Date.now();
    this.walkCost = this.walkedAt - began;
    return changed;
  }

  /** The disk is the truth: what was deleted is not shown. A file that is replaced keeps its name all the while. */
  private forgetMissing(present: readonly string[]): boolean {
    const there = new Set(present);
    // A walk that stopped at its bounds does not know.
    const gone = this.cut ? [] : this.sources.filter((s) => !there.has(s.absolute));
    for (const source of gone) this.drop(source);
    return gone.length > 0;
  }

  /** True where the file is a source now and was none, or is read by another reader than before. */
  private async consider(file: { path: string; absolute: string }): Promise<boolean> {
    this.absoluteOf.set(file.path, file.absolute);
    const known = this.byPlace.get(file.absolute);
    const chosen = await this.choice.choose(file, known);
    if (chosen === "same") return false;
    if (!chosen) {
      if (known) this.drop(known);
      return known !== undefined;
    }
    const source = new SourceIndex(file.absolute, file.path, chosen.reader, chosen.confidence, this.cacheFolder);
    this.choice.took(source, chosen);
    this.byPlace.set(file.absolute, source);
    if (known) this.sources[this.sources.indexOf(known)] = source;
    else this.sources.push(source);
    return true;
  }

  private drop(source: SourceIndex): void {
    this.sources.splice(this.sources.indexOf(source), 1);
    this.byPlace.delete(source.absolute);
  }

  private noticed(folder: string, name: string): void {
    // A new source or folder asks for a walk; a screenshot that appears does not.
    const known = this.byPlace.has(join(folder, name));
    if (!known && (sourceName.test(name) || !name.includes("."))) this.announced = true;
    this.refreshSoon();
  }
}
