// What a file or a folder takes of the disk: blocks, without following a link, each file once however many names it has.
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

const BLOCK = 512;

/** 0 where nothing is there. */
export async function bytesUnder(path: string, counted = new Set<string>()): Promise<number> {
  const seen = await lstat(path).catch(() => null);
  if (!seen) return 0;
  const key = `${seen.dev}:${seen.ino}`;
  if (!seen.isDirectory() && seen.nlink > 1 && counted.has(key)) return 0;
  counted.add(key);
  let bytes = seen.blocks * BLOCK;
  if (!seen.isDirectory()) return bytes;
  for (const name of await readdir(path).catch(() => [])) bytes += await bytesUnder(join(path, name), counted);
  return bytes;
}
