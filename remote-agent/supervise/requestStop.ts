// A stop is a wish, not a deed: the supervisor consumes it. Where that is gone, the agent that got the wish sends the signals itself.
import { existsSync, mkdirSync } from "node:fs";
import { runNotFound } from "../../core/base/errors";
import type { RunViewStatus } from "../../core/model/run";
import { groupOfRun } from "../box/controlGroup";
import { groupOf, taggedWith } from "../box/processes";
import { writeAtomic, writeJson } from "../disk/atomicFile";
import type { Home } from "../disk/home";
import { attemptFiles, readStatus } from "../disk/runFolder";
import { stopEverything } from "./stop";

/** Whether there was something to stop. Throws `run/not-found`. */
export function requestStop(id: string, home: Home): boolean {
  const folder = home.run(id);
  if (!existsSync(folder)) throw runNotFound(id);
  const status = readStatus(folder);
  if (status.endedAt !== null || status.state === "lost") return false;
  const files = attemptFiles(folder, status.attempt);
  mkdirSync(files.control, { recursive: true, mode: 0o700 });
  writeAtomic(files.stopWish, `${new Date().toISOString()}\n`);
  if (status.state === "unsupervised") void stopUnsupervised(id, folder, status);
  return true;
}

/** Whoever got the wish carries it out, and tells in a file of its own what it sent. */
async function stopUnsupervised(id: string, folder: string, { pid, attempt }: RunViewStatus): Promise<void> {
  const { stopDone } = attemptFiles(folder, attempt);
  const group = pid === null ? null : groupOf(pid);
  await stopEverything({
    runId: id,
    group: group !== null && taggedWith(id).includes(group) ? group : null,
    controlGroup: groupOfRun(id, taggedWith(id)),
    hasEnded: () => taggedWith(id).length === 0,
    tell: (sent, stopping) => {
      try {
        writeJson(stopDone, { sent, stopping });
      } catch {
        // A full disk keeps nobody from being stopped.
      }
    },
  });
}
