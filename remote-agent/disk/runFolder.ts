// A run's folder, read as one typed thing. Who writes what: run.json the agent at launch; status.json and reaper.sh the
// supervisor; child.json and rc the reaper; control/ any agent; output.log and out/ the training; cache/ the agent.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import { manifestSchema, statusSchema, type RunManifest, type RunViewStatus } from "../../core/model/run";
import { bootId, isAlive } from "../box/processes";
import { readJson, readTextOrNull } from "./atomicFile";

export interface AttemptFiles {
  folder: string;
  status: string;
  child: string;
  rc: string;
  control: string;
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
  const child = readJson(files.child, childSchema);
  const base: RunViewStatus = {
    state: written?.state ?? "starting",
    startedAt: written?.startedAt ?? null,
    endedAt: written?.endedAt ?? null,
    exitCode: written?.exitCode ?? null,
    signal: written?.signal ?? null,
    reason: written?.reason ?? null,
    sent: written?.sent ?? [],
    pid: child?.pid ?? null,
    attempt,
    but: null,
  };
  if (written?.endedAt) return base;
  if (!written) {
    return ageOf(files.folder) < STARTING_MS
      ? base
      : { ...base, state: "lost", reason: "Its supervisor never started; launch it again." };
  }
  if (written.supervisor && isAlive(written.supervisor)) return base;
  const rc = readTextOrNull(files.rc);
  if (rc !== null) {
    const exitCode = Number(rc);
    const endedAt = new Date(statSync(files.rc).mtimeMs).toISOString();
    const state = exitCode === 0 ? "succeeded" : "failed";
    return { ...base, state, exitCode, endedAt, reason: exitCode === 0 ? null : `Exited with code ${exitCode}.` };
  }
  const boot = written.supervisor?.boot ?? "";
  if (boot === bootId() && child && isAlive({ ...child, boot })) return { ...base, state: "unsupervised" };
  const why = boot === bootId() ? "its supervisor and the training are gone without a record" : "the box restarted";
  return { ...base, state: "lost", reason: `Lost: ${why}.` };
}

function ageOf(path: string): number {
  try {
    return Date.now() - statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}
