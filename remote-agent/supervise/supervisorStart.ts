// Starting an attempt's supervisor, and the answer that a launch and a restart give: `started`, `queued` or `failed`, from what is on disk.
import { mkdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../../core/base/errors";
import type { QueuePlace, RunViewStatus } from "../../core/model/run";
import { attemptFiles, readStatus } from "../disk/runFolder";
import { readRange } from "../disk/readRange";
import { scopeEnvironment, type LogoutPlan } from "./logout";
import { startProgram } from "./program";
import { secretsLine } from "./secretsLine";

const CONFIRM_MS = 20_000;

export type LaunchOutcome =
  | { outcome: "started"; id: string; pid: number }
  | ({ outcome: "queued"; id: string } & QueuePlace)
  | { outcome: "failed"; id: string; reason: string; log: string[] };

/** What an attempt writes into. Throws EEXIST where the attempt is there already: its folder is the token of who starts it. */
export function makeAttempt(folder: string, attempt: number): void {
  const files = attemptFiles(folder, attempt);
  mkdirSync(files.attempts, { recursive: true, mode: 0o700 });
  mkdirSync(files.folder, { mode: 0o700 });
  for (const path of [files.control, files.out]) mkdirSync(path, { mode: 0o700 });
}

/**
 * Answers how to ask why it ended without a word, null while it has not. At once, as all that lies between an attempt's folder and its
 * supervisor is: an agent whose link is cut ends, and a run that is there by then must begin. Hence `plan` is asked for before.
 */
export function startSupervisor(
  folder: string,
  attempt: number,
  secrets: Record<string, string>,
  { wrapper }: LogoutPlan,
): () => string | null {
  let supervisor: ReturnType<typeof startProgram>;
  try {
    const env = wrapper.length > 0 ? { ...process.env, ...scopeEnvironment() } : process.env;
    const args = ["supervise", folder, String(attempt)];
    supervisor = startProgram(attemptFiles(folder, attempt).program, args, { cwd: folder, env, wrapper });
  } catch (error) {
    const unwritten = `its supervisor could not be written (${messageOf(error)})`;
    return () => unwritten;
  }
  supervisor.stdin.end(secretsLine(secrets));
  let ended: string | null = null;
  supervisor.once("error", (error) => (ended = `its supervisor could not be started (${messageOf(error)})`));
  supervisor.once("exit", (code, signal) => (ended = `its supervisor ended at once (${signal ?? `code ${code}`})`));
  supervisor.unref();
  return () => ended;
}

export const startedBySomebodyElse = (): null => null;

/** Waits until the attempt that is there has begun or ended. */
export async function confirm(id: string, folder: string, supervisorEnd: () => string | null): Promise<LaunchOutcome> {
  const end = Date.now() + CONFIRM_MS;
  let status: RunViewStatus = readStatus(folder);
  let died: string | null = null;
  while (Date.now() < end && died === null) {
    // Asked before looking: what it wrote before it ended is seen.
    died = supervisorEnd();
    status = readStatus(folder);
    if (status.pid !== null) return { outcome: "started", id, pid: status.pid };
    if (status.state === "queued" && status.queue) return { outcome: "queued", id, ...status.queue };
    if (status.endedAt !== null || status.state === "lost") break;
    await sleep(10);
  }
  const log = readRange(attemptFiles(folder, status.attempt).log, 0, 16_384).split("\n").filter(Boolean).slice(-10);
  const silent = died ?? `it did not start within ${CONFIRM_MS / 1000} s`;
  const reason = status.reason ?? `The run did not begin: ${silent}; \`runside logs ${id}\` shows what it wrote.`;
  return { outcome: "failed", id, reason, log };
}
