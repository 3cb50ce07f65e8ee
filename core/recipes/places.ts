// Paths inside a workspace, with `/`: what recipes need to find a program near its config. Pure.
import type { ConfigFile } from "./recipe";

export const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf("/")));
export const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
export const joined = (folder: string, path: string): string => (folder === "" ? path : `${folder}/${path}`);

/** The folder of a path and all above it, nearest first; the workspace itself ("") is the last. */
export function foldersAbove(path: string): string[] {
  const all: string[] = [];
  for (let at = folderOf(path); at !== ""; at = folderOf(at)) all.push(at);
  return [...all, ""];
}

/** The nearest folder at or above the config in which one of the files exists. */
export const nearestWith = (file: ConfigFile, names: readonly string[]): string | null =>
  foldersAbove(file.path).find((folder) => names.some((name) => file.exists(joined(folder, name)))) ?? null;

/** A path in the form that archives and globs use, or null where it leaves the folder it is relative to. */
export function insidePath(path: string): string | null {
  const parts: string[] = [];
  if (path.startsWith("/") || /^[A-Za-z]:[\\/]/.test(path) || path.includes("\0")) return null;
  for (const part of path.replaceAll("\\", "/").split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return null;
  }
  return parts.join("/");
}
