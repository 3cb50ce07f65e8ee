// The list of runs, live: newest first, with progress. Live runs are followed; an ended run's summary is computed once and kept.
import { existsSync, watch, type FSWatcher } from "node:fs";
import { basename, join } from "node:path";
import { coalesce } from "../../core/base/coalesce";
import { Scope } from "../../core/base/disposable";
import { Emitter } from "../../core/base/emitter";
import {
  isLive,
  mayStop,
  runSummarySchema,
  type ProgressView,
  type RunManifest,
  type RunSummary,
  type RunViewStatus,
} from "../../core/model/run";
import { readJson, writeJson } from "../disk/atomicFile";
import { mayGoOnElsewhere } from "../disk/elsewhere";
import type { Home } from "../disk/home";
import { manifestFile, readManifest, readStatus } from "../disk/runFolder";
import { RunIds } from "../disk/runIds";
import { readRange } from "../disk/readRange";
import { Target } from "./target";
import type { TargetLease, Targets } from "./targets";

const POLL_MS = 1000;
/** What is read of ended runs is told this often at most: thousands of them are a few messages, not thousands. */
const TELL_MS = 250;
const RESTARTS_BYTES = 1 << 20;
const nothingYet: ProgressView = { step: null, total: null, reward: null, secondsLeft: null };

export class RunDirectory {
  private readonly scope = new Scope("runs");
  private readonly ids: RunIds;
  private readonly live = new Map<string, TargetLease>();
  /** `text`: what to compare the next look with; "" for a run that is not looked at again. */
  private readonly known = new Map<string, { summary: RunSummary; text: string }>();
  /** Ended runs whose numbers are still to be read: the last is the newest, and the next. */
  private readonly pending: string[] = [];
  private readonly isPending = new Set<string>();
  private reading = false;
  private restartsRead = 0;
  private readonly changeEmitter = new Emitter<{ runs: RunSummary[]; removed: string[] }>();
  readonly onChange = this.changeEmitter.event;

  constructor(
    private readonly home: Home,
    private readonly targets: Targets,
  ) {
    this.ids = new RunIds(home.runs);
  }

  list(): RunSummary[] {
    this.look();
    return [...this.known.values()].map((k) => k.summary).sort((a, b) => (a.id < b.id ? 1 : -1));
  }

  follow(): void {
    if (this.scope.size > 0) return;
    const look = this.scope.add(coalesce(200, () => this.look()));
    const timer = setInterval(() => this.look(), POLL_MS);
    this.scope.onDispose(() => clearInterval(timer));
    let watcher: FSWatcher | null = null;
    try {
      watcher = watch(this.home.runs, look);
      watcher.on("error", () => undefined);
    } catch {
      watcher = null;
    }
    this.scope.onDispose(() => watcher?.close());
    this.scope.onDispose(() => {
      for (const lease of this.live.values()) lease.dispose();
      this.live.clear();
    });
  }

  dispose(): void {
    this.scope.dispose();
    this.changeEmitter.dispose();
  }

  private look(): void {
    this.lookAtRestarts();
    const ids = this.ids.now();
    const removed = [...this.known.keys()].filter((id) => !ids.has(id));
    for (const id of removed) {
      this.known.delete(id);
      this.leave(id);
    }
    const changed: RunSummary[] = [];
    const unread: string[] = [];
    for (const id of ids) {
      const held = this.known.get(id);
      // An ended run changes no more: only its first look costs anything.
      if (held?.text === "") continue;
      const seen = this.summariseOrNull(id);
      if (!seen) continue;
      const text = compared(seen.summary, this.home.run(id));
      if (!seen.isRead && !this.isPending.has(id)) unread.push(id);
      if (held?.text === text) continue;
      this.known.set(id, { summary: seen.summary, text });
      changed.push(seen.summary);
    }
    if (changed.length > 0 || removed.length > 0) this.changeEmitter.fire({ runs: changed, removed });
    for (const id of unread.sort()) {
      this.pending.push(id);
      this.isPending.add(id);
    }
    void this.readPending();
  }

  /** An ended run that was restarted is looked at again. */
  private lookAtRestarts(): void {
    const lines = readRange(this.home.restarts, this.restartsRead, RESTARTS_BYTES);
    const whole = lines.slice(0, lines.lastIndexOf("\n") + 1);
    const first = this.restartsRead === 0 && this.known.size === 0;
    this.restartsRead += Buffer.byteLength(whole);
    if (first) return;
    for (const id of whole.split("\n")) {
      this.known.delete(id);
      this.leave(id);
    }
  }

  /** A folder that is being deleted while we look is no run. */
  private summariseOrNull(id: string): Seen | null {
    try {
      return this.summarise(id);
    } catch {
      return null;
    }
  }

