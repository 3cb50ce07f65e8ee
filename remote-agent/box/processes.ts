// Processes by identity: a pid alone may have been given to somebody else since.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

export interface Identity {
  pid: number;
  /** Start time as the system tells it: clock ticks since boot on Linux, a date elsewhere. */
  start: string;
  /** Which boot it belongs to; "" where the system does not say. */
  boot: string;
  /** Which machine: a home folder may be shared by several. Absent in records of versions that did not say. */
  host?: string | undefined;
}

const onLinux = process.platform === "linux";
/** RUNSIDE_PROC points at another process table, with its own boot id: a box that restarted is tried with it. */
export const procRoot = process.env["RUNSIDE_PROC"] || "/proc";

let boot: string | null = null;

/** Cannot change while this process lives. */
export function bootId(): string {
  boot ??= readBootId();
  return boot;
}

function readBootId(): string {
  if (!onLinux) return "";
  try {
    return readFileSync(join(procRoot, "sys/kernel/random/boot_id"), "utf8").trim();
  } catch {
    return "";
  }
}

let host: string | null = null;

/** This machine's name, as the users of a shared home folder tell its machines apart. */
export function hostName(): string {
  host ??= readHostName();
  return host;
}

function readHostName(): string {
  try {
    return readFileSync(join(procRoot, "sys/kernel/hostname"), "utf8").trim();
  } catch {
    return hostname();
  }
}

/** The fields of /proc/PID/stat behind the name: state, parent, group, ...; null where there is no such process. */
function statFields(pid: number): string[] | null {
  try {
    const stat = readFileSync(join(procRoot, String(pid), "stat"), "utf8");
    // The second field is a name in parentheses that may itself hold spaces and parentheses.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return null;
  }
}

/** Start time and whether it still runs (a zombie does not); null where there is no such process. */
function lookUp(pid: number): { start: string; alive: boolean } | null {
  if (onLinux) {
    const fields = statFields(pid);
    return fields && { start: fields[19] ?? "", alive: fields[0] !== "Z" && fields[0] !== "X" };
  }
  try {
    // The date must read the same for everybody who compares it.
    const env = { ...process.env, LC_ALL: "C", TZ: "UTC" };
    const asked = execFileSync("ps", ["-o", "stat=,lstart=", "-p", String(pid)], { encoding: "utf8", env });
    const [state = "", ...start] = asked.trim().split(/\s+/);
    return { start: start.join(" "), alive: !state.startsWith("Z") };
  } catch {
    return null;
  }
}

export function identify(pid: number): Identity {
  return { pid, start: lookUp(pid)?.start ?? "", boot: bootId(), host: hostName() };
}

export function isAlive(identity: Identity): boolean {
  if (identity.boot !== bootId()) return false;
  const seen = lookUp(identity.pid);
  return seen !== null && seen.alive && (identity.start === "" || seen.start === identity.start);
}

/** Every process of this run that still carries its marker, also those that made sessions of their own. */
export function taggedWith(runId: string): number[] {
  if (!onLinux) return [];
  const needle = `RUNSIDE_RUN_ID=${runId}`;
  const found: number[] = [];
  for (const name of readdirSync(procRoot)) {
    if (!/^\d+$/.test(name)) continue;
    if (carries(name, needle) && lookUp(Number(name))?.alive) found.push(Number(name));
  }
  return found;
}

export interface ProcessEntry {
  pid: number;
  start: string;
  parent: number;
  group: number;
  session: number;
  /** Whether it carries the run's marker. */
  tagged: boolean;
}

/**
 * All that lives on this machine, of other users too; `runId`: whose marker is looked for, among those that began at `since` or later, in
 * clock ticks since boot: reading every environment of a busy box costs more than the rest. Linux alone.
 */
export function processTable(runId: string, since = 0): ProcessEntry[] {
  if (!onLinux) return [];
  const needle = `RUNSIDE_RUN_ID=${runId}`;
  const found: ProcessEntry[] = [];
  for (const name of readdirSync(procRoot)) {
    if (!/^\d+$/.test(name)) continue;
    const pid = Number(name);
    const fields = statFields(pid);
    if (!fields || fields[0] === "Z" || fields[0] === "X") continue;
    const [parent = 0, group = 0, session = 0] = fields.slice(1, 4).map(Number);
    const start = fields[19] ?? "";
    found.push({ pid, start, parent, group, session, tagged: Number(start) >= since && carries(name, needle) });
  }
  return found;
}

function carries(pid: string, needle: string): boolean {
  try {
    return readFileSync(join(procRoot, pid, "environ"), "latin1")
      .split("\0")
      .includes(needle);
  } catch {
    return false;
  }
}

/** The command's name as the system keeps it, 15 characters at most; "" where it is gone. */
export function nameOf(pid: number): string {
  try {
    return readFileSync(join(procRoot, String(pid), "comm"), "utf8").trim();
  } catch {
    return "";
  }
}

/** The process group; null where the system does not say. */
export function groupOf(pid: number): number | null {
  const group = Number(statFields(pid)?.[2]);
  return Number.isInteger(group) && group > 1 ? group : null;
}

/** Resident memory in bytes, now and at most; 0 where it is gone. */
export function memoryOf(pid: number): { now: number; most: number } {
  try {
    const status = readFileSync(join(procRoot, String(pid), "status"), "utf8");
    const kilobytes = (field: string): number => Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
    return { now: kilobytes("VmRSS") * 1024, most: kilobytes("VmHWM") * 1024 };
  } catch {
    return { now: 0, most: 0 };
  }
}

/** How many processes the kernel has killed for want of memory since boot; null where it does not say. */
export function memoryKills(): number | null {
  try {
    const count = /^oom_kill (\d+)$/m.exec(readFileSync(join(procRoot, "vmstat"), "utf8"))?.[1];
    return count === undefined ? null : Number(count);
  } catch {
    return null;
  }
}

/** False where the process (or group, for a negative pid) was gone already. */
export function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}
