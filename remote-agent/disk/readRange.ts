// A piece of a file at once, for the few places that cannot wait for it.
import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** Up to `length` bytes from `from`, as text; "" where the file is missing. */
export const readRange = (path: string, from: number, length: number): string =>
  readBytesOf(path, from, length).toString("utf8");

export function readBytesOf(path: string, from: number, length: number): Buffer {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch {
    return Buffer.alloc(0);
  }
  try {
    const bytes = Buffer.alloc(Math.max(0, Math.min(length, fstatSync(fd).size - from)));
    const read = readSync(fd, bytes, 0, bytes.length, from);
    return bytes.subarray(0, read);
  } finally {
    closeSync(fd);
  }
}
