// Contents into packs, read once more and hashed while they are read: a file that changed since it was listed is sent as
// it is now, and the list follows.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { shownName } from "../../core/base/byteName";
import { launchFailed } from "../../core/base/errors";
import { packRecords, type PackRecord } from "../../core/recipes/packs";
import type { SnapshotEntry } from "../../core/recipes/snapshotManifest";
import { hashOf, unreadable, WHOLE } from "./describe";
import { diskPath } from "./diskNames";
import { takeTurns } from "./takeTurns";

export interface Wanted {
  entry: SnapshotEntry;
  /** Bytes that the box has from an upload that was cut. */
  from: number;
}

export interface Pack {
  bytes: Uint8Array;
  /** Of the workspace, that this pack brings nearer to being sent. */
  content: number;
}

/** A file that is written while it is read: hashed again, it is another content. */
export class FileChanged extends Error {
  constructor(readonly path: string) {
    super(`${shownName(path)} changed while it was sent`);
  }
}

/**
 * Packs of 512 KB or a little more. Entries of small files that changed are corrected in place; a large one throws
 * `FileChanged` before its last part, so that the box never holds what no list names.
 */
export async function* packsOf(
  folder: string,
  wanted: readonly Wanted[],
  signal?: AbortSignal,
): AsyncGenerator<Pack, void, void> {
  let records: PackRecord[] = [];
  let content = 0;
  const flush = (): Pack => {
    const pack = { bytes: packRecords(records), content };
    records = [];
    content = 0;
    return pack;
  };
  const turn = takeTurns(signal);
  for (const { entry, from } of wanted) {
    const others = turn();
    if (others) await others;
    if (entry.size > WHOLE) {
      for await (const part of partsOf(folder, entry, from)) {
        records.push(part);
        content += part.bytes.length;
        if (content >= WHOLE) yield flush();
      }
      continue;
    }
    const bytes = readSmall(folder, entry);
    entry.sha256 = hashOf(bytes);
    entry.size = bytes.length;
    records.push({ sha256: entry.sha256, total: bytes.length, offset: 0, bytes });
    content += bytes.length;
    if (content >= WHOLE || records.length >= 2000) yield flush();
  }
  if (records.length > 0) yield flush();
}

function readSmall(folder: string, entry: SnapshotEntry): Buffer {
  try {
    const bytes = readFileSync(diskPath(folder, entry.path));
    // It has grown beyond what is sent at once.
    if (bytes.length > WHOLE) throw new FileChanged(entry.path);
    return bytes;
  } catch (error) {
    throw error instanceof FileChanged ? error : gone(entry.path, error);
  }
}

async function* partsOf(folder: string, entry: SnapshotEntry, from: number): AsyncGenerator<PackRecord> {
  const file = await open(diskPath(folder, entry.path), "r").catch((error: unknown) => {
    throw gone(entry.path, error);
  });
  try {
    const hash = createHash("sha256");
    for (let offset = 0; offset < entry.size;) {
      const bytes = Buffer.allocUnsafe(Math.min(WHOLE, entry.size - offset));
      const { bytesRead } = await file.read(bytes, 0, bytes.length, offset);
      if (bytesRead < bytes.length) throw new FileChanged(entry.path);
      hash.update(bytes);
      const isLast = offset + bytesRead === entry.size;
      if (isLast && (hash.digest("hex") !== entry.sha256 || (await file.stat()).size !== entry.size))
        throw new FileChanged(entry.path);
      // What the box holds already is only hashed.
      const skip = Math.max(0, Math.min(bytesRead, from - offset));
      const { sha256, size: total } = entry;
      if (skip < bytesRead) yield { sha256, total, offset: offset + skip, bytes: bytes.subarray(skip) };
      offset += bytesRead;
    }
  } finally {
    await file.close();
  }
}

/** Deleted meanwhile: the list is made anew. */
const gone = (path: string, error: unknown): Error =>
  (error as NodeJS.ErrnoException).code === "ENOENT" ? new FileChanged(path) : unreadable(path, error);

export const neverRests = ({ path }: FileChanged): Error =>
  launchFailed(
    `${shownName(path)} changed again and again while it was sent; launch when nothing writes it, or add it to .runsideignore.`,
    { path },
  );
