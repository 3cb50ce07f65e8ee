// Finds a screenshot inside a target from what a file says of it: the path as it is, from the file's folder, or by its ending; and how large it is.
import { open } from "node:fs/promises";
import { posix } from "node:path";
import { imageSize } from "../../core/base/imageSize";
import type { Size } from "../../core/model/frame";
import type { Target } from "./target";

/** A JPEG's size stands behind what cameras and editors put first. */
const HEADER_BYTES = 256 * 1024;

/** A path of this target, or null. `said` may be absolute on another machine, relative, or only an ending. */
export function locateImage(target: Target, from: string, said: string): string | null {
  const name = posix.basename(said);
  const same = target.index.images.get(name);
  if (!same) return null;
  const relative = posix.normalize(posix.join(posix.dirname(from), said));
  if (same.includes(relative)) return relative;
  const plain = posix.normalize(said).replace(/^\/+/, "");
  if (same.includes(plain)) return plain;
  // The longest common ending wins: an absolute path of the training box still ends like ours.
  const wanted = plain.split("/").reverse();
  let best: { path: string; length: number } | null = null;
  for (const path of same) {
    const parts = path.split("/").reverse();
    let length = 0;
    while (length < wanted.length && parts[length] === wanted[length]) length++;
    if (!best || length > best.length) best = { path, length };
  }
  // A base name alone is enough only where it is unambiguous, or where that is all that was said.
  if (!best) return null;
  return best.length >= Math.min(2, wanted.length) || same.length === 1 ? best.path : null;
}

export function firstImage(target: Target, from: string, candidates: readonly string[]): string | null {
  for (const candidate of candidates) {
    const found = locateImage(target, from, candidate);
    if (found) return found;
  }
  return null;
}

/** In pixels, from the file's first bytes; null where there is no such picture. */
export async function sizeOfImage(target: Target, path: string | null): Promise<Size | null> {
  const place = path === null ? null : target.index.locate(path);
  if (place === null) return null;
  try {
    const file = await open(place, "r");
    try {
      if (!(await file.stat()).isFile()) return null;
      const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
      return imageSize(buffer.subarray(0, bytesRead));
    } finally {
      await file.close();
    }
  } catch {
    return null;
  }
}
