// A control group with little memory, in which the kernel ends a process as it does on a box that has none left. Made where root
// may, under the version that holds the memory controller, and gone again after the test.
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "../support/eventually";
import { atEnd } from "../support/tempFolder";

interface Version {
  folder: string;
  /** The file that sets the limit in bytes, then the one that allows no swap (which not every kernel has). */
  limit: string;
  swap: readonly [name: string, bytes: (limit: number) => number];
}

const versions: readonly Version[] = [
  { folder: "/sys/fs/cgroup", limit: "memory.max", swap: ["memory.swap.max", () => 0] },
  { folder: "/sys/fs/cgroup/memory", limit: "memory.limit_in_bytes", swap: ["memory.memsw.limit_in_bytes", (l) => l] },
];

let made = 0;

function make(): { version: Version; group: string } | null {
  for (const version of versions) {
    const group = join(version.folder, `runside-test-${process.pid}-${++made}`);
    try {
      mkdirSync(group);
    } catch {
      continue;
    }
    if (existsSync(join(group, version.limit))) return { version, group };
    rmdirSync(group);
  }
  return null;
}

export function needsMemoryGroup(): string | null {
  const probe = make();
  if (probe) rmdirSync(probe.group);
  return probe ? null : "it needs a control group with the memory controller";
}

/** A command that runs `argv` with so much memory. Ask for it before the run, so that the group goes after its processes. */
export function withMemory(bytes: number): (argv: readonly string[]) => string[] {
  const found = make();
  if (!found) throw new Error("no control group can be made");
  const { version, group } = found;
  // The kernel counts a process out a moment after it is gone.
  atEnd(() => eventually(() => rmdirSync(group)));
  writeFileSync(join(group, version.limit), String(bytes));
  const [swap, bytesOf] = version.swap;
  if (existsSync(join(group, swap))) writeFileSync(join(group, swap), String(bytesOf(bytes)));
  return (argv) => ["sh", "-c", `echo $$ >"$0" && exec "$@"`, join(group, "cgroup.procs"), ...argv];
}
