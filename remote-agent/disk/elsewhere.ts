// Runs of another machine that shares this home folder. Nothing here can say whether such a process lives; what it writes can be seen.
import { lstatSync, readdirSync } from "node:fs";
import { uptime } from "node:os";
import { join } from "node:path";
import { RunsideError } from "../../core/base/errors";
import { statusSchema } from "../../core/model/run";
import { bootId, hostName } from "../box/processes";
import { readJson } from "./atomicFile";
import type { Home } from "./home";
import { attemptFiles, latestAttempt, readStatus } from "./runFolder";
import { idsIn } from "./runIds";

const DAY_MS = 24 * 60 * 60 * 1000;
const HALF_HOUR_MS = 30 * 60 * 1000;

/**
 * A run without an end whose supervisor belongs to another machine, and of whose latest attempt anything changed within a day: it may
 * live there. A record that names no machine counts as another's by its boot, but not where all of it is older than this machine's
 * start, half an hour after that: then the restart ended it.
 * Absolute folder of the run.
 */
export const mayLiveElsewhere = (runFolder: string): boolean =>
  mayGoOnElsewhere(runFolder) && readStatus(runFolder).state === "lost";

/** The same of a run whose state was read before, and may have changed since. */
export function mayGoOnElsewhere(runFolder: string): boolean {
  const files = attemptFiles(runFolder, latestAttempt(runFolder));
  const { boot = "", host } = readJson(files.status, statusSchema)?.supervisor ?? {};
  // Its own machine's other boot is a restart, which ends everything.
  if (boot === "" || boot === bootId() || host === hostName()) return false;
  const since = host === undefined ? sinceStart() : Date.now() - DAY_MS;
  return changedSince(since, files.folder);
}

/** For records that name no machine. */
function sinceStart(): number {
  const up = uptime() * 1000;
  return Date.now() - (up > HALF_HOUR_MS ? Math.min(DAY_MS, up) : DAY_MS);
}

export const runsElsewhere = (home: Home): string[] =>
  [...idsIn(home.runs)].sort().filter((id) => mayLiveElsewhere(home.run(id)));

/** What such runs are refused with, as the end of a sentence. */
export const stopElsewhere =
  "may live on another machine that shares this folder, where it wrote less than a day ago: stop it there, or wait a day";

export const runElsewhere = (id: string): RunsideError =>
  new RunsideError("run/live", `${id} ${stopElsewhere}; nothing of it was deleted.`, { data: { id } });

/** Of a file or of anything below a folder, links not followed. */
function changedSince(since: number, path: string): boolean {
  const seen = lstatSync(path, { throwIfNoEntry: false });
  if (!seen) return false;
  if (seen.mtimeMs > since) return true;
  return seen.isDirectory() && namesIn(path).some((name) => changedSince(since, join(path, name)));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
