// Indexes on disk, so that a 600 MB trace is read once. Keyed by reader and version; deleted at will; never trusted blindly:
// the tail's own check says whether the file is still the one that was indexed.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";
import type { TailPosition } from "../disk/fileTail";
import type { SavedRecords } from "./records";

/** Files below this are read faster than their saved index. */
export const worthSaving = 4 << 20;

export interface SavedIndex {
  reader: string;
  version: number;
  position: TailPosition;
  parser: unknown;
  records: SavedRecords;
}

const fileFor = (folder: string, path: string): string =>
  join(folder, `${createHash("sha256").update(path).digest("hex").slice(0, 24)}.index`);

export function loadIndex(folder: string, path: string, reader: { id: string; version: number }): SavedIndex | null {
  try {
    const saved = deserialize(readFileSync(fileFor(folder, path))) as SavedIndex;
    return saved.reader === reader.id && saved.version === reader.version ? saved : null;
  } catch {
    return null;
  }
}

/** Failing to save costs a re-read, nothing else: a full disk must not stop anybody from looking. */
export function saveIndex(folder: string, path: string, index: SavedIndex): void {
  const file = fileFor(folder, path);
  const beside = `${file}.tmp-${process.pid}`;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(beside, serialize(index), { mode: 0o600 });
    renameSync(beside, file);
  } catch {
    rmSync(beside, { force: true });
  }
}
