// Processes that were started from a run store: its agents, supervisors and command lines, and whatever runs on a Node.js that lies in it.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { isInside } from "../disk/home";
import { procRoot } from "./processes";

export interface StoreUser {
  pid: number;
  does: "agent" | "supervisor" | "command" | "program";
  /** The agent's or the supervisor's file; null for a program of another kind. */
  script: string | null;
  program: string | null;
}

interface Started {
  pid: number;
  argv: readonly string[];
  /** The program's file as the system knows it; null where it does not say, as for other users' processes. */
  program: string | null;
}

/** All but this process. Absolute folders: of agents, or of runs too where their supervisors count, and of Node.js programs. */
export function storeUsers(
  scripts: readonly string[],
  nodes: readonly string[],
  processTable: ProcessTable = process.platform === "linux" ? fromProc : fromPs,
): StoreUser[] {
  // A supervisor's file is gone once it was read, so that its path is known as it was named alone.
  const scriptRoots = scripts.flatMap((folder) => [folder, realPath(folder)]);
  const nodeRoots = nodes.map(realPath);
  const users: StoreUser[] = [];
  for (const { pid, argv, program } of processTable([...scriptRoots, ...nodes, ...nodeRoots])) {
    if (pid === process.pid) continue;
    const at = argv.findIndex((arg) => arg.endsWith("/agent.js") || arg.endsWith("/supervisor.js"));
    const script = at < 0 ? null : realPath(argv[at] ?? "");
    if (script !== null && scriptRoots.some((root) => isInside(script, root)))
      users.push({ pid, does: doing(argv[at + 1]), script, program });
    else if (program !== null && nodeRoots.some((root) => isInside(program, root)))
      users.push({ pid, does: "program", script: null, program });
  }
  return users;
}

function doing(verb: string | undefined): StoreUser["does"] {
  if (verb === "serve") return "agent";
  return verb === "supervise" ? "supervisor" : "command";
}

/** `roots`: what somebody looks for, where a command line cannot be cut into its words without that. */
type ProcessTable = (roots: readonly string[]) => Started[];

function fromProc(): Started[] {
  const found: Started[] = [];
  for (const name of readdirSync(procRoot)) {
    if (!/^\d+$/.test(name)) continue;
    const folder = join(procRoot, name);
    try {
      const argv = readFileSync(join(folder, "cmdline"), "utf8").split("\0");
      found.push({ pid: Number(name), argv, program: linkOrNull(join(folder, "exe")) });
    } catch {
      // It ended while we looked.
    }
  }
  return found;
}

/** Where there is no /proc. A command line is told as one text there, and a store's path may hold spaces. */
export const fromPs: ProcessTable = (roots) => {
  const lines = execFileSync("ps", ["-axo", "pid=,command="], { encoding: "utf8", maxBuffer: 64 << 20 }).split("\n");
  return lines.flatMap((line) => {
    const [, pid, command = ""] = /^\s*(\d+)\s+(.*)$/.exec(line) ?? [];
    if (pid === undefined) return [];
    const argv = wordsOf(command, roots);
    return [{ pid: Number(pid), argv, program: argv[0] ?? "" }];
  });
};

/** At each space, but not within a path below one of the roots, up to the name of a program or script of ours. */
function wordsOf(command: string, roots: readonly string[]): string[] {
  const words: string[] = [];
  let rest = command;
  while (rest !== "") {
    const root = roots.find((each) => rest.startsWith(`${each}/`));
    const below =
      root === undefined ? null : /^.*?\/(?:agent\.js|supervisor\.js|bin\/node)(?= |$)/.exec(rest.slice(root.length));
    const end = root !== undefined && below ? root.length + below[0].length : rest.search(/ |$/);
    words.push(rest.slice(0, end));
    rest = rest.slice(end + 1);
  }
  return words;
}

function linkOrNull(path: string): string | null {
  try {
    // The kernel marks a program whose file was deleted since.
    return readlinkSync(path).replace(/ \(deleted\)$/, "");
  } catch {
    return null;
  }
}

/** As it was named where it is gone. */
export function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
