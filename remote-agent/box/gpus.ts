// The GPUs of this box and who holds each: our runs by name, others by user, and processes that were started without Runside.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { Gpu, GpuHolder, GpuProcess, GpuReport } from "../../core/model/gpu";
import { runIdPattern } from "../../core/model/run";
import type { Home } from "../disk/home";
import { lockedBy } from "../queue/gpuLocks";
import { locksPlace } from "../queue/locksFolder";
import { amdGpus } from "./amd";
import { nvidiaGpus, type RawGpu } from "./nvidia";
import { ownUser, userOfProcess } from "./users";

/** Set in a training's environment beside RUNSIDE_RUN_ID: the UUIDs it was given. Seen before the first kernel runs, and inside containers. */
export const GRANTED = "RUNSIDE_GPUS";

/** Serves the GPUs' users on their behalf, so it holds nothing itself. */
const SERVERS = /(?:^|\/)nvidia-cuda-mps-server$/;

/** MiB that an idle driver may keep to itself; more, with no process listed, is somebody whom we are not shown. */
const IDLE_MEMORY = 1536;

export interface LookOptions {
  /** GPUs whose locks the asker itself holds: not counted as taken. */
  mine?: readonly string[];
  home: Home;
}

export async function findGpus({ home, mine = [] }: LookOptions): Promise<GpuReport> {
  const found = (await nvidiaGpus()) ?? (await amdGpus());
  if (!found || (found.gpus.length === 0 && found.problem === null)) return { gpus: [], problem: null };
  const claims = claimsOfRuns();
  const { folder } = locksPlace();
  const gpus = found.gpus.map((gpu) =>
    held(gpu, claims, mine.includes(gpu.uuid) ? null : lockedBy(folder, gpu.uuid), home),
  );
  return { gpus, problem: found.problem };
}

interface Claim {
  pid: number;
  run: string;
  gpus: string[];
}

/** Every process that carries a run's name, and the GPUs it was given. Of other users only where we may look. */
export function claimsOfRuns(): Claim[] {
  const claims: Claim[] = [];
  for (const name of processIds()) {
    try {
      const environment = readFileSync(`/proc/${name}/environ`, "latin1").split("\0");
      const value = (key: string): string | undefined =>
        environment.find((entry) => entry.startsWith(`${key}=`))?.slice(key.length + 1);
      const run = value("RUNSIDE_RUN_ID");
      if (run !== undefined && runIdPattern.test(run))
        claims.push({ pid: Number(name), run, gpus: value(GRANTED)?.split(",") ?? [] });
    } catch {
      continue;
    }
  }
  return claims;
}

function processIds(): string[] {
  try {
    return readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

function held(raw: RawGpu, claims: readonly Claim[], locked: string | null, home: Home): Gpu {
  const ours = (run: string): boolean => existsSync(home.run(run));
  const processes = raw.processes.map((process): GpuProcess => {
    const run = claims.find(({ pid }) => pid === process.pid)?.run ?? null;
    return { ...process, user: userOfProcess(process.pid), run: run !== null && ours(run) ? run : null };
  });
  const granted = claims.filter(({ gpus }) => gpus.includes(raw.uuid));
  const runs = new Set<string>();
  const users = new Set<string>();
  for (const { run, pid } of granted) {
    if (ours(run)) runs.add(run);
    else users.add(userOfProcess(pid) ?? "somebody");
  }
  for (const { run } of processes) if (run !== null) runs.add(run);
  // Its own reaper carries the name from the start, so a lock without one is another store's, or another user's.
  if (locked !== null && runs.size === 0) users.add(locked);
  const known = new Set([...users, ...(runs.size > 0 ? [ownUser()] : [])]);
  const foreign = processes.filter(({ run, user, name }) => {
    if (run !== null || SERVERS.test(name ?? "")) return false;
    // A held GPU's processes may be hidden behind numbers of the host, or have dropped their environment.
    return known.size === 0 || (user !== null && !known.has(user));
  });
  const holders: GpuHolder[] = [
    ...[...runs].map((id) => ({ kind: "run" as const, id })),
    ...[...users].map((user) => ({ kind: "user" as const, user })),
  ];
  if (foreign.length > 0) {
    const names = foreign.map(({ user }) => user).filter((user) => user !== null);
    holders.push({ kind: "foreign", users: [...new Set(names)], pids: foreign.map(({ pid }) => pid) });
  }
  if (holders.length === 0 && processes.length === 0 && (raw.memoryUsed ?? 0) > IDLE_MEMORY)
    holders.push({ kind: "unseen" });
  return { ...raw, processes, holders };
}
