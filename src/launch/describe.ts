// The workspace's files with the hashes of their contents: what a snapshot is named by. Reads only what changed.
import { createHash } from "node:crypto";
import { createReadStream, readFileSync } from "node:fs";
import { shownName } from "../../core/base/byteName";
import { launchFailed, messageOf } from "../../core/base/errors";
import type { SnapshotEntry } from "../../core/recipes/snapshotManifest";
import { diskPath } from "./diskNames";
import { hashCache } from "./hashCache";
import { takeTurns } from "./takeTurns";
import type { WorkspaceFile } from "./workspaceFiles";

/** Larger files are read in pieces of this size, here and on their way. */
export const WHOLE = 512 * 1024;

export interface DescribeOptions {
  signal?: AbortSignal | undefined;
  /** Bytes of the workspace read so far. */
  onProgress?: ((bytes: number) => void) | undefined;
}

export async function describeFiles(
  folder: string,
  files: readonly WorkspaceFile[],
  { signal, onProgress }: DescribeOptions = {},
): Promise<SnapshotEntry[]> {
  const entries: SnapshotEntry[] = [];
  const turn = takeTurns(signal);
  let bytes = 0;
  for (const file of files) {
    const others = turn();
    if (others) {
      onProgress?.(bytes);
      await others;
    }
    const entry = asBefore(folder, file) ?? (await describeFile(folder, file));
    entries.push(entry);
    bytes += entry.size;
  }
  onProgress?.(bytes);
  return entries;
}

/** Without a look at its content; null where that takes one. */
function asBefore(folder: string, { path, executable, target, stats }: WorkspaceFile): SnapshotEntry | null {
  if (target !== null) return { path, mode: "link", sha256: "", size: 0, target };
  const known = hashCache.get(folder, path, stats);
  return known === null ? null : { path, mode: modeOf(executable), sha256: known, size: Number(stats.size), target };
}

async function describeFile(folder: string, { path, executable, stats }: WorkspaceFile): Promise<SnapshotEntry> {
  try {
    const at = diskPath(folder, path);
    const { sha256, size } = stats.size <= WHOLE ? hashWhole(at) : await hashStream(at);
    // Of the listing, so from before the reading: what changed in between does not match later.
    if (size === Number(stats.size)) hashCache.keep(folder, path, stats, sha256);
    return { path, mode: modeOf(executable), sha256, size, target: null };
  } catch (error) {
    throw unreadable(path, error);
  }
}

const modeOf = (executable: boolean): SnapshotEntry["mode"] => (executable ? "executable" : "file");

function hashWhole(at: string | Buffer): { sha256: string; size: number } {
  const content = readFileSync(at);
  return { sha256: hashOf(content), size: content.length };
}

async function hashStream(at: string | Buffer): Promise<{ sha256: string; size: number }> {
  const hash = createHash("sha256");
  let size = 0;
  for await (const piece of createReadStream(at, { highWaterMark: WHOLE })) {
    hash.update(piece as Buffer);
    size += (piece as Buffer).length;
  }
  return { sha256: hash.digest("hex"), size };
}

export const hashOf = (content: Uint8Array | string): string => createHash("sha256").update(content).digest("hex");

export const unreadable = (name: string, error: unknown): Error =>
  launchFailed(
    `${shownName(name)} cannot be read (${messageOf(error)}); make it readable, or add it to .runsideignore.`,
    { path: name },
  );
