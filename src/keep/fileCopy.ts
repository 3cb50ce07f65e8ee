// One file of a run, from its box into a folder of this machine: gone on with by offset where the box still has the bytes before
// the end of the copy, and made anew where it has not.
import { createHash } from "node:crypto";
import { mkdir, open, truncate } from "node:fs/promises";
import path from "node:path";
import { cancelled, RunsideError } from "../../core/base/errors";
import type { KeptRecord } from "../../core/model/kept";
import { keeping, mostPerPiece, type KeptFile } from "../../core/protocol/keeping";
import type { Peer } from "../../core/rpc/peer";
import type { BytesMask } from "./bytesMask";

/** What of the copy's end is compared before it is continued. */
const TAIL = 64 * 1024;

export interface CopyRequest {
  peer: Peer;
  id: string;
  file: KeptFile;
  place: string;
  mask: BytesMask;
  progress: (bytes: number) => void;
  signal?: AbortSignal;
}

type Held = KeptRecord["files"][string];

export class FileCopy {
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

async function sizeOf(place: string): Promise<number | null> {
  const handle = await open(place, "r").catch(() => null);
  if (!handle) return null;
  const { size } = await handle.stat();
  await handle.close();
  return size;
}
