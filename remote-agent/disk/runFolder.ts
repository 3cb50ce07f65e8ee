// A run's folder, read as one typed thing. Who writes what: run.json and config/ the agent at launch; status.json and
// reaper.sh the supervisor; child.json and rc the reaper; control/ any agent; output.log and out/ the training; cache/ the agent.
import { existsSync, readdirSync, statSync } from "node:fs";
import { constants } from "node:os";
import { basename, join } from "node:path";
import * as z from "zod/mini";
import {
  manifestSchema,
  statusSchema,
  type RunManifest,
  type RunStatus,
  type RunViewStatus,
} from "../../core/model/run";
import { bootId, isAlive, taggedWith } from "../box/processes";
import { readJson, readTextOrNull } from "./atomicFile";

export interface AttemptFiles {
  folder: string;
  status: string;
  child: string;
  rc: string;
  control: string;
  stopWish: string;
  log: string;
  out: string;
}

export function attemptFiles(runFolder: string, attempt: number): AttemptFiles {
  const folder = join(runFolder, "attempts", String(attempt));
  return {
    folder,
    status: join(folder, "status.json"),
    child: join(folder, "child.json"),
    rc: join(folder, "rc"),
    control: join(folder, "control"),
    stopWish: join(folder, "control", "stop"),
    log: join(folder, "output.log"),
    out: join(folder, "out"),
  };
}

export const readManifest = (runFolder: string): RunManifest | null =>
  readJson(join(runFolder, "run.json"), manifestSchema);

export function latestAttempt(runFolder: string): number {
  try {
    const numbers = readdirSync(join(runFolder, "attempts"))
      .map(Number)
      .filter((n) => Number.isInteger(n) && n > 0);
    return Math.max(1, ...numbers);
  } catch {
    return 1;
  }
}

const childSchema = z.object({ pid: z.number(), start: z.string() });

/** A supervisor that has not written yet is given this long before the run counts as lost. */
const STARTING_MS = 15_000;

/** What is true now, from every witness: the supervisor's word, the child, the reaper's record, the process table. */
export function readStatus(runFolder: string): RunViewStatus {
  const attempt = latestAttempt(runFolder);
  const files = attemptFiles(runFolder, attempt);
  const written = readJson(files.status, statusSchema);
  if (!written) return neverWritten(runFolder, files, attempt);
  const child = readJson(files.child, childSchema);
  const base: RunViewStatus = viewOf(written, child?.pid ?? null, attempt);
  if (written.endedAt || (written.supervisor && isAlive(written.supervisor))) return base;
  // It may have written its last word, and ended, since we read.
  const last = readJson(files.status, statusSchema);
  if (last?.endedAt) return viewOf(last, base.pid, attempt);
  const boot = written.supervisor?.boot ?? "";
  const sameBoot = boot === bootId();
  const recorded = (): string | null => readTextOrNull(files.rc);
  const runs = (): boolean =>
    sameBoot && ((child !== null && isAlive({ ...child, boot })) || taggedWith(basename(runFolder)).length > 0);
  if (recorded() === null && runs()) return { ...base, state: "unsupervised" };
  const rc = recorded();
  if (rc !== null) {
    const stopped = written.sent.length > 0 || existsSync(files.stopWish);
    return { ...base, ...endOf(Number(rc), null, stopped), endedAt: changedAt(files.rc) };
  }
  const why = sameBoot ? "its supervisor and the training are gone without a record" : "the box restarted";
  return { ...base, state: "lost", reason: `Lost: ${why}.` };
}

/** How an end reads, whoever saw it: the supervisor, or a reader of the reaper's record. */
export function endOf(
  exitCode: number | null,
  signal: NodeJS.Signals | null,
  stopped: boolean,
): Pick<RunStatus, "exitCode" | "signal" | "reason"> & { state: "succeeded" | "failed" | "cancelled" } {
  const killedBy = signal ?? signalOf(exitCode);
  const end = { exitCode, signal: killedBy };
  if (stopped) return { ...end, state: "cancelled", reason: "Stopped on request." };
  if (exitCode === 0) return { ...end, state: "succeeded", reason: null };
  const how = killedBy ? `was ended by ${killedBy}` : `exited with code ${exitCode ?? "unknown"}`;
  return { ...end, state: "failed", reason: `The training ${how}; the log's last lines say why.` };
}

/** A shell reports a child that died of signal n as 128 + n. */
function signalOf(exitCode: number | null): NodeJS.Signals | null {
  if (exitCode === null || exitCode <= 128) return null;
  const found = Object.entries(constants.signals).find(([, number]) => number === exitCode - 128);
  return (found?.[0] as NodeJS.Signals | undefined) ?? null;
}

const viewOf = (
  { supervisor: _supervisor, ...written }: RunStatus,
  pid: number | null,
  attempt: number,
): RunViewStatus => ({ ...written, pid, attempt, but: null });

function neverWritten(runFolder: string, files: AttemptFiles, attempt: number): RunViewStatus {
  const nothing = { startedAt: null, endedAt: null, exitCode: null, signal: null, reason: null, sent: [] };
  const base = { ...nothing, pid: null, attempt, but: null };
  const since = Date.parse(changedAt(files.folder) ?? changedAt(runFolder) ?? "");
  if (Date.now() - since < STARTING_MS) return { ...base, state: "starting" };
  return { ...base, state: "lost", reason: "Its supervisor never started; launch it again." };
}

function changedAt(path: string): string | null {
  try {
    return new Date(statSync(path).mtimeMs).toISOString();
  } catch {
    return null;
  }
}
