// The workspace's files with the hashes of their contents: what a snapshot is named by. Reads only what changed.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readFile } from "node:fs/promises";
import { shownName } from "../../core/base/byteName";
import { cancelled, launchFailed, messageOf } from "../../core/base/errors";
import { snapshotManifestText, type SnapshotEntry } from "../../core/recipes/snapshotManifest";
import { diskPath } from "./diskNames";
import { hashCache } from "./hashCache";
import type { WorkspaceFile } from "./workspaceFiles";

/** Larger files are read in pieces of this size, here and on their way. */
export const WHOLE = 512 * 1024;
const AT_ONCE = 8;

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
  let bytes = 0;
  const queue = files.entries();
  const worker = async (): Promise<void> => {
    for (const [at, file] of queue) {
      throwIfAborted(signal);
      const entry = await describeFile(folder, file);
      entries[at] = entry;
      bytes += entry.size;
      onProgress?.(bytes);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return entries;
}

export async function describeFile(
  folder: string,
  { path, executable, target }: Pick<WorkspaceFile, "path" | "executable" | "target">,
): Promise<SnapshotEntry> {
  if (target !== null) return { path, mode: "link", sha256: "", size: 0, target };
  const mode = executable ? "executable" : "file";
  try {
    const at = diskPath(folder, path);
    const stats = await lstat(at, { bigint: true });
    const known = hashCache.get(folder, path, stats);
    if (known !== null) return { path, mode, sha256: known, size: Number(stats.size), target: null };
    const { sha256, size } = stats.size <= WHOLE ? await hashWhole(at) : await hashStream(at);
    if (size === Number(stats.size)) hashCache.keep(folder, path, stats, sha256);
    return { path, mode, sha256, size, target: null };
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function hashWhole(at: string | Buffer): Promise<{ sha256: string; size: number }> {
  const content = await readFile(at);
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

/** Equal files give equal ids, whatever their order, times and owner. */
export const snapshotIdOf = (entries: readonly SnapshotEntry[]): string => hashOf(snapshotManifestText(entries));

export const unreadable = (name: string, error: unknown): Error =>
  launchFailed(
    `${shownName(name)} cannot be read (${messageOf(error)}); make it readable, or add it to .runsideignore.`,
    { path: name },
  );

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw cancelled();
}
