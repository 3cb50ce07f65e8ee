// A run's folder, read as one typed thing. Who writes what: run.json, launch.json, patch.diff, config/ and work/ (which the
// training may change) and supervisor.js the agent at launch; status.json, exit.reserve, environment.json and reaper.sh the supervisor; child.json, times, rc and rc.reserve the reaper; control/ any agent; output.log and out/ the
// training; cache/ the agent.
import { existsSync, readdirSync, statSync } from "node:fs";
import { constants } from "node:os";
import { basename, join, sep } from "node:path";
import * as z from "zod/mini";
import {
  manifestSchema,
  statusSchema,
  type RunManifest,
  type RunStatus,
  type RunViewStatus,
} from "../../core/model/run";
import { bootId, hostName, isAlive, nameOf, taggedWith } from "../box/processes";
import { readJson, readTextOrNull } from "./atomicFile";

export interface AttemptFiles {
  attempts: string;
  folder: string;
  status: string;
  child: string;
  rc: string;
  /** The end on a full disk: what status.json and rc could not take. */
  reserve: string;
  rcReserve: string;
  times: string;
  /** What the supervisor is started from; it removes it when it has begun. */
  program: string;
  control: string;
  stopWish: string;
  stopDone: string;
  /** Who carries out a stop where no supervisor lives, and what it is started from; it removes that when it has begun. */
  stopper: string;
  stopProgram: string;
  log: string;
  out: string;
  /** What the setup made of the environment. */
  environment: string;
}

export function attemptFiles(runFolder: string, attempt: number): AttemptFiles {
  const attempts = join(runFolder, "attempts");
  const folder = join(attempts, String(attempt));
  // Not `join`, which is slow enough to be felt over ten thousand runs.
  const at = (name: string): string => folder + sep + name;
  return {
    attempts,
    folder,
    status: at("status.json"),
    child: at("child.json"),
    rc: at("rc"),
    reserve: at("exit.reserve"),
    rcReserve: at("rc.reserve"),
    times: at("times"),
    program: at("supervisor.js"),
    control: at("control"),
    stopWish: at(`control${sep}stop`),
    stopDone: at(`control${sep}stopping.json`),
    stopper: at(`control${sep}stopper.json`),
    stopProgram: at(`control${sep}stop.js`),
    log: at("output.log"),
    out: at("out"),
    environment: at("environment.json"),
  };
}

export const manifestFile = (runFolder: string): string => join(runFolder, "run.json");

export const readManifest = (runFolder: string): RunManifest | null =>
  readJson(manifestFile(runFolder), manifestSchema);

/** The run as its nth attempt starts it: what was bound to the first attempt's output folder is bound to its own. */
export function manifestOf(manifest: RunManifest, runFolder: string, attempt: number): RunManifest {
  if (attempt === 1) return manifest;
  const { out } = attemptFiles(runFolder, attempt);
  const before = attemptFiles(runFolder, attempt - 1).out;
  const rebound = (text: string): string => text.replaceAll(manifest.out, out);
  return {
    ...manifest,
    out,
    commands: manifest.commands.map((argv) => argv.map(rebound)),
    env: {
      ...Object.fromEntries(Object.entries(manifest.env).map(([name, value]) => [name, rebound(value)])),
      // Where a trainer that can resume finds its checkpoints.
      RUNSIDE_PREVIOUS_OUT: before,
    },
  };
}

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

/** As `identify` makes it. */
export const identitySchema = z.object({ pid: z.number(), start: z.string(), boot: z.string() });

export const childSchema = z.object({ pid: z.number(), start: z.string() });

/** A supervisor that has not written yet is given this long before the run counts as lost: a state is true within 15 s. */
const STARTING_MS = 10_000;

/** What the agent did that carried out a stop where no supervisor lives. */
export const stopDoneSchema = z.extend(z.pick(statusSchema, { sent: true, stopping: true }), {
  /** It was of what outlived a run: that run's end has its own reason. */
  afterEnd: z.optional(z.boolean()),
});

/** The exit code that the reaper recorded, wherever it could; null while it has not. */
export function readExitCode(files: AttemptFiles): number | null {
  for (const path of [files.rc, files.rcReserve]) {
    const text = readTextOrNull(path)?.trim();
    if (text && /^\d+$/.test(text)) return Number(text);
  }
  return null;
}

/** The supervisor's last word wherever it could be written: a full disk leaves an old status.json beside a used reserve. */
function readWritten(files: AttemptFiles): RunStatus | null {
  const written = readJson(files.status, statusSchema);
  if (written?.endedAt) return written;
  const reserved = readJson(files.reserve, statusSchema);
  return reserved?.endedAt ? reserved : written;
}

