// A folder without git, or the part of one that git ignores: every file below, but for what never should travel.
import { lstat, readdir } from "node:fs/promises";
import { joinNames, nameOfBytes } from "../../core/base/byteName";
import { throwIfAborted } from "./takeTurns";
import { diskPath, isRefusal } from "./diskNames";

const ignoredFolders = new Set(
  ".git .hg .svn node_modules __pycache__ .venv venv .mypy_cache .pytest_cache .ruff_cache .ipynb_checkpoints .tox wandb mlruns .runside-out".split(
    " ",
  ),
);
const ignoredEndings = /\.(?:pyc|pyo|ckpt|safetensors)$/i;
const weights = /\.(?:pt|pth|bin|gguf|onnx|h5|npz|arrow|parquet)$/i;
const largeWeights = 10e6;

export type Wanted = (name: string, isFolder: boolean, size: () => Promise<number>) => Promise<boolean> | boolean;

/** The list of names that never travel. */
export const ordinary: Wanted = async (name, isFolder, size) => {
  if (isFolder) return !ignoredFolders.has(name);
  if (ignoredEndings.test(name)) return false;
  return !weights.test(name) || (await size()) <= largeWeights;
};

/** What somebody named: all of it, but for git's own store. */
export const named: Wanted = (name) => name !== ".git";

/** `closed` is told of each folder that may not be read. */
export async function walkFiles(
  root: string,
  start: string,
  wanted: Wanted,
  signal?: AbortSignal,
  closed?: (folder: string) => void,
): Promise<string[]> {
  const names: string[] = [];
  const open = [start];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    throwIfAborted(signal);
    const folder = diskPath(root, at === "" ? "." : at);
    const entries = await readdir(folder, { withFileTypes: true, encoding: "buffer" }).catch((error: unknown) => {
      if (isRefusal(error)) closed?.(at);
      return [];
    });
    for (const entry of entries) {
      const name = nameOfBytes(entry.name);
      const path = joinNames(at, name);
      const size = async (): Promise<number> => (await lstat(diskPath(root, path)).catch(() => null))?.size ?? 0;
      if (!(await wanted(name, entry.isDirectory(), size))) continue;
      if (entry.isDirectory()) open.push(path);
      else if (entry.isFile() || entry.isSymbolicLink()) names.push(path);
    }
  }
  return names;
}
