// The program that supervises and stops, as a process of its own: a bundle that the agent carries as text and writes beside the run. It
// deletes the file when it has begun, so that nothing is left to clean and a run needs no agent any more.
import { spawn, type ChildProcessByStdio } from "node:child_process";
import type { Writable } from "node:stream";
import { writeAtomic } from "../disk/atomicFile";
import program from "./main.ts?bundled";

/** Megabytes of new objects between two collections: Node's own 16 would grow the process by as much for nothing. */
const NODE_FLAGS = ["--max-semi-space-size=1"];

export interface StartOptions {
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** What comes before Node on the command line: `systemd-run --user --scope`, say. */
  wrapper?: readonly string[];
}

/** Throws where the file cannot be written. The process is detached; its stdin is open, and waits for whoever started it. */
export function startProgram(
  file: string,
  args: readonly string[],
  { cwd, env, wrapper = [] }: StartOptions,
): ChildProcessByStdio<Writable, null, null> {
  writeAtomic(file, program, { durable: false });
  const [command = process.execPath, ...rest] = [...wrapper, process.execPath, ...NODE_FLAGS, file, ...args];
  const child = spawn(command, rest, { cwd, env, stdio: ["pipe", "ignore", "ignore"], detached: true });
  // It may end before it has read: why, it says itself.
  child.stdin.on("error", () => undefined);
  child.on("error", () => undefined);
  return child;
}
