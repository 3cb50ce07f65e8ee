// Launching through an agent's channel in tests, and an end for every process that a run left.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { newRunId, type LaunchSpec, type RunViewStatus } from "../../core/model/run";
import { runs } from "../../core/protocol/runs";
import type { Peer } from "../../core/rpc/peer";
import { send, taggedWith } from "../../remote-agent/box/processes";
import { readStatus } from "../../remote-agent/disk/runFolder";
import { eventually } from "./eventually";
import { atEnd, tempFolder } from "./tempFolder";

let count = 0;

/**
 * A new id, of this process alone: what is left of a run is found by its id among all processes of the machine, so that two test files
 * that start one in the same second must not share it.
 */
export const nextId = (): string => newRunId(new Date(), `test-${process.pid}-${++count}`, Math.random);

export function specOf(folder: string, commands: string[][], more: Partial<LaunchSpec> = {}): LaunchSpec {
  return {
    id: nextId(),
    recipe: "test",
    commands,
    cwd: ".",
    env: {},
    secrets: {},
    place: { folder },
    config: { path: "test.yaml", text: "a: 1\n" },
    progress: { pattern: null, total: null },
    outputFromLog: null,
    alsoWatch: [],
    expects: [],
    seed: null,
    facts: [],
    git: null,
    ...more,
  };
}

/** A Node program as a command. */
export const node = (program: string, ...args: string[]): string[] => [process.execPath, "-e", program, ...args];

/** Launches and, when the test ends, kills whatever carries the run's marker, and its supervisor. */
export async function started(peer: Peer, home: string, spec: LaunchSpec): Promise<{ id: string; pid: number }> {
  atEnd(() => endRuns(home));
  const outcome = await peer.request(runs.launch, spec);
  if (outcome.outcome !== "started") throw new Error(JSON.stringify(outcome));
  return outcome;
}

export async function endRuns(home: string): Promise<void> {
  const folder = join(home, "runs");
  for (const id of existsSync(folder) ? readdirSync(folder) : []) {
    const supervisor = supervisorOf(home, id);
    if (supervisor !== null) send(supervisor, "SIGKILL");
    await eventually(() => {
      const left = taggedWith(id);
      left.forEach((pid) => send(pid, "SIGKILL"));
      if (left.length > 0) throw new Error(`${left.length} processes of ${id} are left`);
    });
  }
}

export const attemptFolder = (home: string, id: string): string => join(home, "runs", id, "attempts", "1");

export function supervisorOf(home: string, id: string): number | null {
  try {
    const text = readFileSync(join(attemptFolder(home, id), "status.json"), "utf8");
    return (JSON.parse(text) as { supervisor: { pid: number } }).supervisor.pid;
  } catch {
    return null;
  }
}

/** For RUNSIDE_PROC: a machine with another name and boot, and none of our processes. */
export function anotherMachine(name = "another-machine"): string {
  const proc = tempFolder("proc");
  mkdirSync(join(proc, "sys/kernel/random"), { recursive: true });
  writeFileSync(join(proc, "sys/kernel/random/boot_id"), "another-boot\n");
  writeFileSync(join(proc, "sys/kernel/hostname"), `${name}\n`);
  return proc;
}

export const statusOf = (home: string, id: string): RunViewStatus => readStatus(join(home, "runs", id));

export const inState = (home: string, id: string, state: string, withinMs = 20_000): Promise<RunViewStatus> =>
  eventually(() => {
    const status = statusOf(home, id);
    if (status.state !== state) throw new Error(`${id} is ${JSON.stringify(status)}, not ${state}`);
    return status;
  }, withinMs);
