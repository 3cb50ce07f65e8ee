// The files of a run that are worth keeping, and pieces of them: regular files inside the folders it wrote to, whatever is asked.
import { createHash } from "node:crypto";
import { lstat, open, realpath } from "node:fs/promises";
import { resolve } from "node:path";
import { RunsideError, runNotFound } from "../../core/base/errors";
import type { RunManifest } from "../../core/model/run";
import { mostPerPiece, type keeping } from "../../core/protocol/keeping";
import type { Handlers } from "../../core/protocol/define";
import { isInside, type Home } from "../disk/home";
import { readManifest } from "../disk/runFolder";
import { keptFiles } from "../index/keptFiles";
import { outsideRoots, type OutsideRoot } from "../index/outsideRoots";
import { Target } from "../index/target";

const unreadable = (path: string, why: string): RunsideError =>
  new RunsideError("trace/unreadable", `${path} cannot be read: ${why}.`, { data: { path } });

export function keepingHandlers(home: Home): Handlers<typeof keeping> {
  /** As the last list of a run had them: to find them, its whole log may have to be read. */
  const listed = new Map<string, Promise<OutsideRoot[]>>();
  const opened = (id: string): { folder: string; manifest: RunManifest } => {
    const folder = home.run(id);
    const manifest = readManifest(folder);
    if (!manifest) throw runNotFound(id);
    return { folder, manifest };
  };
  return {
    list: async ({ id }) => {
      const { folder, manifest } = opened(id);
      const looking = outsideRoots(folder, manifest);
      listed.set(id, looking);
      const roots = await looking;
      const outside = roots.map(({ folder: at, prefix, fromLog }) => ({ folder: at, prefix, fromLog }));
      return { but: lackOf(id, home), ...(await keptFiles(folder, manifest, roots, home)), outside };
    },
    piece: async ({ id, path, offset, length }) => {
      const { folder, manifest } = opened(id);
      const elsewhere = path.startsWith("outside/");
      const looking = elsewhere ? (listed.get(id) ?? outsideRoots(folder, manifest)) : Promise.resolve([]);
      if (elsewhere) listed.set(id, looking);
      const place = await placeOf(folder, await looking, path);
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

/** What is asked for and the folder that it must not lead out of. */
async function placeOf(folder: string, outside: readonly OutsideRoot[], path: string): Promise<string> {
  const root = outside.find((each) => each.isCopied && `${path}/`.startsWith(`${each.folder}/`));
  const within = root?.absolute ?? folder;
  const place = root ? resolve(within, `.${path.slice(root.folder.length)}`) : resolve(folder, path);
  if (path.includes("\0") || !isInside(place, within) || place === folder) {
    throw unreadable(path, "it lies outside the run's folder");
  }
  const real = await realpath(place).catch(() => null);
  if (real === null) throw unreadable(path, "there is no such file");
  if (!isInside(real, await realpath(within))) throw unreadable(path, "it leads outside the run's folder");
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
