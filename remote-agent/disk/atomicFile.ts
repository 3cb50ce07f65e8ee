// Small files that change whole: written beside, synced, renamed. A reader sees the old one or the new one.
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import type * as z from "zod/mini";

interface Care {
  mode?: number;
  /** False for what can be made again: a box that loses its power may then leave an empty file. */
  durable?: boolean;
}

export function writeAtomic(
  path: string,
  text: string | Uint8Array,
  { mode = 0o600, durable = true }: Care = {},
): void {
  const beside = `${path}.tmp-${randomBytes(6).toString("hex")}`;
  try {
    const fd = openSync(beside, "wx", mode);
    try {
      writeFileSync(fd, text);
      if (durable) fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}

export const writeJson = (path: string, value: unknown, care: Care = {}): void =>
  writeAtomic(path, JSON.stringify(value, null, 1) + "\n", care);

/** null where the file is missing, or is not (yet) what the schema says. */
export function readJson<T>(path: string, schema: z.ZodMiniType<T>): T | null {
  try {
    const parsed = schema.safeParse(JSON.parse(readFileSync(path, "utf8")));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

export function readTextOrNull(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
