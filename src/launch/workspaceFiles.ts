// Which files of a workspace folder travel: what git tracks or would track, a recipe's inputs, and nothing that leaves the folder.
import type { Stats } from "node:fs";
import { lstat, readdir, readlink, realpath } from "node:fs/promises";
import path from "node:path";
import { cancelled, launchFailed } from "../../core/base/errors";
import { globRoot, isPattern, matchesGlob } from "../../core/recipes/glob";
import { insidePath } from "../../core/recipes/places";
import { readGit } from "./git";

export interface WorkspaceFile {
  /** Relative to the folder, with `/`. */
  path: string;
  size: number;
  executable: boolean;
  /** What a symbolic link points to, relative to itself; null for a file. */
  target: string | null;
}

export interface WorkspaceFiles {
  files: WorkspaceFile[];
  bytes: number;
  /** Who chose the files: git's own rules, or a list of names that never travel. */
  source: "git" | "folder";
  /** What was left out although it was listed, and why. */
  skipped: { path: string; why: string }[];
}

export interface WorkspaceOptions {
  /** Globs of files that git ignores and the run needs. */
  inputs?: readonly string[];
  maxFiles?: number;
  maxBytes?: number;
  signal?: AbortSignal;
}

const ignoredFolders = new Set(
  ".git .hg .svn node_modules __pycache__ .venv venv .mypy_cache .pytest_cache .ruff_cache .ipynb_checkpoints .tox wandb mlruns .runside-out".split(
    " ",
  ),
);
const ignoredEndings = /\.(?:pyc|pyo|ckpt|safetensors)$/i;
const weights = /\.(?:pt|pth|bin|gguf|onnx|h5|npz|arrow|parquet)$/i;
const largeWeights = 10e6;

export async function listWorkspaceFiles(folder: string, options: WorkspaceOptions = {}): Promise<WorkspaceFiles> {
  const { signal, maxFiles = 50_000, maxBytes = 200e6 } = options;
  const root = await realpath(folder);
  const listed = await gitPaths(root, "", signal);
  const found = listed ?? (await walk(root, "", signal, ordinary));
  const inputs = await inputPaths(root, options.inputs ?? [], signal);
  const paths = [...new Set([...found, ...inputs])].sort();

  const files: WorkspaceFile[] = [];
  const skipped: WorkspaceFiles["skipped"] = [];
  const refused: string[] = [];
  for (const each of paths) {
    throwIfAborted(signal);
    const stats = await statOf(path.join(root, each));
    // Tracked, but deleted since: git lists it, the disk does not have it.
    if (!stats) skipped.push({ path: each, why: each.includes("\uFFFD") ? "its name is no UTF-8" : "deleted" });
    else if (stats.isSymbolicLink()) {
      const target = await targetInside(root, each);
      if (target === null) refused.push(each);
      else files.push({ path: each, size: 0, executable: false, target });
    } else if (stats.isFile()) {
      files.push({ path: each, size: stats.size, executable: (stats.mode & 0o100) !== 0, target: null });
    } else skipped.push({ path: each, why: "neither a file nor a link" });
  }
  if (refused.length > 0) throw leavingLinks(folder, refused);
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  if (files.length > maxFiles || bytes > maxBytes) throw tooMuch(folder, files, bytes, { maxFiles, maxBytes });
  return { files, bytes, source: listed ? "git" : "folder", skipped };
}

/** Git's view of the folder, repositories inside it included; null where there is no repository or no git. */
async function gitPaths(root: string, prefix: string, signal?: AbortSignal): Promise<string[] | null> {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"];
  const listing = await readGit(path.join(root, prefix), args, signal);
  throwIfAborted(signal);
  if (!listing) return null;
  const paths: string[] = [];
  for (const name of listing.toString("utf8").split("\0")) {
    if (name === "") continue;
    const each = prefix + name.replace(/\/$/, "");
    const stats = name.endsWith("/") ? "folder" : await statOf(path.join(root, each));
    // A submodule, or a repository inside this one: listed as one entry, so its own git is asked.
    if (stats === "folder" || stats?.isDirectory()) paths.push(...((await gitPaths(root, `${each}/`, signal)) ?? []));
    else paths.push(each);
  }
  return paths;
}

type Wanted = (name: string, isFolder: boolean, size: () => Promise<number>) => Promise<boolean>;

