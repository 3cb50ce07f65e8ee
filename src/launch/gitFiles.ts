// Git's view of a folder: what it tracks or would track, repositories inside it included, by name and byte for byte.
import type { BigIntStats } from "node:fs";
import { joinNames, nameOfBytes } from "../../core/base/byteName";
import { diskPath, statOf } from "./diskNames";
import { takeTurns, throwIfAborted } from "./takeTurns";
import { ordinary, walkFiles } from "./walkFiles";
import { askGit, readGit } from "./git";

export interface GitFiles {
  /** What the disk says of each; null where git lists what is not there. */
  files: Map<string, BigIntStats | null>;
  /** What the index says is a program, for disks that know no such bit; null where the disk knows. */
  executables: ReadonlySet<string> | null;
  /** Folders that git may not read, so that nobody knows what they hold. */
  closed: string[];
}

interface Found extends GitFiles {
  executables: Set<string> | null;
}

/** Null where there is no repository or no git, and in a folder that the repository around it ignores as a whole. */
export async function gitFiles(root: string, signal?: AbortSignal): Promise<GitFiles | null> {
  const executables = process.platform === "win32" ? new Set<string>() : null;
  const into: Found = { files: new Map(), executables, closed: [] };
  const found = await collect(root, "", into, signal);
  if (!found || (into.files.size === 0 && (await isIgnored(root, signal)))) return null;
  return into;
}

/** Scratch folders of a project are often listed in its .gitignore: what lies in one is still what its user wants to run. */
async function isIgnored(root: string, signal: AbortSignal | undefined): Promise<boolean> {
  return (await readGit(root, ["check-ignore", "--", "."], signal)) !== null;
}

async function collect(root: string, folder: string, into: Found, signal: AbortSignal | undefined): Promise<boolean> {
  const at = diskPath(root, folder === "" ? "." : folder);
  // A child's working folder is text: a submodule whose name is none is said to be unreadable by git itself.
  const cwd = at.toString();
  const listed = await askGit(
    cwd,
    ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"],
    signal,
    { LC_ALL: "C" },
  );
  throwIfAborted(signal);
  if (!listed) return false;
  for (const each of await closedFolders(cwd, listed.stderr, signal)) into.closed.push(joinNames(folder, each));
  if (into.executables) {
    const staged = await readGit(cwd, ["ls-files", "-z", "--stage"], signal);
    for (const line of splitNul(staged ?? Buffer.alloc(0))) {
      const tab = line.indexOf(9);
      if (line.toString("latin1", 0, 6) === "100755")
        into.executables.add(joinNames(folder, nameOfBytes(line.subarray(tab + 1))));
    }
  }
  const turn = takeTurns(signal);
  for (const bytes of splitNul(listed.stdout)) {
    const others = turn();
    if (others) await others;
    const isFolder = bytes[bytes.length - 1] === 47;
    const name = joinNames(folder, nameOfBytes(isFolder ? bytes.subarray(0, -1) : bytes));
    const stats = isFolder ? null : statOf(root, name);
    // A submodule, or a repository inside this one: listed as one entry, so its own git is asked.
    if (isFolder || stats?.isDirectory()) {
      if (!(await collect(root, name, into, signal))) await collectPlain(root, name, into, signal);
    } else into.files.set(name, stats);
  }
  return true;
}

/** A repository that git refuses, such as another user's: its files are needed all the same. */
async function collectPlain(root: string, folder: string, into: Found, signal?: AbortSignal): Promise<void> {
  const paths = await walkFiles(root, folder, ordinary, signal, (each) => into.closed.push(each));
  for (const each of paths) into.files.set(each, statOf(root, each));
}

/** Git warns of them and goes on, with paths from the top of its working tree. */
async function closedFolders(cwd: string, stderr: Buffer, signal?: AbortSignal): Promise<string[]> {
  const said = [...stderr.toString("latin1").matchAll(/^warning: could not open directory '(.*)\/': /gm)];
  if (said.length === 0) return [];
  const prefix = (await readGit(cwd, ["rev-parse", "--show-prefix"], signal))?.toString("latin1").trim() ?? "";
  return said.flatMap(([, at = ""]) =>
    at.startsWith(prefix) ? nameOfBytes(Buffer.from(at.slice(prefix.length), "latin1")) : [],
  );
}

export function* splitNul(listing: Buffer): Generator<Buffer> {
  for (let start = 0; start < listing.length;) {
    const end = listing.indexOf(0, start);
    const stop = end < 0 ? listing.length : end;
    if (stop > start) yield listing.subarray(start, stop);
    start = stop + 1;
  }
}
