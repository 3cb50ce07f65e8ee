// Processes by identity: a pid alone may have been given to somebody else since.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

export interface Identity {
  pid: number;
  /** Start time as the system tells it: clock ticks since boot on Linux, a date elsewhere. */
  start: string;
  /** Which boot it belongs to; "" where the system does not say. */
  boot: string;
}

const onLinux = process.platform === "linux";

let boot: string | null = null;

/** Cannot change while this process lives. */
export function bootId(): string {
  boot ??= readBootId();
  return boot;
}

function readBootId(): string {
  if (!onLinux) return "";
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return "";
  }
}

/** Start time and whether it still runs (a zombie does not); null where there is no such process. */
function lookUp(pid: number): { start: string; alive: boolean } | null {
  if (onLinux) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      // The second field is a name in parentheses that may itself hold spaces and parentheses.
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return { start: fields[19] ?? "", alive: fields[0] !== "Z" && fields[0] !== "X" };
    } catch {
      return null;
    }
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
  return { pid, start: lookUp(pid)?.start ?? "", boot: bootId() };
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
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const environment = readFileSync(`/proc/${name}/environ`, "latin1").split("\0");
      if (environment.includes(needle) && lookUp(Number(name))?.alive) found.push(Number(name));
    } catch {
      continue;
    }
  }
  return found;
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
