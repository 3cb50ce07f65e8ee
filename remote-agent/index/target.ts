// A target as the rest of the agent sees it: the index of its files, and for a run its manifest, status, log and progress.
import { closeSync, existsSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { runNotFound } from "../../core/base/errors";
import type { ProgressView, RunManifest, RunViewStatus } from "../../core/model/run";
import { isLive, runIdPattern } from "../../core/model/run";
import { toWire } from "../../core/model/number";
import { absolute, isInside, type Home } from "../disk/home";
import { attemptFiles, readManifest, readStatus, type AttemptFiles } from "../disk/runFolder";
import { missingOutput } from "./promises";
import { StepClock } from "./stepClock";
import { TargetIndex, type Root } from "./targetIndex";

const LOG_TAIL = 64 * 1024;

export class Target {
  readonly index: TargetIndex;
  private readonly clock = new StepClock();
  private logOutputFound = false;
  private logScannedTo = 0;

  private constructor(
    readonly id: string,
    readonly title: string,
    readonly runFolder: string | null,
    readonly manifest: RunManifest | null,
    roots: Root[],
    cacheFolder: string,
  ) {
    this.index = new TargetIndex(roots, cacheFolder);
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
      const { out, log } = attemptFiles(folder, readStatus(folder).attempt);
      const watched = manifest.alsoWatch.map((at) => watchRoot(manifest.cwd, at));
      // What the training prints comes last: where it also writes a file, the file has the precision and the steps.
      const roots = [{ absolute: out, prefix: "" }, ...watched, { absolute: log, prefix: "log/" }];
      return new Target(id, basename(manifest.config.path), folder, manifest, roots, join(folder, "cache"));
    }
    const isFolder = statSync(path).isDirectory();
    const root = { absolute: path, prefix: "" };
    return new Target(path, basename(path) + (isFolder ? "/" : ""), null, null, [root], home.cacheFor(path));
  }

  get files(): AttemptFiles | null {
    return this.runFolder ? attemptFiles(this.runFolder, readStatus(this.runFolder).attempt) : null;
  }

  status(): RunViewStatus | null {
    if (!this.runFolder) return null;
    const status = readStatus(this.runFolder);
    if (status.state !== "succeeded" || !this.manifest) return status;
    return { ...status, but: missingOutput(this.manifest, attemptFiles(this.runFolder, status.attempt)) };
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

  /** The trainer's own line that names its folder adds that folder, once it has come. */
  adoptOutputFromLog(): void {
    const pattern = this.manifest?.outputFromLog;
    const log = this.files?.log;
    if (!pattern || !log || this.logOutputFound) return;
    const text = readRange(log, Math.max(0, this.logScannedTo - 4096), 1 << 20);
    this.logScannedTo += text.length;
    const path = new RegExp(pattern, "m").exec(text)?.groups?.["path"];
    if (!path) return;
    this.logOutputFound = true;
    const folder = /\/traces\/[^/]+$/.test(path) ? path.replace(/\/traces\/[^/]+$/, "") : path;
    this.index.addRoot({ absolute: absolute(folder, this.manifest?.cwd), prefix: `${basename(folder)}/` });
  }

  progress(status: RunViewStatus | null): ProgressView {
    const series = this.index.series();
    const reward = series.find((s) => s.name === "reward" && s.columns.values.length > 0);
    const main = reward ?? series.find((s) => s.name === "loss") ?? series[0];
    const logged = this.progressFromLog();
    // A recipe that says how its log counts is believed alone: curves of an earlier phase count something else.
    const counted = this.manifest?.progress.pattern ? reward : main;
    const step = logged?.step ?? (counted && counted.columns.steps.length > 0 ? counted.columns.steps.last : null);
    const fact = this.index.fact("total_steps");
    const total = logged?.total ?? this.manifest?.progress.total ?? (typeof fact === "number" ? fact : null);
    const live = status !== null && isLive(status.state);
    if (live && step !== null) this.clock.saw(step, Date.now());
    return {
      step,
      total,
      reward: reward ? toWire(reward.columns.values.last) : null,
      secondsLeft: live && step !== null && total !== null ? this.clock.secondsLeft(step, total) : null,
    };
  }

  private progressFromLog(): { step: number; total: number | null } | null {
    const pattern = this.manifest?.progress.pattern;
    const log = this.files?.log;
    if (!pattern || !log) return null;
    const size = this.logSize();
    const lines = readRange(log, Math.max(0, size - LOG_TAIL), LOG_TAIL).split("\n");
    const expression = new RegExp(pattern);
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

function watchRoot(cwd: string, at: string): Root {
  return { absolute: absolute(at, cwd), prefix: `${basename(at)}/` };
}

/** Up to `length` bytes from `from`, as text; "" where the file is missing. */
export function readRange(path: string, from: number, length: number): string {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch {
    return "";
  }
  try {
    const bytes = Buffer.alloc(Math.max(0, Math.min(length, fstatSync(fd).size - from)));
    const read = readSync(fd, bytes, 0, bytes.length, from);
    return bytes.toString("utf8", 0, read);
  } finally {
    closeSync(fd);
  }
}
