// Follows one file by identity and offset. A file that was truncated, replaced, or truncated and regrown past our offset is
// noticed: inode, size, and the last bytes before the offset must still be what we read, before a read and after it.
import { createHash } from "node:crypto";
import { open, stat, type FileHandle } from "node:fs/promises";

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

interface Seen {
  dev: number;
  ino: number;
  size: number;
  mtimeMs: number;
}

const hashOf = (bytes: Uint8Array): string => createHash("sha1").update(bytes).digest("hex");

export class FileTail {
  private position: TailPosition | null;
  /** The last bytes before the offset: what a check compares. null until a resumed position has been checked by its hash. */
  private tail: Buffer | null;
  /** When the file was last written, as of the last look: equal size and time mean that nothing happened. */
  private writtenAt = -1;
  private held = "";
  size = 0;

  constructor(
    readonly path: string,
    resumeAt: TailPosition | null = null,
  ) {
    this.position = resumeAt;
    this.tail = resumeAt ? null : Buffer.alloc(0);
  }

  get offset(): number {
    return this.position?.offset ?? 0;
  }

  /** False while a resumed position has not yet been compared with the file. */
  get checked(): boolean {
    return this.tail !== null;
  }

  /** Equal only for the same file read to the same place with the same last bytes, whichever agent says it. */
  get identity(): string {
    if (!this.position) return "-";
    this.held ||= `${this.position.device}:${this.position.inode}@${this.position.offset}#${hashOf(this.tail ?? Buffer.alloc(0))}`;
    return this.held;
  }

  /** The position at `offset`, which must lie at or before what was read, for a consumer that stopped at a line's start. */
  async positionAt(offset: number): Promise<TailPosition | null> {
    if (!this.position) return null;
    const length = Math.min(TAIL, offset);
    const handle = await open(this.path, "r");
    try {
      const bytes = await bytesAt(handle, offset - length, length);
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
      if (this.unchanged(await stat(this.path))) return "same";
      handle = await open(this.path, "r");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return "gone";
      throw error;
    }
    try {
      let outcome: Advance = "same";
      for (;;) {
        const seen = await handle.stat();
        if (!(await this.stillOurs(handle, seen))) {
          if (this.position) {
            restart();
            outcome = "restarted";
          }
          this.position = { device: seen.dev, inode: seen.ino, offset: 0, tailHash: "", tailLength: 0 };
          this.tail = Buffer.alloc(0);
          this.held = "";
        }
        this.size = seen.size;
        this.writtenAt = seen.mtimeMs;
        const from = this.offset;
        if (seen.size === from || signal?.aborted) return outcome;
        let joint = this.tail ?? Buffer.alloc(0);
        const start = from - joint.length;
        await this.readAll(handle, take, (first) => (joint = Buffer.concat([joint, first.subarray(0, TAIL)])), signal);
        if (outcome === "same") outcome = "grew";
        // Truncated and regrown between the check and the read, or between two reads: what was read is a mixture, and where it
        // began the file holds other bytes by now.
        if (joint.equals(await bytesAt(handle, start, joint.length))) return outcome;
        this.disown();
      }
    } finally {
      await handle.close();
    }
  }

  private unchanged(seen: Seen): boolean {
    const held = this.position;
    if (held?.inode !== seen.ino || held.device !== seen.dev) return false;
    return seen.size === held.offset && seen.size === this.size && seen.mtimeMs === this.writtenAt;
  }

  private async stillOurs(handle: FileHandle, seen: Seen): Promise<boolean> {
    const held = this.position;
    if (!held || held.inode !== seen.ino || held.device !== seen.dev || seen.size < held.offset) return false;
    if (this.tail) return this.tail.equals(await bytesAt(handle, held.offset - this.tail.length, this.tail.length));
    const bytes = await bytesAt(handle, held.offset - held.tailLength, held.tailLength);
    if (hashOf(bytes) !== held.tailHash) return false;
    this.tail = bytes;
    this.held = "";
    return true;
  }

  /** Makes the next check fail. */
  private disown(): void {
    if (this.position) this.position = { ...this.position, inode: -1 };
  }

  private async readAll(
    handle: FileHandle,
    take: (bytes: Buffer) => void,
    takeFirst: (bytes: Buffer) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    const position = this.position;
    if (!position) return;
    const from = position.offset;
    const size = Math.min(CHUNK, Math.max(65_536, this.size - position.offset));
    let current = Buffer.allocUnsafe(size);
    let next = Buffer.allocUnsafe(size);
    let reading = handle.read(current, 0, size, position.offset);
    for (;;) {
      const { bytesRead } = await reading;
      if (bytesRead === 0 || signal?.aborted) return;
      const bytes = current.subarray(0, bytesRead);
      if (position.offset === from) takeFirst(bytes);
      position.offset += bytesRead;
      reading = handle.read(next, 0, size, position.offset);
      this.remember(bytes);
      take(bytes);
      if (position.offset > this.size) this.size = position.offset;
      [current, next] = [next, current];
    }
  }

  private remember(bytes: Buffer): void {
    this.held = "";
    if (bytes.length >= TAIL) this.tail = Buffer.from(bytes.subarray(bytes.length - TAIL));
    else this.tail = Buffer.concat([this.tail ?? Buffer.alloc(0), bytes]).subarray(-TAIL);
  }
}

/** Shorter where the file is. */
async function bytesAt(handle: FileHandle, from: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await handle.read(bytes, 0, length, from);
  return bytes.subarray(0, bytesRead);
}
