// Walks an experiment folder: which files may be sources, which folders are checkpoints, where the screenshots lie.
// Bounded in depth and number, so that opening a home folder by mistake ends.
import { open, readdir, realpath, stat } from "node:fs/promises";
import { basename, join, relative, sep } from "node:path";
import type { Checkpoint } from "../../core/model/evaluation";
import type { SourceSample } from "../../core/trace/reader";

const MAX_DEPTH = 7;
const MAX_ENTRIES = 60_000;
export const HEAD_BYTES = 64 * 1024;

const skipFolders = new Set([".git", "node_modules", "__pycache__", ".venv", "venv", ".cache", ".ipynb_checkpoints"]);
export const sourceName = /\.(jsonl|ndjson|json)$/i;
const imageName = /\.(png|jpe?g|webp|gif|bmp)$/i;
const weightName = /^(adapter_config\.json|.*\.safetensors|.*\.bin|.*\.pt|.*\.pth|trainer_state\.json|weights\..*)$/;
const checkpointName = /^(?:checkpoint[-_]?(\d+)|(?:.*_)?step[-_]?(\d+)|epoch[-_]?(\d+)|.*_final|final)$/;

export interface Found {
  files: { path: string; absolute: string }[];
  /** By base name: several folders may hold a `step_0.png`. */
  images: Map<string, string[]>;
  checkpoints: Checkpoint[];
  folders: string[];
  /** True where the walk stopped at its bounds. */
  cut: boolean;
}

export async function discover(roots: readonly { absolute: string; prefix: string }[]): Promise<Found> {
  const found: Found = { files: [], images: new Map(), checkpoints: [], folders: [], cut: false };
  let seen = 0;
  const walk = async (folder: string, root: string, prefix: string, depth: number): Promise<void> => {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    found.folders.push(folder);
    const checkpoint = checkpointOf(folder, root, prefix, entries);
    if (checkpoint) found.checkpoints.push(checkpoint);
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      if (++seen > MAX_ENTRIES) {
        found.cut = true;
        return;
      }
      const absolute = join(folder, entry.name);
      const path = prefix + relative(root, absolute).split(sep).join("/");
      const isFolder = entry.isDirectory() || (entry.isSymbolicLink() && (await isFolderLink(absolute, root)));
      if (isFolder) {
        if (depth >= MAX_DEPTH) found.cut = true;
        else if (!skipFolders.has(entry.name) && !checkpoint) await walk(absolute, root, prefix, depth + 1);
      } else if (imageName.test(entry.name)) {
        const same = found.images.get(entry.name);
        if (same) same.push(path);
        else found.images.set(entry.name, [path]);
      } else if (sourceName.test(entry.name) && !checkpoint) found.files.push({ path, absolute });
    }
  };
  for (const root of roots) {
    const seenRoot = await stat(root.absolute).catch(() => null);
    if (seenRoot?.isFile()) found.files.push({ path: root.prefix + basename(root.absolute), absolute: root.absolute });
    else if (seenRoot?.isDirectory()) await walk(root.absolute, root.absolute, root.prefix, 0);
  }
  return found;
}

/** A link to a folder is followed unless it leads back above itself, which would never end. */
async function isFolderLink(path: string, root: string): Promise<boolean> {
  const seen = await stat(path).catch(() => null);
  if (!seen?.isDirectory()) return false;
  const real = await realpath(path);
  return !root.startsWith(real) && !real.startsWith(root);
}

function checkpointOf(
  folder: string,
  root: string,
  prefix: string,
  entries: readonly { name: string; isFile(): boolean }[],
): Checkpoint | null {
  if (folder === root || !entries.some((e) => e.isFile() && weightName.test(e.name))) return null;
  const name = basename(folder);
  const match = checkpointName.exec(name);
  const holdsWeights = entries.some(
    (e) => /\.(safetensors|bin|pt|pth)$/.test(e.name) || e.name === "adapter_config.json",
  );
  if (!match && !holdsWeights) return null;
  const digits = match?.[1] ?? match?.[2] ?? match?.[3];
  return {
    path: prefix + relative(root, folder).split(sep).join("/"),
    name,
    step: digits === undefined ? null : Number(digits),
  };
}

export async function sampleOf(file: { path: string; absolute: string }): Promise<SourceSample | null> {
  try {
    const handle = await open(file.absolute, "r");
    try {
      const { size } = await handle.stat();
      const bytes = Buffer.alloc(Math.min(size, HEAD_BYTES));
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
      return { path: file.path, size, head: bytes.toString("utf8", 0, bytesRead) };
    } finally {
      await handle.close();
    }
  } catch {
    return null;
  }
}
