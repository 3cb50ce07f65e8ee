// A target as the rest of the agent sees it: the index of its files, and for a run its manifest, status, log and progress.
import { existsSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { runNotFound } from "../../core/base/errors";
import { keptFile, keptFromSchema, type KeptFrom } from "../../core/model/kept";
import type { Health, ProgressView, RunManifest, RunViewStatus } from "../../core/model/run";
import { isLive, runIdPattern } from "../../core/model/run";
import { toWire } from "../../core/model/number";
import type { ActionDialect } from "../../core/actions/dialect";
import { readJson } from "../disk/atomicFile";
import { absolute, isInside, type Home } from "../disk/home";
import { mayUseOwnPatterns, ownDialects } from "../disk/ownDialects";
import { readRange } from "../disk/readRange";
import { attemptFiles, latestAttempt, readManifest, readStatus, type AttemptFiles } from "../disk/runFolder";
import { attemptRoots } from "./attempts";
import { compiled, OutputFromLog, rootsInOrder, watchedRoots } from "./declaredRoots";
import { healthOf, signsOf } from "./health";
import { keptRoots } from "./outsideRoots";
import { missingOutput } from "./promises";
import { StepClock } from "./stepClock";
import { TargetIndex, type Root } from "./targetIndex";

const LOG_TAIL = 64 * 1024;
/** Nobody names a folder behind so much. */
const LOG_READS = 64;

export type GpuActivity = (runId: string) => number | null;

export class Target {
  readonly index: TargetIndex;
  /** How busy the GPUs of a run are, in percent; null where nobody looks at them. */
  gpuActivity: GpuActivity = () => null;
  private readonly clock = new StepClock();
  private declared: readonly ActionDialect[] | null = null;
  private attempt: number;
  private readonly outputFromLog: OutputFromLog;
  private readonly progressPattern: RegExp | null;
  /** The end up to which the files are known to be read. */
  private readTo: string | null;
  /** What a succeeded attempt lacks: looked for once, because it walks the output folder. */
  private lacking: { endedAt: string | null; but: string | null } | null = null;

  private constructor(
    readonly id: string,
    readonly title: string,
    readonly runFolder: string | null,
    readonly manifest: RunManifest | null,
    roots: Root[],
    cacheFolder: string,
    /** Where the run was copied from: it never changes, and nothing of it runs here. */
    readonly kept: KeptFrom | null = null,
  ) {
    this.index = new TargetIndex(roots, cacheFolder, manifest?.cwd ?? id);
    this.index.dataFiles = ["VAL_FILE", "TEST_FILE"].flatMap((name) => manifest?.env[name] ?? []);
    // Paths in the log of a copy are its box's, and its patterns come with a folder that anybody may have made.
    this.outputFromLog = new OutputFromLog(kept ? null : manifest);
    this.progressPattern = kept && !mayUseOwnPatterns() ? null : compiled(manifest?.progress.pattern, "");
    this.attempt = runFolder ? latestAttempt(runFolder) : 1;
    this.readTo = runFolder ? readStatus(runFolder).endedAt : null;
  }

  /** `spec`: a run's id, or a path. Throws `run/not-found`. */
  static open(spec: string, home: Home, base?: string): Target {
    const isId = runIdPattern.test(spec) && existsSync(home.run(spec));
    const path = absolute(spec, base);
    if (!isId && !existsSync(path)) throw runNotFound(spec);
    // A path to a run's own folder is that run.
    const inStore = isInside(path, home.runs) ? basename(path) : null;
    const id = isId ? spec : inStore !== null && runIdPattern.test(inStore) ? inStore : null;
    if (id !== null) {
      const folder = home.run(id);
      const manifest = readManifest(folder);
      if (!manifest) throw runNotFound(spec);
      const roots = rootsInOrder(attemptRoots(folder, latestAttempt(folder)), watchedRoots(manifest), []);
      return new Target(id, basename(manifest.config.path), folder, manifest, roots, join(folder, "cache"));
    }
    const kept = readJson(join(path, keptFile), keptFromSchema);
    const copied = kept && readManifest(path);
    if (copied) {
      const { watched, named } = keptRoots(path, kept);
      const roots = rootsInOrder(attemptRoots(path, latestAttempt(path)), watched, named);
      return new Target(path, basename(copied.config.path), path, copied, roots, home.cacheFor(path), kept);
    }
    const isFolder = statSync(path).isDirectory();
    const root = { absolute: path, prefix: "" };
    return new Target(path, basename(path) + (isFolder ? "/" : ""), null, null, [root], home.cacheFor(path));
  }

  /** The project's own dialects: of the code as it was run, or of what lies around the folder. */
  get ownDialects(): readonly ActionDialect[] {
    this.declared ??= ownDialects(this.manifest?.cwd ?? this.id).dialects;
    return this.declared;
  }

  get files(): AttemptFiles | null {
    return this.runFolder ? attemptFiles(this.runFolder, latestAttempt(this.runFolder)) : null;
  }

  status(): RunViewStatus | null {
    if (!this.runFolder) return null;
    const status = readStatus(this.runFolder);
    if (this.kept) return keptStatus(status, this.kept);
    if (isLive(status.state)) return { ...status, health: this.healthOf(status) };
    if (status.state !== "succeeded" || !this.manifest) return status;
    if (this.lacking?.endedAt !== status.endedAt || !this.lacking) {
      this.lacking = { endedAt: status.endedAt, but: this.missing(this.manifest, status) };
    }
    return { ...status, but: this.lacking.but };
  }

  private missing({ expects }: RunManifest, { attempt, startedAt }: RunViewStatus): string | null {
    if (expects.length === 0 || !this.runFolder) return null;
    // The trainer's own folder is where most of them keep their promise.
    for (let scanned = -1, reads = 0; this.outputFromLog.scanned > scanned && reads < LOG_READS; reads++) {
      scanned = this.outputFromLog.scanned;
      this.adoptOutputFromLog();
    }
    const { out } = attemptFiles(this.runFolder, attempt);
    const shared = this.index.rootsInUse().map(({ absolute: at }) => at);
    const since = startedAt === null ? null : Date.parse(startedAt);
    return missingOutput(expects, { out, shared: shared.filter((at) => at !== out), since });
  }

  /** null before it runs, and until its files were read. */
  healthOf({ state, attempt, startedAt }: RunViewStatus): Health | null {
    if ((state !== "running" && state !== "unsupervised") || !this.runFolder || this.index.indexing) return null;
    const began = startedAt === null ? null : Date.parse(startedAt);
    const signs = signsOf(this.index.sources, attempt, began, attemptFiles(this.runFolder, attempt).log);
    return healthOf({ ...signs, now: Date.now(), gpu: this.gpuActivity(this.id) });
  }

  /** A run that ended since its files were read has its last lines read before it counts as read. */
  readToEnd(status: RunViewStatus | null): void {
    const endedAt = status?.endedAt ?? null;
    if (endedAt === null || endedAt === this.readTo) return;
    this.readTo = endedAt;
    this.index.lookOnceMore();
  }

  isLive(): boolean {
    const status = this.status();
    return status !== null && isLive(status.state);
  }

  logSize(): number {
    const log = this.files?.log;
    try {
      return log ? statSync(log).size : 0;
    } catch {
      return 0;
    }
  }

  /** A restart adds its attempt's folders. */
  adoptAttempts(): void {
    if (!this.runFolder) return;
    const latest = latestAttempt(this.runFolder);
    if (latest === this.attempt) return;
    this.attempt = latest;
    this.outputFromLog.begin();
    for (const root of attemptRoots(this.runFolder, latest)) this.index.addRoot(root);
  }

  /** The trainer's own line that names its folder adds that folder, once it has come. */
  adoptOutputFromLog(): void {
    const log = this.files?.log;
    const root = log === undefined ? null : this.outputFromLog.look(log);
    if (root) this.index.addRoot(root);
  }

  progress(status: RunViewStatus | null): ProgressView {
    const series = this.index.series();
    const reward = series.find((s) => s.name === "reward" && s.columns.values.length > 0);
    const main = reward ?? series.find((s) => s.name === "loss") ?? series[0];
    const live = status !== null && isLive(status.state);
    const logged = this.progressFromLog(live);
    // A recipe that says how its log counts is believed alone: curves of an earlier phase count something else.
    const counted = this.manifest?.progress.pattern ? reward : main;
    const last = counted && counted.columns.steps.length > 0 ? counted.columns.steps.last : null;
    // Step and reward of one record where there is a reward: the log runs a moment ahead of the trace, or behind it.
    const step = reward && reward === counted ? last : (logged?.step ?? last);
    const fact = this.index.fact("total_steps");
    const total = logged?.total ?? this.manifest?.progress.total ?? (typeof fact === "number" ? fact : null);
    if (live && step !== null) this.clock.saw(step, Date.now());
    return {
      step,
      total,
      reward: reward ? toWire(reward.columns.values.last) : null,
      secondsLeft: live && step !== null && total !== null ? this.clock.secondsLeft(step, total) : null,
    };
  }

  private progressFromLog(live: boolean): { step: number; total: number | null } | null {
    const log = this.files?.log;
    const expression = this.progressPattern;
    if (!expression || !log) return null;
    const from = Math.max(0, this.logSize() - LOG_TAIL);
    // Progress bars write a carriage return where others write a newline.
    const lines = readRange(log, from, LOG_TAIL).split(/[\r\n]/);
    // What is cut off at either end may be half a number.
    if (from > 0) lines.shift();
    if (live) lines.pop();
    for (let i = lines.length - 1; i >= 0; i--) {
      const groups = expression.exec((lines[i] ?? "").slice(0, 2000))?.groups;
      const step = Number(groups?.["step"]);
      if (groups?.["step"] === undefined || !Number.isFinite(step)) continue;
      const total = Number(groups["total"]);
      return { step, total: groups["total"] !== undefined && Number.isFinite(total) ? total : null };
    }
    return null;
  }

  dispose(): void {
    this.index.dispose();
  }
}

/** A copy of a run that had not ended says so, and no more: its box knows how it went on. */
function keptStatus({ left: _itsBox, ...status }: RunViewStatus, { box, but = null }: KeptFrom): RunViewStatus {
  if (status.endedAt !== null) return { ...status, but };
  return { ...status, state: "lost", reason: `It had not ended when it was copied from ${box}.`, health: null };
}
