// A file made in time for a full disk: its blocks are there already, so that a last word can be written over them in place.
// Where every write goes to new blocks (btrfs, zfs) it is no more than an attempt.
import { closeSync, fsyncSync, openSync, writeFileSync, writeSync } from "node:fs";

const SIZE = 4096;

/** White space, which JSON and numbers may end with. A disk that is full already has no reserve. */
export function makeReserve(path: string): void {
  try {
    writeFileSync(path, " ".repeat(SIZE - 1) + "\n", { mode: 0o600, flush: true });
  } catch {
    return;
  }
}

/** False where it could not be done: the text is too long, or there is no reserve. */
export function useReserve(path: string, text: string): boolean {
  const bytes = Buffer.from(text);
  if (bytes.length > SIZE) return false;
  try {
    const fd = openSync(path, "r+");
    try {
      // Whole at once: what was there before is gone, whatever its length was.
      writeSync(fd, Buffer.concat([bytes, Buffer.alloc(SIZE - bytes.length, " ")]), 0, SIZE, 0);
      fsyncSync(fd);
      return true;
    } finally {
      closeSync(fd);
    }
  } catch {
    return false;
  }
}