  private summarise(id: string): Seen | null {
    const folder = this.home.run(id);
    const status = readStatus(folder);
    const live = isLive(status.state);
    const saved = live || !existsSync(manifestFile(folder)) ? null : savedSummary(id, this.home, status);
    if (!live) this.leave(id);
    if (saved) return { summary: saved, isRead: true };
    const manifest = readManifest(folder);
    if (!manifest) return null;
    if (!live) {
      const progress = this.known.get(id)?.summary.progress ?? nothingYet;
      return { summary: { ...namesOf(manifest), status, progress }, isRead: false };
    }
    const target = this.followLive(id);
    const judged = { ...status, health: target.healthOf(status) };
    return { summary: { ...namesOf(manifest), status: judged, progress: target.progress(status) }, isRead: true };
  }

  private leave(id: string): void {
    this.live.get(id)?.dispose();
    this.live.delete(id);
  }

  private followLive(id: string): Target {
    const held = this.live.get(id) ?? this.targets.lease(id);
    this.live.set(id, held);
    held.target.adoptAttempts();
    held.target.adoptOutputFromLog();
    return held.target;
  }

  private async readPending(): Promise<void> {
    if (this.reading) return;
    this.reading = true;
    let read: RunSummary[] = [];
    let toldAt = -Infinity;
    try {
      for (let id = this.pending.pop(); id !== undefined && !this.scope.isDisposed; id = this.pending.pop()) {
        const summary = await summaryOf(id, this.home).catch(() => null);
        this.isPending.delete(id);
        const held = this.known.get(id)?.summary;
        // Gone or restarted meanwhile: what is known of it is newer.
        if (summary && held && !isLive(held.status.state)) {
          this.known.set(id, { summary, text: compared(summary, this.home.run(id)) });
          read.push(summary);
        }
        const now = performance.now();
        if (read.length === 0 || (this.pending.length > 0 && now - toldAt < TELL_MS)) continue;
        if (!this.scope.isDisposed) this.changeEmitter.fire({ runs: read, removed: [] });
        read = [];
        toldAt = now;
      }
    } finally {
      this.reading = false;
    }
  }
}

interface Seen {
  summary: RunSummary;
  /** False where its numbers are still to be read from its files. */
  isRead: boolean;
}

/**
 * "" once it has ended, so that it changes no more. Not while something of it is left; of a lost one that never began, the supervisor may
 * just be slow, and one that another machine of this home folder started may go on there.
 */
function compared(summary: RunSummary, folder: string): string {
  const { state, pid } = summary.status;
  const mayChange = mayStop(summary.status) || (state === "lost" && (pid === null || mayGoOnElsewhere(folder)));
  return mayChange ? JSON.stringify(summary) : "";
}

const namesOf = ({ id, recipe, config, createdAt, facts }: RunManifest): Omit<RunSummary, "status" | "progress"> => ({
  id,
  name: basename(config.path).replace(/\.ya?ml$/, ""),
  recipe,
  configPath: config.path,
  createdAt,
  facts,
});

const summaryFile = (id: string, home: Home): string => join(home.run(id), "cache", "summary.json");

/** What was read when the run had ended, if it is about this very end. */
function savedSummary(id: string, home: Home, now: RunViewStatus): RunSummary | null {
  const file = summaryFile(id, home);
  // Asked first: a file that is not there costs ten times as much as an error, and at first none is.
  const saved = existsSync(file) ? readJson(file, runSummarySchema) : null;
  const same = (["state", "attempt", "endedAt", "reason"] as const).every((key) => saved?.status[key] === now[key]);
  // What is left of it goes on changing.
  return saved && same ? { ...saved, status: { ...saved.status, left: now.left, stopping: now.stopping } } : null;
}

/** One run's summary, with everything read once unless that was saved when it ended. */
export async function summaryOf(id: string, home: Home): Promise<RunSummary | null> {
  const target = Target.open(id, home);
  try {
    const before = target.status();
    if (!target.manifest || !before) return null;
    const saved = isLive(before.state) ? null : savedSummary(id, home, before);
    if (saved) return saved;
    target.adoptOutputFromLog();
    await target.index.readOnce(!isLive(before.state));
    const status = target.status() ?? before;
    const summary = { ...namesOf(target.manifest), status, progress: target.progress(status) };
    // Only what was read after the end is all there is.
    if (!isLive(before.state)) save(id, home, summary);
    return summary;
  } finally {
    target.dispose();
  }
}

function save(id: string, home: Home, summary: RunSummary): void {
  try {
    writeJson(summaryFile(id, home), summary, { durable: false });
  } catch {
    // A full or read-only store: the numbers are read again next time.
  }
}
