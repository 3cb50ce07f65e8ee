// A training that fills the disk loses its own log first: a launch is refused where little is left.
import { statfsSync } from "node:fs";
import { launchFailed } from "../../core/base/errors";
import type { BeforeStart } from "./beforeStart";

/** In bytes; RUNSIDE_MIN_FREE changes it, 0 turns the check off. */
function leastFree(): number {
  const asked = Number(process.env["RUNSIDE_MIN_FREE"] || Number.NaN);
  return Number.isFinite(asked) && asked >= 0 ? asked : 1e9;
}

/** A sentence where the disk that holds `folder` has too little room, else null: also where the system does not say. */
export function tooLittleRoom(folder: string): string | null {
  const least = leastFree();
  let free: number;
  try {
    const { bavail, bsize } = statfsSync(folder);
    free = bavail * bsize;
  } catch {
    return null;
  }
  if (free >= least) return null;
  return `Only ${gigabytes(free)} are free on the disk of ${folder}, and a run asks for ${gigabytes(least)}: free space there, or set RUNSIDE_MIN_FREE to fewer bytes.`;
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(bytes < 1e10 ? 2 : 0)} GB`;

/** Asked again after a wait: what was free at the launch may be gone when the run's turn comes. */
export const enoughRoom: BeforeStart = ({ runFolder }) => {
  const short = tooLittleRoom(runFolder);
  if (short) throw launchFailed(short);
  return {};
};
