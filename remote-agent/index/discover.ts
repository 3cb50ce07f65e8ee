// Walks an experiment folder: which files may be sources, which folders are checkpoints, where the screenshots lie.
// Bounded in depth and number, so that opening a home folder by mistake ends.
import { open, readdir, readFile, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import { isFields, parseJsonLine, textOf } from "../../core/base/json";
import type { Diagnostic } from "../../core/model/diagnostic";
import type { Checkpoint } from "../../core/model/evaluation";
import type { SourceSample } from "../../core/trace/reader";
import { isInside } from "../disk/home";
import { textAt } from "../disk/ranges";

const MAX_DEPTH = 7;
const MAX_ENTRIES = 60_000;
export const HEAD_BYTES = 64 * 1024;

/** Other programs' own. */
export const skipFolders = new Set([
  ".git",
  "node_modules",
  "__pycache__",
  ".venv",
  "venv",
  ".cache",
  ".ipynb_checkpoints",
]);
/** What may be a source by its name; whether it is one, its first bytes say. */
export const sourceName = /\.(jsonl|ndjson|json|log|txt|out|csv|tsv|parquet|wandb)$|\btfevents\b/i;
const PARQUET = "PAR1";
const ADAPTER = "adapter_config.json";
const imageName = /\.(png|jpe?g|webp|gif|bmp)$/i;
const weightName = /^(adapter_config\.json|.*\.safetensors|.*\.bin|.*\.pt|.*\.pth|trainer_state\.json|weights\..*)$/;
const checkpointName = /^(?:checkpoint[-_]?(\d+)|(?:.*_)?step[-_]?(\d+)|epoch[-_]?(\d+)|.*_final|final)$/;
/** The run that a name tells before its step or its end: `pear` of `pear_step_100` and `pear_final`. */
const checkpointOwner = /^(?!global_)(.+)_(?:step[-_]?\d+|final)$/;
/** No part of a checkpoint: a folder that holds one is a run's, whatever it is called. */
const logName = /\.(jsonl|ndjson|log|out|csv|tsv|parquet|wandb)$|\btfevents\b/i;
const STATE = "trainer_state.json";

export interface Found {
  files: { path: string; absolute: string }[];
  /** By base name: several folders may hold a `step_0.png`. */
  images: Map<string, string[]>;
  checkpoints: Checkpoint[];
  folders: string[];
  /** What people should know of the files that were chosen. */
  notes: Diagnostic[];
  /** True where the walk stopped at its bounds. */
  cut: boolean;
}

/** `isNamed`: whether the project says itself what this file is, whatever it is called. */
export async function discover(
  roots: readonly { absolute: string; prefix: string }[],
  isNamed: (path: string) => boolean = () => false,
): Promise<Found> {
  const found: Found = { files: [], images: new Map(), checkpoints: [], folders: [], notes: [], cut: false };
  let seen = 0;
  const states: State[] = [];
  const walk = async (folder: string, root: WalkRoot, depth: number): Promise<void> => {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    found.folders.push(folder);
    const checkpoint = await checkpointOf(folder, root, entries);
    // A run's own folder may hold the final weights beside its logs.
    const sealed = checkpoint !== null && isSealed(checkpoint.name, entries);
    if (checkpoint) found.checkpoints.push(checkpoint);
    const inside: string[] = [];
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (++seen > MAX_ENTRIES) {
        found.cut = true;
        return;
      }
      const absolute = join(folder, entry.name);
      const path = root.prefix + relative(root.absolute, absolute).split(sep).join("/");
      const kind = entry.isSymbolicLink() ? await kindOfLink(absolute, root) : kindOf(entry);
      if (kind === "folder") inside.push(absolute);
      // Opening a pipe would wait for its other end, for ever.
      else if (kind !== "file") continue;
      else if (imageName.test(entry.name)) {
        const same = found.images.get(entry.name);
        if (same) same.push(path);
        else found.images.set(entry.name, [path]);
      } else if (sealed && entry.name === STATE && checkpoint.step !== null) {
        const run = join(dirname(folder), checkpointOwner.exec(checkpoint.name)?.[1] ?? "");
        const { mtimeMs } = await stat(absolute).catch(() => ({ mtimeMs: 0 }));
        states.push({ run, step: checkpoint.step, time: mtimeMs, path, absolute });
      } else if (sealed && entry.name === STATE) found.files.push({ path, absolute });
      else if (!sealed && (sourceName.test(entry.name) || isNamed(path))) found.files.push({ path, absolute });
    }
    // Folders after files: a hundred thousand screenshots must not hide the trace beside their folder.
    for (const absolute of inside) {
      if (depth >= MAX_DEPTH) found.cut = true;
      else if (!skipFolders.has(basename(absolute)) && !sealed) await walk(absolute, root, depth + 1);
    }
  };
  for (const { absolute, prefix } of roots) {
    const seenRoot = await stat(absolute).catch(() => null);
    if (seenRoot?.isFile()) found.files.push({ path: prefix + basename(absolute), absolute });
    else if (seenRoot?.isDirectory()) {
      const real = await realpath(absolute).catch(() => absolute);
      await walk(absolute, { absolute, prefix, real, linked: new Set() }, 0);
    }
  }
  found.checkpoints.sort(byStep);
  for (const { file, note } of lastStates(states)) {
    found.files.push(file);
    if (note) found.notes.push(note);
  }
  return found;
}

interface State {
  run: string;
  step: number;
  time: number;
  path: string;
  absolute: string;
}

/** A copy writes all of a folder within this time, in whatever order. */
const COPYING_MS = 3_600_000;

/**
 * Each of a Trainer's checkpoints repeats the history so far, so the last one written stands for all of a run. An older one of a
 * higher step may be left of another run or come from a copy, so it is read as well: one run's values agree, and are one curve.
 */
