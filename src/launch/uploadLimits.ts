// What stops an upload before it begins: too much, links that leave the workspace, names that are one file on this disk.
import { shownName } from "../../core/base/byteName";
import { launchFailed } from "../../core/base/errors";
import type { WorkspaceFile } from "./workspaceFiles";

export const several = (names: readonly string[]): string =>
  names.length <= 3
    ? names.map(shownName).join(", ")
    : `${names.slice(0, 3).map(shownName).join(", ")} and ${String(names.length - 3)} more`;

export const megabytes = (size: number): string =>
  size < 1e5 ? `${Math.ceil(size / 1000)} kB` : `${(size / 1e6).toFixed(size < 10e6 ? 1 : 0)} MB`;

export function leavingLinks(folder: string, links: readonly string[]): Error {
  const what = links.length === 1 ? "is a link that leaves" : "are links that leave";
  return launchFailed(
    `${several(links)} in ${folder} ${what} the workspace, so the box would not find the target; add to .runsideignore what the run does not need.`,
    { links },
  );
}

/** Without them the run would start and miss what nobody could see here. */
export function unseen(folder: string, hidden: readonly string[]): Error {
  const folders = new Set(hidden);
  const names = [...folders].filter((each) => !above(each).some((at) => folders.has(at))).map((each) => each || ".");
  const them = names.length === 1 ? "it" : "them";
  return launchFailed(
    `${several(names)} in ${folder} may not be read by you, so the box would not get what is there; make ${them} readable, or add ${them} to .runsideignore.`,
    { hidden: names },
  );
}

const above = (path: string): string[] =>
  path.split("/").flatMap((_, at, parts) => (at === 0 ? [] : parts.slice(0, at).join("/")));

export function tooMuch(
  folder: string,
  files: readonly WorkspaceFile[],
  bytes: number,
  limit: { maxFiles: number; maxBytes: number },
): Error {
  const biggest = [...files].sort((a, b) => b.size - a.size).slice(0, 3);
  const crowd = new Map<string, number>();
  for (const { path } of files) {
    const top = path.includes("/") ? path.split("/").slice(0, 2).join("/") : path;
    crowd.set(top, (crowd.get(top) ?? 0) + 1);
  }
  const crowded = [...crowd].sort((a, b) => b[1] - a[1]).slice(0, 3);
  const many = files.length > limit.maxFiles;
  const names = many
    ? crowded.map(([name, count]) => `${shownName(name)} (${String(count)} files)`)
    : biggest.map(({ path, size }) => `${shownName(path)} (${megabytes(size)})`);
  const size = many
    ? `${String(files.length)} files (the limit is ${String(limit.maxFiles)})`
    : `${megabytes(bytes)} (the limit is ${megabytes(limit.maxBytes)}, setting runside.upload.limitMB)`;
  return launchFailed(
    `The files of ${folder} are ${size}; the biggest are ${names.join(", ")}. Add to .runsideignore what the run does not need.`,
    { files: files.length, bytes, biggest: biggest.map(({ path }) => path) },
  );
}

/** What a disk says about one name. */
export interface OnDisk {
  path: string;
  dev: bigint;
  ino: bigint;
  links: bigint;
}

/** Names that differ in letter case alone and are one file here: on a disk that tells them apart, git's second file is missing. */
export function sameFile(files: readonly OnDisk[]): [string, string][] {
  const first = new Map<string, OnDisk>();
  const pairs: [string, string][] = [];
  for (const file of files) {
    const key = file.path.toLowerCase();
    const held = first.get(key);
    if (!held) first.set(key, file);
    // A hard link has two names of its own.
    else if (held.ino === file.ino && held.dev === file.dev && file.links === 1n) pairs.push([held.path, file.path]);
  }
  return pairs;
}

export const collision = (folder: string, [one, other]: [string, string], more: number): Error =>
  launchFailed(
    `${shownName(one)} and ${shownName(other)}${more > 0 ? ` (and ${String(more)} more pairs)` : ""} are two files in git and one on the disk of ${folder}, which takes upper and lower case for the same; rename one with git mv.`,
    { paths: [one, other] },
  );
