// The list of runs, live: newest first, with progress. Live runs are followed; an ended run's summary is computed once and kept.
import { readdirSync, watch, type FSWatcher } from "node:fs";
import { basename, join } from "node:path";
import { coalesce } from "../../core/base/coalesce";
import { Scope } from "../../core/base/disposable";
import { Emitter } from "../../core/base/emitter";
import { isLive, runIdPattern, runSummarySchema, type ProgressView, type RunSummary } from "../../core/model/run";
import { readJson, writeJson } from "../disk/atomicFile";
import type { Home } from "../disk/home";
import { readManifest, readStatus } from "../disk/runFolder";
import { Target } from "./target";
import type { TargetLease, Targets } from "./targets";

const POLL_MS = 1000;
const nothingYet: ProgressView = { step: null, total: null, reward: null, secondsLeft: null };

export class RunDirectory {
  private readonly scope = new Scope("runs");
  private readonly live = new Map<string, TargetLease>();
  private readonly known = new Map<string, { summary: RunSummary; text: string }>();
  /** Ended runs whose numbers are still to be read, newest first. */
  private readonly pending: string[] = [];
  private reading = false;
  private readonly changeEmitter = new Emitter<{ runs: RunSummary[]; removed: string[] }>();
  readonly onChange = this.changeEmitter.event;

  constructor(
    private readonly home: Home,
    private readonly targets: Targets,
  ) {}

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
    const ids = idsIn(this.home.runs);
    const removed = [...this.known.keys()].filter((id) => !ids.has(id));
    for (const id of removed) this.known.delete(id);
    const changed: RunSummary[] = [];
    for (const id of ids) {
      const held = this.known.get(id);
      // An ended run changes no more: only its first look costs anything.
      if (held && !isLive(held.summary.status.state) && held.summary.status.state !== "lost") continue;
      const summary = this.summarise(id);
      const text = summary ? JSON.stringify(summary) : "";
      if (!summary || held?.text === text) continue;
      this.known.set(id, { summary, text });
      changed.push(summary);
    }
    if (changed.length > 0 || removed.length > 0) this.changeEmitter.fire({ runs: changed, removed });
    void this.readPending();
  }

  private summarise(id: string): RunSummary | null {
    const folder = this.home.run(id);
    const manifest = readManifest(folder);
    if (!manifest) return null;
    const base = {
      id,
      name: basename(manifest.config.path).replace(/\.ya?ml$/, ""),
      recipe: manifest.recipe,
      configPath: manifest.config.path,
      createdAt: manifest.createdAt,
    };
    const status = readStatus(folder);
    if (isLive(status.state)) {
      const target = this.followLive(id);
      return { ...base, status, progress: target.progress(status) };
    }
    const ended = this.live.get(id);
    if (ended) {
      this.live.delete(id);
      ended.dispose();
    }
    const saved = readJson(join(folder, "cache", "summary.json"), runSummarySchema);
    if (saved && saved.status.state === status.state && saved.status.attempt === status.attempt) return saved;
    if (!this.pending.includes(id)) this.pending.unshift(id);
    return { ...base, status, progress: this.known.get(id)?.summary.progress ?? nothingYet };
  }

  private followLive(id: string): Target {
    const held = this.live.get(id) ?? this.targets.lease(id);
    this.live.set(id, held);
    held.target.adoptOutputFromLog();
    return held.target;
  }

  private async readPending(): Promise<void> {
    if (this.reading) return;
    this.reading = true;
    try {
      for (let id = this.pending.shift(); id !== undefined && !this.scope.isDisposed; id = this.pending.shift()) {
        const summary = await this.readEnded(id).catch(() => null);
        if (!summary) continue;
        this.known.set(id, { summary, text: JSON.stringify(summary) });
        this.changeEmitter.fire({ runs: [summary], removed: [] });
      }
    } finally {
      this.reading = false;
    }
  }

  private async readEnded(id: string): Promise<RunSummary | null> {
    const summary = await summaryOf(id, this.home);
    if (!summary) return null;
    try {
      writeJson(join(this.home.run(id), "cache", "summary.json"), summary);
    } catch {
      // A full or read-only store: the numbers are read again next time.
    }
    return summary;
  }
}

/** One run's summary with everything read once: for ended runs, and for the command line. */
export async function summaryOf(id: string, home: Home): Promise<RunSummary | null> {
  const target = Target.open(id, home);
  try {
    if (!target.manifest) return null;
    target.adoptOutputFromLog();
    await target.index.readOnce(!target.isLive());
    const status = target.status();
    if (!status) return null;
    return {
      id,
      name: basename(target.manifest.config.path).replace(/\.ya?ml$/, ""),
      recipe: target.manifest.recipe,
      configPath: target.manifest.config.path,
      createdAt: target.manifest.createdAt,
      status,
      progress: target.progress(status),
    };
  } finally {
    target.dispose();
  }
}

export function idsIn(folder: string): Set<string> {
  try {
    return new Set(readdirSync(folder).filter((name) => runIdPattern.test(name)));
  } catch {
    return new Set();
  }
}