/** What is true now, from every witness: the supervisor's word, the child, the reaper's record, the process table. */
export function readStatus(runFolder: string): RunViewStatus {
  const attempt = latestAttempt(runFolder);
  const files = attemptFiles(runFolder, attempt);
  const written = readWritten(files);
  if (!written) return neverWritten(runFolder, files, attempt);
  const child = readJson(files.child, childSchema);
  const base: RunViewStatus = viewOf(written, child?.pid ?? null, files, attempt);
  if (written.endedAt || (written.supervisor && isAlive(written.supervisor))) return base;
  // It may have written its last word, and ended, since we read.
  const last = readWritten(files);
  if (last?.endedAt) return viewOf(last, base.pid, files, attempt);
  const boot = written.supervisor?.boot ?? "";
  const sameBoot = boot === bootId();
  const runs = (): boolean =>
    sameBoot && ((child !== null && isAlive({ ...child, boot })) || taggedWith(basename(runFolder)).length > 0);
  const done = readJson(files.stopDone, stopDoneSchema);
  const sent = [...written.sent, ...(done && !done.afterEnd ? done.sent : [])];
  if (readExitCode(files) === null && runs()) {
    const stopping = done?.stopping ?? written.stopping;
    return { ...base, state: "unsupervised", reason: null, sent, stopping };
  }
  const code = readExitCode(files);
  const ended = { ...base, sent, stopping: null };
  if (code !== null) {
    const stopped = sent.length > 0 || existsSync(files.stopWish);
    const endedAt = changedAt(readTextOrNull(files.rc) === null ? files.rcReserve : files.rc);
    const left = sameBoot ? taggedWith(basename(runFolder)).map((pid) => ({ pid, name: nameOf(pid) })) : [];
    return withLeft({ ...ended, ...endOf(code, null, stopped), endedAt }, left, done?.stopping ?? null);
  }
  if (done && !done.afterEnd) return { ...ended, ...endOf(null, null, true), endedAt: changedAt(files.stopDone) };
  const elsewhere = written.supervisor?.host;
  const reason =
    elsewhere !== undefined && elsewhere !== hostName()
      ? `Lost to this machine: it was started on ${elsewhere}, whose processes cannot be seen from here.`
      : `Lost: ${whyLost(written.state, sameBoot, child !== null)}.`;
  return { ...ended, state: "lost", reason, health: { verdict: "dead", sentence: reason } };
}

function whyLost(state: RunStatus["state"], sameBoot: boolean, began: boolean): string {
  if (!sameBoot) return "the box restarted";
  if (began) return "its supervisor and the training are gone without a record";
  if (state === "queued") return "its supervisor ended while the run waited for its turn; it never started";
  return "its supervisor ended before the training started";
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
  return { ...end, state: "failed", reason: `The training ${endWords(exitCode, killedBy)}` };
}

function endWords(exitCode: number | null, killedBy: NodeJS.Signals | null): string {
  switch (killedBy) {
    case null:
      return `exited with code ${exitCode ?? "unknown"}; the log's last lines say why.`;
    case "SIGKILL":
      return "was ended by SIGKILL, which Runside did not send: often by the system, when its memory ran out.";
    case "SIGSEGV":
    case "SIGBUS":
    case "SIGILL":
    case "SIGFPE":
      return `crashed (${killedBy}) inside native code; the log's last lines say where.`;
    default:
      return `was ended by ${killedBy}; the log's last lines say why.`;
  }
}

/** A shell reports a child that died of signal n as 128 + n. */
function signalOf(exitCode: number | null): NodeJS.Signals | null {
  if (exitCode === null || exitCode <= 128) return null;
  const found = Object.entries(constants.signals).find(([, number]) => number === exitCode - 128);
  return (found?.[0] as NodeJS.Signals | undefined) ?? null;
}

function viewOf(
  { supervisor, left: recorded, ...written }: RunStatus,
  pid: number | null,
  files: AttemptFiles,
  attempt: number,
): RunViewStatus {
  const view = { ...written, pid, attempt, health: null, but: null };
  const left = (recorded ?? []).filter((one) => isAlive({ ...one, boot: supervisor?.boot ?? "" }));
  if (left.length === 0) return view;
  return withLeft(view, left, readJson(files.stopDone, stopDoneSchema)?.stopping ?? null);
}

/** An end that left something behind, and how far a stop of that is. */
const withLeft = (
  end: RunViewStatus,
  left: readonly { pid: number; name: string }[],
  stopping: RunViewStatus["stopping"],
): RunViewStatus =>
  left.length === 0 ? end : { ...end, left: left.map(({ pid, name }) => ({ pid, name })), stopping };

function neverWritten(runFolder: string, files: AttemptFiles, attempt: number): RunViewStatus {
  const nothing = { startedAt: null, endedAt: null, exitCode: null, signal: null, reason: null };
  const base = { ...nothing, sent: [], stopping: null, usage: null, pid: null, attempt, health: null, but: null };
  const since = Date.parse(changedAt(files.folder) ?? changedAt(runFolder) ?? "");
  // A clock that was set back dates it in the future, by which it did not begin just now.
  if (Math.abs(Date.now() - since) < STARTING_MS) return { ...base, state: "starting" };
  return { ...base, state: "lost", reason: "Its supervisor never started; launch it again." };
}

function changedAt(path: string): string | null {
  try {
    return new Date(statSync(path).mtimeMs).toISOString();
  } catch {
    return null;
  }
}
