// A stop is a wish, not a deed: the supervisor consumes it. Where that is gone, the agent that got the wish starts a process that sends
// the signals, and lives as long as they take.
import { existsSync, mkdirSync } from "node:fs";
import { runNotFound } from "../../core/base/errors";
import { mayStop } from "../../core/model/run";
import { isAlive } from "../box/processes";
import { readJson, writeAtomic } from "../disk/atomicFile";
import type { Home } from "../disk/home";
import { attemptFiles, identitySchema, readStatus, type AttemptFiles } from "../disk/runFolder";
import { startProgram } from "./program";
import { stopUnsupervised } from "./stopper";

/** Whether there was something to stop. Throws `run/not-found`. */
export function requestStop(id: string, home: Home): boolean {
  const folder = home.run(id);
  if (!existsSync(folder)) throw runNotFound(id);
  const status = readStatus(folder);
  if (!mayStop(status)) return false;
  const files = attemptFiles(folder, status.attempt);
  mkdirSync(files.control, { recursive: true, mode: 0o700 });
  const hasEnded = status.endedAt !== null;
  // Read as the reason of the end, which of a run that has ended is known.
  if (!hasEnded) writeAtomic(files.stopWish, `${new Date().toISOString()}\n`);
  if (hasEnded || status.state === "unsupervised") startStopper(folder, files, status.attempt);
  return true;
}

function startStopper(folder: string, files: AttemptFiles, attempt: number): void {
  const other = readJson(files.stopper, identitySchema);
  if (other && isAlive(other)) return;
  try {
    startProgram(files.stopProgram, ["stop", folder, String(attempt)], { cwd: folder, env: process.env }).unref();
  } catch {
    // A full disk takes no program: then as long as this agent lives.
    void stopUnsupervised(folder, files);
  }
}