function lastStates(states: readonly State[]): { file: Found["files"][number]; note?: Diagnostic }[] {
  const newest = new Map<string, State>();
  const furthest = new Map<string, State>();
  for (const state of states) {
    const { run, step, time } = state;
    const [late, far] = [newest.get(run), furthest.get(run)];
    if (!late || time > late.time || (time === late.time && step >= late.step)) newest.set(run, state);
    if (!far || step >= far.step) furthest.set(run, state);
  }
  return [...newest].flatMap(([run, late]) => {
    const far = furthest.get(run);
    if (!far || far.step === late.step) return [{ file: late }];
    if (late.time - far.time < COPYING_MS) return [{ file: late }, { file: far }];
    const message = `this checkpoint's step is higher than that of ${late.path}, which was written later: it may be left of an earlier run; if so, delete its folder`;
    const note: Diagnostic = {
      code: "older-checkpoint",
      severity: "info",
      message,
      path: far.path,
      line: null,
      count: 1,
    };
    return [{ file: late }, { file: far, note }];
  });
}

function isSealed(name: string, entries: readonly { name: string; isDirectory(): boolean }[]): boolean {
  if (!checkpointName.test(name) || entries.some((entry) => logName.test(entry.name))) return false;
  return !checkpointOwner.test(name) || !entries.some((entry) => entry.isDirectory());
}

interface WalkRoot {
  absolute: string;
  prefix: string;
  real: string;
  /** Folders reached through links so far: each is walked once, or two that link to each other would never end. */
  linked: Set<string>;
}

type Kind = "file" | "folder" | "other";

const kindOf = (entry: { isFile(): boolean; isDirectory(): boolean }): Kind =>
  entry.isFile() ? "file" : entry.isDirectory() ? "folder" : "other";

/** A link to a folder is followed unless that folder is walked anyway, or holds the root. */
async function kindOfLink(path: string, root: WalkRoot): Promise<Kind> {
  const seen = await stat(path).catch(() => null);
  if (!seen?.isDirectory()) return seen ? kindOf(seen) : "other";
  const real = await realpath(path).catch(() => root.real);
  if (isInside(root.real, real) || isInside(real, root.real) || root.linked.has(real)) return "other";
  root.linked.add(real);
  return "folder";
}

async function checkpointOf(
  folder: string,
  root: WalkRoot,
  entries: readonly { name: string; isFile(): boolean }[],
): Promise<Checkpoint | null> {
  if (folder === root.absolute || !entries.some((e) => e.isFile() && weightName.test(e.name))) return null;
  const name = basename(folder);
  const isAdapter = entries.some((e) => e.isFile() && e.name === ADAPTER);
  const holdsWeights = isAdapter || entries.some((e) => /\.(safetensors|bin|pt|pth)$/.test(e.name));
  if (!checkpointName.test(name) && !holdsWeights) return null;
  const path = relative(root.absolute, folder).split(sep).join("/");
  const base = isAdapter ? await baseOf(join(folder, ADAPTER)) : null;
  return { path: root.prefix + path, name, step: stepIn(path), ...(base === null ? {} : { base }) };
}

/** Of the folder, or of the one that holds it: `step_20/weight`, `global_step_20/actor`, `checkpoint-20/adapter`. */
function stepIn(path: string): number | null {
  for (const name of path.split("/").reverse().slice(0, 3)) {
    const match = checkpointName.exec(name);
    const digits = match?.[1] ?? match?.[2] ?? match?.[3];
    if (digits !== undefined) return Number(digits);
    if (match) return null;
  }
  return null;
}

/** The model that PEFT's adapter is laid over; null where its config does not say, or is no small JSON. */
async function baseOf(path: string): Promise<string | null> {
  const { size } = await stat(path).catch(() => ({ size: Infinity }));
  const parsed = size > HEAD_BYTES ? null : parseJsonLine(await readFile(path, "utf8").catch(() => ""));
  return parsed?.ok && isFields(parsed.value) ? textOf(parsed.value.base_model_name_or_path) : null;
}

/** By step, whatever their names sort like; those without one (`final`, `best`) last, in the walk's order. */
const byStep = (a: Checkpoint, b: Checkpoint): number =>
  a.step === b.step ? 0 : (a.step ?? Infinity) < (b.step ?? Infinity) ? -1 : 1;

export async function sampleOf(file: { path: string; absolute: string }): Promise<SourceSample | null> {
  try {
    const handle = await open(file.absolute, "r");
    try {
      const { size } = await handle.stat();
      const bytes = Buffer.alloc(Math.min(size, HEAD_BYTES));
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
      const head = bytes.toString("utf8", 0, bytesRead).replace(/^\uFEFF/, "");
      if (!head.startsWith(PARQUET)) return { path: file.path, size, head };
      await handle.read(bytes, 0, bytes.length, size - bytes.length);
      return { path: file.path, size, head, tail: bytes.toString("utf8") };
    } finally {
      await handle.close();
    }
  } catch {
    return null;
  }
}

/**
 * With as much again of its end, for a file that nobody knows by its beginning: there metrics show that stand behind a long preamble,
 * and what a line that is longer than its beginning ends with. null where it has no other end, or none that would tell.
 */
export async function withEnd(absolute: string, sample: SourceSample): Promise<SourceSample | null> {
  const { path, size, head } = sample;
  if (size <= HEAD_BYTES || !(/\.(log|txt|out)$/i.test(path) || !head.includes("\n"))) return null;
  const tail = await textAt(absolute, size - HEAD_BYTES, HEAD_BYTES).catch(() => null);
  return tail === null ? null : { ...sample, tail };
}
