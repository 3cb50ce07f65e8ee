// Names of users by their number, as this box's directory tells them.
import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";

const known = new Map<number, string>();

/** `uid 1234` where the box has no name for it: containers often do not. */
export function userOf(uid: number): string {
  let name = known.get(uid);
  if (name === undefined) {
    try {
      const line = execFileSync("getent", ["passwd", String(uid)], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
        timeout: 5_000,
      });
      name = line.split(":")[0] || `uid ${uid}`;
    } catch {
      name = `uid ${uid}`;
    }
    known.set(uid, name);
  }
  return name;
}

export const ownUser = (): string => userOf(process.getuid?.() ?? 0);

/** null where there is no such process here. */
export function userOfProcess(pid: number): string | null {
  try {
    return userOf(statSync(`/proc/${pid}`).uid);
  } catch {
    return null;
  }
}
