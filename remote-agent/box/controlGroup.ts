// Control groups (Linux, version 2): everything that a run started, whatever it did to its environment and session, ended by one
// word, and killed for want of memory by a count of its own. Only where the supervisor has a scope to itself, as systemd-run makes it.
import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { procRoot } from "./processes";

/** The folder of a process's group; null where there is no version 2, or it lies outside what is mounted here. */
export function groupFolderOf(pid: number | "self"): string | null {
  try {
    const mounts = readFileSync(join(procRoot, "self", "mountinfo"), "utf8").split("\n");
    // 41 31 0:38 /root /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw
    const [, root = "", mount = ""] =
      mounts.map((line) => /^\S+ \S+ \S+ (\S+) (\S+) .* - cgroup2 /.exec(line)).find((found) => found !== null) ?? [];
    const path = /^0::(\/.*)$/m.exec(readFileSync(join(procRoot, String(pid), "cgroup"), "utf8"))?.[1];
    if (mount === "" || path === undefined) return null;
    if (root === "/") return join(mount, path);
    return path === root || path.startsWith(`${root}/`) ? join(mount, path.slice(root.length)) : null;
  } catch {
    return null;
  }
}

/** This process's own, where nobody else is in it and it may be divided; null elsewhere: a session's group is not ours to change. */
export function ownScope(): string | null {
  const folder = groupFolderOf("self");
  if (folder === null || membersOf(folder).join() !== String(process.pid)) return null;
  try {
    for (const each of [folder, join(folder, "cgroup.procs")]) accessSync(each, constants.W_OK);
    return folder;
  } catch {
    return null;
  }
}

const groupName = (runId: string): string => `runside-${runId}`;

/** Calls `start` with this process inside a new group, which what it starts inherits; null where none could be made. */
export function startInside<T>(
  scope: string | null,
  runId: string,
  start: () => T,
): { started: T; group: string | null } {
  const group = scope === null ? null : join(scope, groupName(runId));
  if (scope === null || group === null || !enter(group)) return { started: start(), group: null };
  try {
    return { started: start(), group };
  } finally {
    enter(scope);
  }
}

function enter(group: string): boolean {
  try {
    mkdirSync(group, { recursive: true });
    writeFileSync(join(group, "cgroup.procs"), String(process.pid));
    return true;
  } catch {
    return false;
  }
}

/** The group that a supervisor, dead by now, made for a run; null where it made none. */
export function groupOfRun(runId: string, pids: readonly number[]): string | null {
  for (const pid of pids) {
    const folder = groupFolderOf(pid);
    if (folder?.endsWith(`/${groupName(runId)}`)) return folder;
  }
  return null;
}

export function membersOf(group: string): number[] {
  try {
    return readFileSync(join(group, "cgroup.procs"), "utf8").split("\n").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** SIGKILL to all of them at once, so that none can fork away; false before Linux 5.14. */
export function killGroup(group: string): boolean {
  try {
    // Back in our scope we did not come, and the word would be our own end too.
    if (!existsSync(join(group, "cgroup.kill")) || membersOf(group).includes(process.pid)) return false;
    writeFileSync(join(group, "cgroup.kill"), "1");
    return true;
  } catch {
    return false;
  }
}

/** Stays where something the training left is still in it: its scope ends with that. */
export function leaveGroup(group: string): void {
  try {
    rmdirSync(group);
  } catch {
    // As said.
  }
}

/** How many of a group, and of those below it, were killed for want of memory; null where memory is not counted there. */
export function memoryKillsIn(group: string): number | null {
  try {
    const count = /^oom_kill (\d+)$/m.exec(readFileSync(join(group, "memory.events"), "utf8"))?.[1];
    return count === undefined ? null : Number(count);
  } catch {
    return null;
  }
}
