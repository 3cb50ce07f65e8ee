// Indexes on disk, so that a 600 MB trace is read once. Keyed by reader and version; deleted at will; never trusted blindly:
// the tail's own check says whether the file is still the one that was indexed. Written and read in parts, never as a whole.
import { createHash } from "node:crypto";
import { closeSync, fstatSync, mkdirSync, openSync, readSync, renameSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";
import type { TailPosition } from "../disk/fileTail";
import type { Records, SavedPart } from "./records";

/** Files below this are read faster than their saved index. */
export const worthSaving = 4 << 20;

/** What stands at the start of a saved index. */
export interface SavedHead {
  reader: string;
  version: number;
  position: TailPosition;
  parser: unknown;
}

/** The last part: an index without it was cut short. */
const END = "end";
const SIZE = 4;
/** Parts are gathered to this before they are written. */
const GATHER = 1 << 20;

const fileFor = (folder: string, path: string): string =>
  join(folder, `${createHash("sha256").update(path).digest("hex").slice(0, 24)}.index`);

/** The head of the saved index, its records loaded into `records`; null where there is none of this reader and version. */
export function loadIndex(
  folder: string,
  path: string,
  reader: { id: string; version: number },
  records: Records,
): SavedHead | null {
  try {
    const parts = readParts(fileFor(folder, path));
    const head = parts.next().value as SavedHead;
    if (head.reader !== reader.id || head.version !== reader.version) return null;
    for (const part of parts) {
      if (part === END) return head;
      records.load(part as SavedPart);
    }
    return null;
  } catch {
    return null;
  }
}

/** Failing to save costs a re-read, nothing else: a full disk must not stop anybody from looking. */
export function saveIndex(folder: string, path: string, head: SavedHead, records: Records): void {
  const file = fileFor(folder, path);
  const beside = `${file}.tmp-${process.pid}`;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeParts(beside, head, records);
    renameSync(beside, file);
  } catch {
    rmSync(beside, { force: true });
  }
}

function writeParts(file: string, head: SavedHead, records: Records): void {
  const fd = openSync(file, "w", 0o600);
  try {
    let gathered: Buffer[] = [];
    let size = 0;
    const flush = (): void => {
      const bytes = Buffer.concat(gathered);
      for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
      gathered = [];
      size = 0;
    };
    const add = (part: unknown): void => {
      const bytes = serialize(part);
      const length = Buffer.alloc(SIZE);
      length.writeUInt32LE(bytes.length);
      gathered.push(length, bytes);
      size += bytes.length;
      if (size >= GATHER) flush();
    };
    add(head);
    for (const part of records.saved()) add(part);
    add(END);
    flush();
  } finally {
    closeSync(fd);
  }
}

function* readParts(file: string): Generator<unknown> {
  const fd = openSync(file, "r");
  try {
    const { size } = fstatSync(fd);
    const take = (length: number, at: number): Buffer => {
      const bytes = Buffer.alloc(length);
      if (at + length > size || readSync(fd, bytes, 0, length, at) < length) throw new Error("the index is cut short");
      return bytes;
    };
    for (let at = 0; at < size;) {
      const length = take(SIZE, at).readUInt32LE();
      yield deserialize(take(length, at + SIZE));
      at += SIZE + length;
    }
  } finally {
    closeSync(fd);
  }
}
