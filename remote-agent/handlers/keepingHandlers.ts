// The files of a run that are worth keeping, and pieces of them: regular files inside the run's folder, whatever is asked.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { lstat, open, readdir, realpath } from "node:fs/promises";
import { join, resolve } from "node:path";
import { RunsideError, runNotFound } from "../../core/base/errors";
import { mostPerPiece, type KeptFile, type keeping } from "../../core/protocol/keeping";
import type { Handlers } from "../../core/protocol/define";
import { isInside, type Home } from "../disk/home";
import { Target } from "../index/target";
import { runCheckpoints } from "../index/runCheckpoints";

/** Rebuilt, somebody else's, or only of use while it runs. */
const left = new Set(["work", "cache", "control", "reaper.sh", "supervisor.js"]);

const unreadable = (path: string, why: string): RunsideError =>
  new RunsideError("trace/unreadable", `${path} cannot be read: ${why}.`, { data: { path } });

export function keepingHandlers(home: Home): Handlers<typeof keeping> {
  const folderOf = (id: string): string => {
    const folder = home.run(id);
    if (!existsSync(folder)) throw runNotFound(id);
    return folder;
  };
  return {
    list: async ({ id }) => {
      const folder = folderOf(id);
      const sealed = await runCheckpoints(folder);
      const files: KeptFile[] = [];
      await walk(folder, "", null, sealed, files);
      return { but: lackOf(id, home), files };
    },
    piece: async ({ id, path, offset, length }) => {
      const folder = folderOf(id);
      const place = await placeOf(folder, path);
      const { bytes, size } = await readBytes(place, path, offset, Math.min(length, mostPerPiece));
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      return { data: bytes.toString("base64"), sha256, size };
    },
  };
}

function lackOf(id: string, home: Home): string | null {
  const target = Target.open(id, home);
  try {
    return target.status()?.but ?? null;
  } finally {
    target.dispose();
  }
}

async function walk(
  folder: string,
  prefix: string,
  checkpoint: string | null,
  sealed: ReadonlyMap<string, string>,
  files: KeptFile[],
): Promise<void> {
  const entries = await readdir(join(folder, prefix), { withFileTypes: true }).catch(() => []);
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = prefix === "" ? entry.name : `${prefix}/${entry.name}`;
    // In the output anything may be called so.
    if (left.has(entry.name) && !/^attempts\/\d+\/out\//.test(path)) continue;
    const inside = checkpoint ?? sealed.get(join(folder, path)) ?? null;
    if (entry.isDirectory()) await walk(folder, path, inside, sealed, files);
    const seen = entry.isFile() ? await lstat(join(folder, path)).catch(() => null) : null;
    if (seen) files.push({ path, bytes: seen.size, modifiedMs: seen.mtimeMs, checkpoint: inside });
  }
}

async function placeOf(folder: string, path: string): Promise<string> {
  const place = resolve(folder, path);
  if (path.includes("\0") || !isInside(place, folder) || place === folder) {
    throw unreadable(path, "it lies outside the run's folder");
  }
  const real = await realpath(place).catch(() => null);
  if (real === null) throw unreadable(path, "there is no such file");
  if (!isInside(real, await realpath(folder))) throw unreadable(path, "it leads outside the run's folder");
  return real;
}

async function readBytes(
  place: string,
  path: string,
  offset: number,
  length: number,
): Promise<{ bytes: Buffer; size: number }> {
  // Opening a pipe would wait for its other end.
  if (!(await lstat(place)).isFile()) throw unreadable(path, "it is no file");
  const handle = await open(place, "r");
  try {
    const { size } = await handle.stat();
    const from = Math.max(0, Math.trunc(offset));
    const bytes = Buffer.alloc(Math.max(0, Math.min(Math.trunc(length), size - from)));
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, from);
    return { bytes: bytes.subarray(0, bytesRead), size };
  } finally {
    await handle.close();
  }
}
