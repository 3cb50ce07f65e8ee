// One lock per GPU, keyed by its UUID. Whoever holds the descriptor has the GPU; the file's text only says who, for people.
import { fstatSync, ftruncateSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { isFields, parseJsonLine, textOf } from "../../core/base/json";
import { userOf, ownUser } from "../box/users";
import { close, isStill, openShared, openToLook, tryLock } from "./flock";

/** Older MIG UUIDs hold slashes. */
export const gpuLockPath = (folder: string, uuid: string): string =>
  join(folder, `gpu-${uuid.replace(/[^\w-]/g, "_").slice(0, 120)}.lock`);

/** Descriptors of a lock that is held: the first at once, further ones where the file had to be made again. */
export class GpuLock {
  constructor(
    readonly uuid: string,
    private readonly path: string,
    readonly fd: number,
  ) {
    this.sign();
  }

  /** null where somebody holds it. */
  static try(folder: string, uuid: string): GpuLock | null {
    const path = gpuLockPath(folder, uuid);
    for (;;) {
      const fd = openShared(path);
      if (!tryLock(fd, "exclusive")) {
        close(fd);
        return null;
      }
      if (isStill(path, fd)) return new GpuLock(uuid, path, fd);
      // Deleted between opening and locking: what we locked is nobody's any more.
      close(fd);
    }
  }

  /** A cleaner of temporary files spares what was written lately, and where it did delete the file, the next one is ours too. */
  keep(): void {
    try {
      this.sign();
      if (!isStill(this.path, this.fd)) {
        const again = openShared(this.path);
        if (!tryLock(again, "exclusive")) close(again);
      }
    } catch {
      // A disk that is full or a folder that is gone: the lock itself still holds.
    }
  }

  release(): void {
    close(this.fd);
  }

  private sign(): void {
    try {
      const text = `${JSON.stringify({ user: ownUser() })}\n`;
      writeSync(this.fd, text, 0);
      ftruncateSync(this.fd, Buffer.byteLength(text));
    } catch {
      // The text is for people alone.
    }
  }
}

/** The user who holds a GPU's lock; null where nobody does. */
export function lockedBy(folder: string, uuid: string): string | null {
  let fd: number | null = null;
  try {
    fd = openToLook(gpuLockPath(folder, uuid));
    if (fd === null || tryLock(fd, "shared")) return null;
    return signature(fd) ?? userOf(fstatSync(fd).uid);
  } catch {
    // Not ours to read: somebody made it private, so somebody may hold it. The queue itself says so by name.
    return null;
  } finally {
    if (fd !== null) close(fd);
  }
}

/** Anybody may write it, so only what can be a name is shown. */
function signature(fd: number): string | null {
  const bytes = Buffer.alloc(200);
  const line = parseJsonLine(bytes.toString("utf8", 0, readSync(fd, bytes, 0, bytes.length, 0)).trim());
  const user = line.ok && isFields(line.value) ? textOf(line.value["user"]) : null;
  return user !== null && /^[\w.@+-]{1,64}( \d+)?$/.test(user) ? user : null;
}
