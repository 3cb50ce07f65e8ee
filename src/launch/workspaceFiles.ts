// Which files of a workspace folder travel: what git tracks or would track, a recipe's inputs and the user's includes, less
// `.runsideignore`, and nothing that leaves the folder.
import type { BigIntStats } from "node:fs";
import { readFile, readlink, realpath } from "node:fs/promises";
import path from "node:path";
import { bytesOfName, nameOfBytes } from "../../core/base/byteName";
import { launchFailed } from "../../core/base/errors";
import { globRoot, isPattern, matchesGlob } from "../../core/recipes/glob";
import { ignoreFile, ignoreRules } from "../../core/recipes/ignoreRules";
import { insidePath } from "../../core/recipes/places";
import { takeTurns } from "./takeTurns";
import { diskPath, isHidden, statOf } from "./diskNames";
import { gitFiles } from "./gitFiles";
import { collision, leavingLinks, sameFile, tooMuch, unseen, type OnDisk } from "./uploadLimits";
import { named, ordinary, walkFiles } from "./walkFiles";

export interface WorkspaceFile {
  /** Relative to the folder, with `/`; bytes that are no UTF-8 as `core/base/byteName` writes them. */
  path: string;
  size: number;
  executable: boolean;
  /** What a symbolic link points to, relative to itself; null for a file. */
  target: string | null;
  stats: BigIntStats;
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
  /** The user's own, as `inputs`; one that matches nothing is no mistake. */
  include?: readonly string[];
  /** All that is there, without asking git: the folder holds a snapshot's files and nothing else. */
  everything?: boolean;
  maxFiles?: number;
  maxBytes?: number;
  signal?: AbortSignal;
}

export const uploadLimit = { maxFiles: 50_000, maxBytes: 200e6 };

/** Throws `run/launch-failed` with what stands in the way: too much, a link that leaves, a folder that may not be read, two names of one file. */
export async function listWorkspaceFiles(folder: string, options: WorkspaceOptions = {}): Promise<WorkspaceFiles> {
  const { signal, maxFiles = uploadLimit.maxFiles, maxBytes = uploadLimit.maxBytes } = options;
  const root = await realpath(folder);
  const listed = options.everything ? null : await gitFiles(root, signal);
  const closed = listed?.closed ?? [];
  const found = listed
    ? [...listed.files.keys()]
    : await walkFiles(root, "", options.everything ? named : ordinary, signal, (at) => closed.push(at));
  const isIgnored = ignoreRules(await readFile(path.join(root, ignoreFile), "utf8").catch(() => ""));
  const hidden = closed.filter((each) => !isIgnored(`${each}/`));
  const asked = await inputPaths(root, options, (at) => hidden.push(at), signal);
  const paths = [...new Set([...found.filter((each) => !isIgnored(each)), ...asked])].sort();

  const files: WorkspaceFile[] = [];
  const skipped: WorkspaceFiles["skipped"] = [];
  const refused: string[] = [];
  const seen: OnDisk[] = [];
  const turn = takeTurns(signal);
  for (const each of paths) {
    const others = turn();
    if (others) await others;
    const known = listed?.files.get(each);
    const stats = known === undefined ? statOf(root, each) : known;
    // Tracked, but deleted since: git lists it, the disk does not have it.
    if (!stats && isHidden(root, each)) hidden.push(each);
    else if (!stats) skipped.push({ path: each, why: "deleted" });
    else if (stats.isSymbolicLink()) {
      const target = await targetInside(root, each);
      if (target === null) refused.push(each);
      else files.push({ path: each, size: 0, executable: false, target, stats });
    } else if (stats.isFile()) {
      const executable = listed?.executables?.has(each) ?? (stats.mode & 0o100n) !== 0n;
      files.push({ path: each, size: Number(stats.size), executable, target: null, stats });
      seen.push({ path: each, dev: stats.dev, ino: stats.ino, links: stats.nlink });
    } else skipped.push({ path: each, why: "neither a file nor a link" });
  }
  if (hidden.length > 0) throw unseen(folder, hidden);
  const [pair, ...more] = sameFile(seen);
  if (pair) throw collision(folder, pair, more.length);
  if (refused.length > 0) throw leavingLinks(folder, refused);
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  if (files.length > maxFiles || bytes > maxBytes) throw tooMuch(folder, files, bytes, { maxFiles, maxBytes });
  return { files, bytes, source: listed ? "git" : "folder", skipped };
}

async function inputPaths(
  root: string,
  options: WorkspaceOptions,
  closed: (folder: string) => void,
  signal?: AbortSignal,
): Promise<string[]> {
  const paths: string[] = [];
  for (const glob of options.inputs ?? []) {
    const clean = insidePath(glob);
    if (clean === null)
      throw launchFailed(`The recipe's input "${glob}" lies outside the workspace; copy it in, or name a path inside.`);
    const matching = await matchesOf(root, clean, signal, closed);
    if (matching === null)
      throw launchFailed(`The recipe needs ${clean}, which is not in the workspace; build or fetch it first.`, {
        path: clean,
      });
    paths.push(...matching);
  }
  for (const glob of options.include ?? []) {
    const clean = insidePath(glob);
    if (clean === null)
      throw launchFailed(
        `"${glob}" (setting runside.include) lies outside the workspace; name a path inside, or copy it in.`,
      );
    paths.push(...((await matchesOf(root, clean, signal, closed)) ?? []));
  }
  return paths;
}

/** Null where a plain path is not there. A pattern may pass folders that it is not about: only of a path are the closed ones told. */
export async function matchesOf(
  root: string,
  glob: string,
  signal?: AbortSignal,
  closed?: (folder: string) => void,
): Promise<string[] | null> {
  if (isPattern(glob)) {
    const below = await walkFiles(root, globRoot(glob), named, signal);
    return below.filter((each) => matchesGlob(glob, each));
  }
  const stats = statOf(root, glob);
  if (!stats) return null;
  return stats.isDirectory() ? walkFiles(root, glob, () => true, signal, closed) : [glob];
}

/** A link's target in relative form, where both the text and what it leads to stay inside; null where one leaves. */
async function targetInside(root: string, link: string): Promise<string | null> {
  const at = diskPath(root, link);
  const to = nameOfBytes(await readlink(at, { encoding: "buffer" }));
  const real = await realpath(at).catch(() => null);
  if (to.includes("\0") || link.includes("\0")) return bytesInside(to, link, root, real) ? to : null;
  const here = path.dirname(path.join(root, link));
  const goal = path.resolve(here, to);
  if (!isInside(root, goal) || !isInside(root, real ?? goal)) return null;
  return (path.relative(here, goal) || ".").replaceAll(path.sep, "/");
}

/** The same for names that are no text: kept as they are, so only relative ones can stay inside. */
function bytesInside(to: string, link: string, root: string, real: string | null): boolean {
  const parts = Buffer.from(bytesOfName(to) ?? [])
    .toString("latin1")
    .split("/");
  if (parts[0] === "" || (real !== null && !isInside(root, real))) return false;
  let depth =
    Buffer.from(bytesOfName(link) ?? [])
      .toString("latin1")
      .split("/").length - 1;
  return parts.every((part) => (depth += part === ".." ? -1 : part === "." || part === "" ? 0 : 1) >= 0);
}

const isInside = (root: string, target: string): boolean => target === root || target.startsWith(root + path.sep);