const ordinary: Wanted = async (name, isFolder, size) => {
  if (isFolder) return !ignoredFolders.has(name);
  if (ignoredEndings.test(name)) return false;
  return !weights.test(name) || (await size()) <= largeWeights;
};

async function walk(root: string, start: string, signal: AbortSignal | undefined, wanted: Wanted): Promise<string[]> {
  const paths: string[] = [];
  const open = [start];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    throwIfAborted(signal);
    const entries = await readdir(path.join(root, at), { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const each = at === "" ? entry.name : `${at}/${entry.name}`;
      const size = async (): Promise<number> => (await statOf(path.join(root, each)))?.size ?? 0;
      if (!(await wanted(entry.name, entry.isDirectory(), size))) continue;
      if (entry.isDirectory()) open.push(each);
      else if (entry.isFile() || entry.isSymbolicLink()) paths.push(each);
    }
  }
  return paths;
}

async function inputPaths(root: string, globs: readonly string[], signal?: AbortSignal): Promise<string[]> {
  const paths: string[] = [];
  for (const glob of globs) {
    const clean = insidePath(glob);
    if (clean === null)
      throw launchFailed(`The recipe's input "${glob}" lies outside the workspace; copy it in, or name a path inside.`);
    if (isPattern(clean)) {
      const below = await walk(root, globRoot(clean), signal, (name) => Promise.resolve(name !== ".git"));
      paths.push(...below.filter((each) => matchesGlob(clean, each)));
    } else {
      const stats = await statOf(path.join(root, clean));
      if (!stats)
        throw launchFailed(`The recipe needs ${clean}, which is not in the workspace; build or fetch it first.`, {
          path: clean,
        });
      paths.push(...(stats.isDirectory() ? await walk(root, clean, signal, () => Promise.resolve(true)) : [clean]));
    }
  }
  return paths;
}

/** A link's target in relative form, where both the text and what it leads to stay inside; null where one leaves. */
async function targetInside(root: string, link: string): Promise<string | null> {
  const at = path.join(root, link);
  const here = path.dirname(at);
  const named = path.resolve(here, await readlink(at));
  if (!isInside(root, named)) return null;
  const real = await realpath(at).catch(() => named);
  if (!isInside(root, real)) return null;
  return (path.relative(here, named) || ".").replaceAll(path.sep, "/");
}

const isInside = (root: string, target: string): boolean => target === root || target.startsWith(root + path.sep);

const statOf = (file: string): Promise<Stats | null> => lstat(file).catch(() => null);

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw cancelled();
}

const several = (names: readonly string[]): string =>
  names.length <= 3 ? names.join(", ") : `${names.slice(0, 3).join(", ")} and ${String(names.length - 3)} more`;

function leavingLinks(folder: string, links: readonly string[]): Error {
  const what = links.length === 1 ? "is a link that leaves" : "are links that leave";
  return launchFailed(
    `${several(links)} in ${folder} ${what} the workspace, so the box would not find the target; add to .gitignore what the run does not need.`,
    { links },
  );
}

function tooMuch(
  folder: string,
  files: readonly WorkspaceFile[],
  bytes: number,
  limit: { maxFiles: number; maxBytes: number },
): Error {
  const megabytes = (size: number): string => `${(size / 1e6).toFixed(size < 10e6 ? 1 : 0)} MB`;
  const biggest = [...files].sort((a, b) => b.size - a.size).slice(0, 3);
  const crowd = new Map<string, number>();
  for (const { path: each } of files) {
    const top = each.includes("/") ? `${each.split("/").slice(0, 2).join("/")}` : each;
    crowd.set(top, (crowd.get(top) ?? 0) + 1);
  }
  const crowded = [...crowd].sort((a, b) => b[1] - a[1]).slice(0, 3);
  const many = files.length > limit.maxFiles;
  const names = many
    ? crowded.map(([name, count]) => `${name} (${String(count)} files)`)
    : biggest.map(({ path: each, size }) => `${each} (${megabytes(size)})`);
  const size = many
    ? `${String(files.length)} files (the limit is ${String(limit.maxFiles)})`
    : `${megabytes(bytes)} (the limit is ${megabytes(limit.maxBytes)})`;
  return launchFailed(
    `The files of ${folder} are ${size}; the biggest are ${names.join(", ")}. Add to .gitignore what the run does not need.`,
    {
      files: files.length,
      bytes,
      biggest: biggest.map(({ path: each }) => each),
    },
  );
}
