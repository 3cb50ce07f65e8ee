// Workspace files as one snapshot: named by the hash of their contents, carried as a gzipped tar in pieces over a channel.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { pack as createPack, type Pack } from "tar-stream";
import { cancelled, launchFailed, messageOf } from "../../core/base/errors";
import { snapshotManifestText, type SnapshotEntry } from "../../core/recipes/snapshotManifest";
import type { WorkspaceFile } from "./workspaceFiles";

export interface Snapshot {
  /** Of `snapshotManifestText`: equal files have equal names, whatever packed them. */
  sha256: string;
  /** Of the files, unpacked. */
  bytes: number;
  files: (SnapshotEntry & { target: string | null })[];
}

export interface ArchivePiece {
  index: number;
  /** Base64, at most 192 KiB of it. */
  data: string;
  last: boolean;
}

export interface ArchiveOptions {
  signal?: AbortSignal;
  /** Bytes of the workspace done so far; the whole is `snapshot.bytes`. */
  onProgress?: (bytes: number) => void;
}

/** A multiple of three, so that the pieces' base64 could also be joined as text. */
export const pieceBytes = 147_456;

const hashOf = (content: Uint8Array | string): string => createHash("sha256").update(content).digest("hex");

/** Reads every file once. Nothing is sent: a box that has this name already needs nothing more. */
export async function describeSnapshot(
  folder: string,
  files: readonly WorkspaceFile[],
  { signal, onProgress }: ArchiveOptions = {},
): Promise<Snapshot> {
  const entries: Snapshot["files"] = [];
  let bytes = 0;
  for (const { path: each, executable, target } of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    throwIfAborted(signal);
    const content = target ?? (await readWhole(folder, each));
    if (target === null) bytes += content.length;
    const mode = target !== null ? "link" : executable ? "executable" : "file";
    entries.push({ path: each, mode, sha256: hashOf(content), target });
    onProgress?.(bytes);
  }
  return { sha256: hashOf(snapshotManifestText(entries)), bytes, files: entries };
}

/** Thrown when a file is no longer what `describeSnapshot` read: the snapshot would not be what its name says. */
export class SnapshotChanged extends Error {
  constructor(readonly path: string) {
    super(`${path} changed while it was sent`);
  }
}

/** Packs and hands out pieces in order, each only after the one before it was taken. */
export async function packSnapshot(
  folder: string,
  snapshot: Snapshot,
  take: (piece: ArchivePiece) => Promise<void>,
  { signal, onProgress }: ArchiveOptions = {},
): Promise<{ bytes: number; pieces: number }> {
  throwIfAborted(signal);
  const tar = createPack();
  const sent = { bytes: 0, pieces: 0 };
  // Fills while the pipeline below reads; its failure reaches the pipeline through the stream.
  const filling = fill(tar, folder, snapshot, onProgress).catch((error: unknown) => {
    tar.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  try {
    const chunks = async function* (): AsyncGenerator<Buffer> {
      yield* tar as AsyncIterable<Buffer>;
    };
    await pipeline(chunks, createGzip({ level: 3 }), (source: AsyncIterable<Buffer>) => cutPieces(source, take, sent), {
      signal,
    });
    return sent;
  } catch (error) {
    throw signal?.aborted ? cancelled() : error;
  } finally {
    tar.destroy();
    await filling;
  }
}

async function fill(
  tar: Pack,
  folder: string,
  snapshot: Snapshot,
  onProgress?: (bytes: number) => void,
): Promise<void> {
  let done = 0;
  for (const { path: each, mode, sha256, target } of snapshot.files) {
    if (tar.destroyed) return;
    // Nothing of this machine, user or moment: the same files are the same bytes.
    const header = { name: each, mtime: new Date(0), uid: 0, gid: 0, uname: "", gname: "" };
    if (target !== null) {
      await addEntry(tar, { ...header, type: "symlink", linkname: target, mode: 0o777, size: 0 }, null);
      continue;
    }
    const content = await readUnchanged(folder, each, sha256);
    await addEntry(
      tar,
      { ...header, type: "file", mode: mode === "executable" ? 0o755 : 0o644, size: content.length },
      content,
    );
    done += content.length;
    onProgress?.(done);
  }
  tar.finalize();
}

/** Ends when the reader has taken the entry, so no more than the file at hand is in memory. */
function addEntry(tar: Pack, header: Parameters<Pack["entry"]>[0], content: Buffer | null): Promise<void> {
  return new Promise((resolve, reject) => {
    const entry = tar.entry(header, (error) => {
      if (error) reject(error);
      else resolve();
    });
    if (content) entry.end(content);
  });
}

async function cutPieces(
  source: AsyncIterable<Buffer>,
  take: (piece: ArchivePiece) => Promise<void>,
  sent: { bytes: number; pieces: number },
): Promise<void> {
  let rest: Buffer[] = [];
  let size = 0;
  const give = async (bytes: Buffer, last: boolean): Promise<void> => {
    await take({ index: sent.pieces, data: bytes.toString("base64"), last });
    sent.pieces++;
    sent.bytes += bytes.length;
  };
  for await (const chunk of source) {
    rest.push(chunk);
    size += chunk.length;
    // One full piece is always kept back: the last one must say that it is the last.
    while (size > pieceBytes) {
      const joined = Buffer.concat(rest);
      await give(joined.subarray(0, pieceBytes), false);
      rest = [joined.subarray(pieceBytes)];
      size -= pieceBytes;
    }
  }
  await give(Buffer.concat(rest), true);
}

/** A file that was being written is read once more; one that stays different ends the packing. */
async function readUnchanged(folder: string, file: string, sha256: string): Promise<Buffer> {
  for (let tries = 0; tries < 2; tries++) {
    const content = await readFile(path.join(folder, file)).catch(() => null);
    if (content && hashOf(content) === sha256) return content;
  }
  throw new SnapshotChanged(file);
}

async function readWhole(folder: string, file: string): Promise<Buffer> {
  try {
    return await readFile(path.join(folder, file));
  } catch (error) {
    throw launchFailed(`${file} cannot be read (${messageOf(error)}); make it readable, or add it to .gitignore.`, {
      path: file,
    });
  }
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw cancelled();
}
