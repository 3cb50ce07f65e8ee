// A stop where no supervisor lives: of a training that was left alone, or of what outlived a run that has ended. A process of its own,
// because it takes longer than the agent that got the wish may live; it tells in a file of its own what it sent.
import { rmSync } from "node:fs";
import { basename } from "node:path";
import { statusSchema } from "../../core/model/run";
import { groupOfRun } from "../box/controlGroup";
import { bootId, groupOf, identify, isAlive, taggedWith } from "../box/processes";
import { RunProcesses, type KnownProcess } from "../box/runProcesses";
import { readJson, writeJson } from "../disk/atomicFile";
import { attemptFiles, childSchema, readStatus, type AttemptFiles } from "../disk/runFolder";
import { stopEverything } from "./stop";

/** As a program: announces itself, so that a second wish starts no second one. */
export async function runStopper(runFolder: string, attempt: number): Promise<void> {
  const files = attemptFiles(runFolder, attempt);
  // Its own end must not be asked for by the terminal or session of whoever started it.
  for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"] as const) process.on(signal, () => undefined);
  rmSync(files.stopProgram, { force: true });
  tryTo(() => writeJson(files.stopper, identify(process.pid)));
  await stopUnsupervised(runFolder, files);
  rmSync(files.stopper, { force: true });
}

export async function stopUnsupervised(runFolder: string, files: AttemptFiles): Promise<void> {
  const id = basename(runFolder);
  const group = groupLeftBehind(files);
  const controlGroup = groupOfRun(id, taggedWith(id));
  const afterEnd = readStatus(runFolder).endedAt !== null;
  const processes = new RunProcesses(id, { group, controlGroup, known: knownOf(files) });
  await stopEverything({
    processes,
    group,
    controlGroup,
    hasEnded: () => processes.now().length === 0,
    // A full disk keeps nobody from being stopped.
    tell: (sent, stopping) => tryTo(() => writeJson(files.stopDone, { sent, stopping, afterEnd })),
  });
}

/** The training's group, while the training itself can vouch for it: a number alone may be somebody else's by now. */
function groupLeftBehind(files: AttemptFiles): number | null {
  const child = readJson(files.child, childSchema);
  return child && isAlive({ ...child, boot: bootOf(files) }) ? groupOf(child.pid) : null;
}

const bootOf = (files: AttemptFiles): string => readJson(files.status, statusSchema)?.supervisor?.boot ?? "";

function knownOf(files: AttemptFiles): KnownProcess[] {
  if (bootOf(files) !== bootId()) return [];
  const child = readJson(files.child, childSchema);
  return [...(child ? [child] : []), ...(readJson(files.status, statusSchema)?.left ?? [])];
}

function tryTo(write: () => void): void {
  try {
    write();
  } catch {
    // As said by whoever calls.
  }
}
