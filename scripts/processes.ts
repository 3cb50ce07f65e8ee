// Starting other programs from the scripts: run to the end, or keep in the background and surely end again.
import { spawn, type ChildProcess, type SpawnOptions } from "node:child_process";
import { constants } from "node:os";
import { once } from "node:events";

export interface RunOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Print nothing unless it fails; the error then carries the output's end. */
  quiet?: boolean;
}

export class ProgramFailed extends Error {
  constructor(
    command: string,
    readonly exitCode: number,
    /** Standard output and error together. */
    readonly output: string,
  ) {
    super(`\`${command}\` ended with exit code ${exitCode}:\n${output.slice(-3_000)}`);
  }
}

const backgroundChildren = new Set<ChildProcess>();
let hooked = false;

/** Starts a program in its own process group, so that `endGroup` reaches whatever it started in turn. */
export function startGroup(command: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
  hookExit();
  const child = spawn(command, args, { ...options, detached: true });
  backgroundChildren.add(child);
  return child;
}

/** Asks the group to end, insists after `graceMs`, and resolves once the program itself is gone. */
export async function endGroup(child: ChildProcess, graceMs = 5_000): Promise<void> {
  const gone = hasEnded(child) ? Promise.resolve() : once(child, "exit");
  signalGroup(child, "SIGTERM");
  const insist = setTimeout(() => signalGroup(child, "SIGKILL"), graceMs);
  await gone;
  clearTimeout(insist);
  // Stragglers of the group that ignored the polite signal.
  signalGroup(child, "SIGKILL");
  backgroundChildren.delete(child);
}

/** Runs a program to its end with its output shown live; resolves to its exit code (128 + n for signal n). */
export async function runLive(command: string, args: readonly string[], options: RunOptions = {}): Promise<number> {
  const child = startGroup(command, args, { ...spawnOptions(options), stdio: ["ignore", "inherit", "inherit"] });
  return await exitCode(child);
}

/** Runs a program to its end and returns its standard output; a failure is an error with the output's end. */
export async function runQuiet(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const child = startGroup(command, args, { ...spawnOptions(options), stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let all = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    all += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (all += text));
  const code = await exitCode(child);
  if (code !== 0) {
    throw new ProgramFailed([command, ...args].join(" "), code, all);
  }
  return stdout;
}

function spawnOptions(options: RunOptions): SpawnOptions {
  return { cwd: options.cwd, env: options.env ?? process.env };
}

async function exitCode(child: ChildProcess): Promise<number> {
  try {
    const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
    return code ?? 128 + (signal ? constants.signals[signal] : 0);
  } finally {
    backgroundChildren.delete(child);
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group is gone, which is what was wanted.
  }
}

/** However this process ends, short of SIGKILL, its background programs end with it. */
function hookExit(): void {
  if (hooked) return;
  hooked = true;
  process.on("exit", () => {
    for (const child of backgroundChildren) signalGroup(child, "SIGTERM");
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      // A script with a clean-up of its own listens too, and exits when that is done.
      if (process.listenerCount(signal) === 1) process.exit(128 + constants.signals[signal]);
    });
  }
}
