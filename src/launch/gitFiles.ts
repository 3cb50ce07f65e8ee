// Git's view of a folder: what it tracks or would track, repositories inside it included, by name and byte for byte.
import type { BigIntStats } from "node:fs";
import { joinNames, nameOfBytes } from "../../core/base/byteName";
import { diskPath, statOf } from "./diskNames";
import { takeTurns, throwIfAborted } from "./takeTurns";
import { readGit } from "./git";

export interface GitFiles {
  /** What the disk says of each; null where git lists what is not there. */
  files: Map<string, BigIntStats | null>;
  /** What the index says is a program, for disks that know no such bit; null where the disk knows. */
  executables: ReadonlySet<string> | null;
}

/** Null where there is no repository or no git, and in a folder that the repository around it ignores as a whole. */
export async function gitFiles(root: string, signal?: AbortSignal): Promise<GitFiles | null> {
  const files = new Map<string, BigIntStats | null>();
  const executables = process.platform === "win32" ? new Set<string>() : null;
  const found = await collect(root, "", { files, executables }, signal);
  if (!found || (files.size === 0 && (await isIgnored(root, signal)))) return null;
  return { files, executables };
}

/** Scratch folders of a project are often listed in its .gitignore: what lies in one is still what its user wants to run. */
async function isIgnored(root: string, signal: AbortSignal | undefined): Promise<boolean> {
  return (await readGit(root, ["check-ignore", "--", "."], signal)) !== null;
}

async function collect(
  root: string,
  folder: string,
  into: { files: Map<string, BigIntStats | null>; executables: Set<string> | null },
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const at = diskPath(root, folder === "" ? "." : folder);
  // A child's working folder is text: a submodule whose name is none is said to be unreadable by git itself.
  const cwd = at.toString();
  const listing = await readGit(
    cwd,
    ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"],
    signal,
  );
  throwIfAborted(signal);
  if (!listing) return false;
  if (into.executables) {
    const staged = await readGit(cwd, ["ls-files", "-z", "--stage"], signal);
    for (const line of splitNul(staged ?? Buffer.alloc(0))) {
      const tab = line.indexOf(9);
      if (line.toString("latin1", 0, 6) === "100755")
        into.executables.add(joinNames(folder, nameOfBytes(line.subarray(tab + 1))));
    }
  }
  const turn = takeTurns(signal);
  for (const bytes of splitNul(listing)) {
    const others = turn();
    if (others) await others;
    const isFolder = bytes[bytes.length - 1] === 47;
    const name = joinNames(folder, nameOfBytes(isFolder ? bytes.subarray(0, -1) : bytes));
    const stats = isFolder ? null : statOf(root, name);
    // A submodule, or a repository inside this one: listed as one entry, so its own git is asked.
    if (isFolder || stats?.isDirectory()) await collect(root, name, into, signal);
    else into.files.set(name, stats);
  }
  return true;
}

export function* splitNul(listing: Buffer): Generator<Buffer> {
  for (let start = 0; start < listing.length;) {
    const end = listing.indexOf(0, start);
    const stop = end < 0 ? listing.length : end;
    if (stop > start) yield listing.subarray(start, stop);
    start = stop + 1;
  }
}
