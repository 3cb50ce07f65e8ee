// A workspace's file names as paths for this disk: text where they are text, bytes where they are not.
import { lstatSync, type BigIntStats } from "node:fs";
import path from "node:path";
import { bytesOfName } from "../../core/base/byteName";

export function diskPath(root: string, name: string): string | Buffer {
  // As git and we write them, `/` is all that a name needs; Windows takes it too, but for long names.
  if (!name.includes("\0")) return path.sep === "/" ? `${root}/${name}` : path.join(root, name);
  return Buffer.concat([Buffer.from(`${root}/`), bytesOfName(name) ?? Buffer.alloc(0)]);
}

/** Null also where a folder above it is a file now, or may not be entered. */
export function statOf(root: string, name: string): BigIntStats | null {
  try {
    return lstatSync(diskPath(root, name), { bigint: true, throwIfNoEntry: false }) ?? null;
  } catch {
    return null;
  }
}

/** Whether the disk has it, perhaps, and we may not look: what is gone says something else. */
export function isHidden(root: string, name: string): boolean {
  try {
    lstatSync(diskPath(root, name));
    return false;
  } catch (error) {
    return isRefusal(error);
  }
}

export const isRefusal = (error: unknown): boolean =>
  ["EACCES", "EPERM", "EIO"].includes((error as NodeJS.ErrnoException | null)?.code ?? "");
