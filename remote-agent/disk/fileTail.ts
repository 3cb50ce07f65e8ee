// Follows one file by identity and offset. A file that was truncated, replaced, or truncated and regrown past our offset is
// noticed before a byte of it is used: inode, size, and the last bytes before the offset must still be what we read.
import { createHash } from "node:crypto";
import { open, type FileHandle } from "node:fs/promises";
import { stat } from "node:fs/promises";

const CHUNK = 4 << 20;
const TAIL = 4096;

/** Says which file and how far; JSON, so that a saved index can hold it. */
export interface TailPosition {
  device: number;
  inode: number;
  offset: number;
  /** SHA-1 of the last `tailLength` bytes before `offset`: a seeded restart may rewrite identical first lines. */
  tailHash: string;
  tailLength: number;
}

export type Advance = "same" | "grew" | "restarted" | "gone";

const hashOf = (bytes: Uint8Array): string => createHash("sha1").update(bytes).digest("hex");

export class FileTail {
  private position: TailPosition | null;
  /** The last bytes before the offset, kept so that a check costs no hash in the common case. */
  private tail: Buffer = Buffer.alloc(0);
  size = 0;

  constructor(
    readonly path: string,
    resumeAt: TailPosition | null = null,
  ) {
    this.position = resumeAt;
  }

  get offset(): number {
    return this.position?.offset ?? 0;
  }

  get identity(): string {
    return this.position ? `${this.position.device}:${this.position.inode}` : "-";
  }

  /** The position at `offset`, which must lie at or before what was read, for a consumer that stopped at a line's start. */
  async positionAt(offset: number): Promise<TailPosition | null> {
    if (!this.position) return null;
    const length = Math.min(TAIL, offset);
    const handle = await open(this.path, "r");
    try {
      const bytes = Buffer.alloc(length);
      await handle.read(bytes, 0, length, offset - length);
      return { ...this.position, offset, tailLength: length, tailHash: hashOf(bytes) };
    } finally {
      await handle.close();
    }
  }

  /**
   * Hands every new byte to `take`, in order; the buffer is reused after the call. `restart` is called first when what
   * was read before no longer counts. Yields between chunks, and reads the next one while the last is being taken.
   */
  async advance(take: (bytes: Buffer) => void, restart: () => void, signal?: AbortSignal): Promise<Advance> {
    let handle: FileHandle;
    try {
      const seen = await stat(this.path);
      const same = this.position?.inode === seen.ino && this.position.device === seen.dev;
      if (same && seen.size === this.offset && seen.size === this.size) return "same";
      handle = await open(this.path, "r");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return "gone";
      throw error;
    }
    try {
      const seen = await handle.stat();
      this.size = seen.size;
      let outcome: Advance = "grew";
      if (!(await this.stillOurs(handle, seen))) {
        if (this.position) {
          restart();
          outcome = "restarted";
        }
        this.position = { device: seen.dev, inode: seen.ino, offset: 0, tailHash: "", tailLength: 0 };
        this.tail = Buffer.alloc(0);
      }
      if (seen.size === this.offset) return outcome === "grew" ? "same" : outcome;
      await this.readAll(handle, take, signal);
      return outcome;
    } finally {
      await handle.close();
    }
  }

  private async stillOurs(handle: FileHandle, seen: { dev: number; ino: number; size: number }): Promise<boolean> {
    const held = this.position;
    if (!held || held.inode !== seen.ino || held.device !== seen.dev || seen.size < held.offset) return false;
    const length = this.tail.length || held.tailLength;
    if (length === 0) return true;
    const bytes = Buffer.alloc(length);
    await handle.read(bytes, 0, length, held.offset - length);
    return this.tail.length > 0 ? bytes.equals(this.tail) : hashOf(bytes) === held.tailHash;
  }

  private async readAll(handle: FileHandle, take: (bytes: Buffer) => void, signal?: AbortSignal): Promise<void> {
    const position = this.position;
    if (!position) return;
    const size = Math.min(CHUNK, Math.max(65_536, this.size - position.offset));
    let current = Buffer.allocUnsafe(size);
    let next = Buffer.allocUnsafe(size);
    let reading = handle.read(current, 0, size, position.offset);
    for (;;) {
      const { bytesRead } = await reading;
      if (bytesRead === 0 || signal?.aborted) return;
      const bytes = current.subarray(0, bytesRead);
      position.offset += bytesRead;
      reading = handle.read(next, 0, size, position.offset);
      this.remember(bytes);
      take(bytes);
      if (position.offset > this.size) this.size = position.offset;
      [current, next] = [next, current];
    }
  }

  private remember(bytes: Buffer): void {
    if (bytes.length >= TAIL) this.tail = Buffer.from(bytes.subarray(bytes.length - TAIL));
    else this.tail = Buffer.concat([this.tail, bytes]).subarray(-TAIL);
  }
}
