// Copies a run's files from its box into a folder of this machine. A copy that was cut, or of a run that went on, is continued
// by offset where the box still has the bytes before it, and made anew where it has not.
import { createHash } from "node:crypto";
import { chmod, mkdir, open, readFile, rename, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { cancelled, RunsideError } from "../../core/base/errors";
import { keptFile, keptSchema, type KeptRecord } from "../../core/model/kept";
import { keeping, mostPerPiece, type KeptFile, type LeftOut } from "../../core/protocol/keeping";
import type { Peer } from "../../core/rpc/peer";
import { BytesMask } from "./bytesMask";

/** What of the copy's end is compared before it is continued. */
const TAIL = 64 * 1024;

export interface KeepRequest {
  peer: Peer;
  id: string;
  /** Its name, for the record. */
  box: string;
  /** Absolute; made where it is not there. */
  folder: string;
  /** As `keeping/list` names them; others stay on the box. */
  checkpoints: readonly string[];
  /** Values that the copy must not hold. */
  secrets: Iterable<string>;
  report?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

export interface Kept {
  files: number;
  /** Bytes that came over the link this time. */
  copied: number;
  masked: number;
  /** What somebody may miss: left out by the box, not to be held by this machine, or gone while it was copied. */
  skipped: LeftOut[];
}

/** Throws `cancelled`; what was copied by then is continued the next time. */
export async function keepRun(request: KeepRequest): Promise<Kept> {
  const { peer, id, box, folder, checkpoints, report, signal } = request;
  const { but, files, outside, skipped } = await peer.request(keeping.list, { id }, signal);
  const wanted = files.filter(({ checkpoint }) => checkpoint === null || checkpoints.includes(checkpoint));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const record: KeptRecord = (await readRecord(folder, id)) ?? { id, box, keptAt: "", files: {} };
  record.but = but;
  record.outside = outside;
  const values = [...request.secrets];
  const total = wanted.reduce((sum, file) => sum + file.bytes, 0);
  const kept: Kept = { files: 0, copied: 0, masked: 0, skipped: [...skipped] };
  let done = 0;
  try {
    for (const file of wanted) {
      if (signal?.aborted) throw cancelled();
      const place = placeIn(folder, file.path);
      if (place === null) {
        kept.skipped.push({ path: file.path, why: "this machine cannot hold a file of that name" });
        continue;
      }
      const progress = (bytes: number): void => report?.(done + bytes, total);
      const copy = new FileCopy({ ...request, file, place, mask: new BytesMask(values), progress });
      const held = record.files[file.path];
      const outcome = await copy.run(held ?? null).catch((error: unknown) => {
        // It went, or became something else, since the list was made.
        if (error instanceof RunsideError && error.code === "trace/unreadable") return null;
        throw error;
      });
      if (outcome) record.files[file.path] = outcome;
      else kept.skipped.push({ path: file.path, why: "it went or changed while it was copied" });
      kept.files += outcome ? 1 : 0;
      kept.copied += copy.copied;
      kept.masked += copy.masked;
      done += file.bytes;
    }
  } finally {
    record.keptAt = new Date().toISOString();
    await writeWhole(path.join(folder, keptFile), `${JSON.stringify(record, null, 1)}\n`);
  }
  return kept;
}

interface CopyRequest extends KeepRequest {
  file: KeptFile;
  place: string;
  mask: BytesMask;
  progress: (bytes: number) => void;
}

type Held = KeptRecord["files"][string];

class FileCopy {
  copied = 0;

  constructor(private readonly request: CopyRequest) {}

  get masked(): number {
    return this.request.mask.found;
  }

  async run(held: Held | null): Promise<Held> {
    const { file, place } = this.request;
    if (
      held &&
      held.bytes === file.bytes &&
      held.modifiedMs === file.modifiedMs &&
      (await sizeOf(place)) === held.bytes
    )
      return held;
    const from = held && (await this.continues(held)) ? held.bytes : 0;
    const tail = await this.copyFrom(from);
    return { bytes: tail.end, modifiedMs: file.modifiedMs, tail: tail.sha256 };
  }

  /** The box's bytes before the end of the copy are those that were copied, and the copy is whole. */
  private async continues({ bytes, tail }: Held): Promise<boolean> {
    if (this.request.file.bytes < bytes || (await sizeOf(this.request.place)) !== bytes) return false;
    const from = Math.max(0, bytes - TAIL);
    const { data, sha256 } = await this.piece(from, bytes - from);
    return data.length === bytes - from && sha256 === tail;
  }

  private async copyFrom(from: number): Promise<{ end: number; sha256: string }> {
    const { file, place, mask, progress, signal } = this.request;
    await mkdir(path.dirname(place), { recursive: true, mode: 0o700 });
    const handle = await open(place, from === 0 ? "w" : "r+", 0o600);
    try {
      let at = from;
      let written = Math.max(0, from - mask.reach);
      if (written < from) {
        const before = Buffer.alloc(from - written);
        await handle.read(before, 0, before.length, written);
        mask.push(before);
      }
      const write = async (bytes: Buffer): Promise<void> => {
        await handle.write(bytes, 0, bytes.length, written);
        written += bytes.length;
      };
      while (at < file.bytes) {
        if (signal?.aborted) throw cancelled();
        // No further than the list said: a training that writes faster than the link would never be done.
        const { data } = await this.piece(at, Math.min(mostPerPiece, file.bytes - at));
        if (data.length === 0) break;
        at += data.length;
        this.copied += data.length;
        await write(mask.push(data));
        progress(at);
      }
      await write(mask.end());
      await handle.truncate(at);
      const tail = Math.max(0, at - TAIL);
      return { end: at, sha256: (await this.piece(tail, at - tail)).sha256 };
    } catch (error) {
      // Half a file would be continued as if it were whole.
      await truncate(place, from).catch(() => undefined);
      throw error;
    } finally {
      await handle.close();
    }
  }

  private async piece(offset: number, length: number): Promise<{ data: Buffer; sha256: string }> {
    const { peer, id, file, signal } = this.request;
    const { data, sha256 } = await peer.request(keeping.piece, { id, path: file.path, offset, length }, signal);
    const bytes = Buffer.from(data, "base64");
    if (createHash("sha256").update(bytes).digest("hex") !== sha256)
      throw new RunsideError("rpc/bad-result", `${file.path} arrived damaged; keep the run again.`);
    return { data: bytes, sha256 };
  }
}

/** As on the box, so that the copy is a run's folder; null for a path that leads out or that this system cannot hold. */
export function placeIn(folder: string, remote: string): string | null {
  const parts = remote.split("/");
  const bad = (part: string): boolean =>
    part === "" ||
    part === "." ||
    part === ".." ||
    part.includes("\0") ||
    (path.sep === "\\" && /[\\:*?"<>|]/.test(part));
  if (parts.some(bad) || remote === keptFile) return null;
  return path.join(folder, ...parts);
}

async function readRecord(folder: string, id: string): Promise<KeptRecord | null> {
  const text = await readFile(path.join(folder, keptFile), "utf8").catch(() => null);
  if (text === null) return null;
  try {
    const parsed = keptSchema.safeParse(JSON.parse(text));
    return parsed.success && parsed.data.id === id ? parsed.data : null;
  } catch {
    return null;
  }
}

async function sizeOf(place: string): Promise<number | null> {
  const handle = await open(place, "r").catch(() => null);
  if (!handle) return null;
  const { size } = await handle.stat();
  await handle.close();
  return size;
}

async function writeWhole(place: string, text: string): Promise<void> {
  await writeFile(`${place}.part`, text, { mode: 0o600 });
  await chmod(`${place}.part`, 0o600);
  await rename(`${place}.part`, place);
}
