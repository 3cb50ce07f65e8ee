// What a config names and the upload leaves out: paths that are here, that git ignores, and that the box would miss. Found by
// what the values say, so it knows every recipe's keys and those of no recipe.
import { lstat, realpath } from "node:fs/promises";
import path from "node:path";
import { parseConfig } from "../../core/recipes/configText";
import { isPattern } from "../../core/recipes/glob";
import type { PreparedLaunch } from "../../core/recipes/launch";
import { folderOf, insidePath, joined } from "../../core/recipes/places";
import { diskPath } from "./diskNames";
import { walkFiles } from "./walkFiles";
import { listWorkspaceFiles, matchesOf, type WorkspaceOptions } from "./workspaceFiles";

export interface LeftOut {
  /** Relative to the workspace: a file or a folder, also as a glob for `include`. */
  path: string;
  /** How many files of it stay behind, and their size in bytes; of a huge folder only the first are counted. */
  files: number;
  bytes: number;
  /** Where the config names it, "" for the command itself. */
  key: string;
}

const MOST_COUNTED = 5000;

/** Keys of what a run writes: that it is not sent is as it should be. */
const outputs =
  /(?:^|_)(?:out|outputs?|save|saves|log|logs|logging|checkpoints?|ckpts?|results?|runs?|cache|traces?|wandb|tensorboard|export|exports)(?:_|$)/i;
const inputs = /resume|from|load|init|pretrained|input/i;
/** A single word is a path only where its key says so: `split: train` is no folder. */
const pathKeys = /path|dir|folder|file|root|data|model|checkpoint|adapter|tokenizer|prompt|image/i;

interface Named {
  key: string;
  value: string;
}

export async function leftOut(
  folder: string,
  launch: Pick<PreparedLaunch, "path" | "text" | "plan">,
  options: WorkspaceOptions = {},
): Promise<LeftOut[]> {
  const root = await realpath(folder);
  const { plan } = launch;
  const names = [
    ...valuesOf(parseConfig(launch.path, launch.text).doc, ""),
    ...plan.commands.flat().map((value) => ({ key: "", value })),
  ].filter(isInput);
  const bases = [...new Set([plan.cwd, folderOf(launch.path), ""])];
  const found = new Map<string, string>();
  for (const { key, value } of names) {
    for (const base of bases) {
      const at = insidePath(joined(base, value));
      if (at === null || at === "" || at === ".") continue;
      const there = isPattern(at) || (await lstat(path.join(root, at)).catch(() => null)) !== null;
      if (!there) continue;
      if (!found.has(at)) found.set(at, key);
      if (!isPattern(at)) break;
    }
  }
  if (found.size === 0) return [];
  const listing = await listWorkspaceFiles(folder, { inputs: plan.inputs, ...options });
  const sent = new Set(listing.files.map((file) => file.path));
  const missing: LeftOut[] = [];
  for (const [at, key] of found) {
    const behind = (await filesOf(root, at)).filter((each) => !sent.has(each));
    if (behind.length === 0) continue;
    const sizes = await Promise.all(behind.map((each) => lstat(diskPath(root, each)).catch(() => null)));
    const bytes = sizes.reduce((sum, stats) => sum + (stats?.size ?? 0), 0);
    missing.push({ path: at, key, files: behind.length, bytes });
  }
  return missing.sort((a, b) => b.bytes - a.bytes);
}

function* valuesOf(value: unknown, key: string): Generator<Named> {
  if (typeof value === "string") yield { key, value };
  else if (Array.isArray(value)) for (const each of value as unknown[]) yield* valuesOf(each, key);
  else if (typeof value === "object" && value !== null)
    for (const [name, each] of Object.entries(value)) yield* valuesOf(each, key === "" ? name : `${key}.${name}`);
}

function isInput(named: Named): boolean {
  // `--data=x.jsonl` and Hydra's `data.train=x.parquet`.
  const [, name, after] = /^(?:--)?([\w.-]+)=(.+)$/s.exec(named.value) ?? [];
  if (name !== undefined && after !== undefined && !named.value.includes("://")) {
    named.key = named.key === "" ? name : named.key;
    named.value = after;
  }
  const { key, value } = named;
  if (/^\.{1,2}\/?$/.test(value)) return false;
  if (value === "" || value.length > 1000 || /[\n\0{]|:\/\/|^[/~]|^[A-Za-z]:[\\/]/.test(value)) return false;
  const last = key.slice(key.lastIndexOf(".") + 1).replaceAll("-", "_");
  if (outputs.test(last) && !inputs.test(last)) return false;
  return /[./]/.test(value) || pathKeys.test(key);
}

/** Files at or below a path, without those that would never travel by themselves but for git's own store. */
async function filesOf(root: string, at: string): Promise<string[]> {
  if (isPattern(at)) return (await matchesOf(root, at)) ?? [];
  const stats = await lstat(path.join(root, at)).catch(() => null);
  if (!stats?.isDirectory()) return stats ? [at] : [];
  let counted = 0;
  return walkFiles(root, at, (name) => name !== ".git" && name !== "__pycache__" && ++counted <= MOST_COUNTED);
}

/** As a glob that matches this path and, where it holds glob characters, little else. */
export const includeOf = ({ path: at }: LeftOut): string => (isPattern(at) ? at : at.replace(/[*?{}]/g, "?"));
