// What the recipes of well-known trainers share: their progress bar, where they start, and a plan without surprises.
import { numberAt, stringAt, valueAt } from "./configText";
import { foldersAbove, joined } from "./places";
import type { ConfigFile, LaunchPlan } from "./recipe";

/**
 * tqdm's bar as Hugging Face's Trainer draws it, without a description (formats/gui-and-trainers.md 3.1); ms-swift says `Train:`.
 * Bars end in a carriage return, so that one line of a log holds many: the last one counts.
 */
export const trainerBar = "^(?:[^\\n]*\\r)?(?:Train: *)?\\s*\\d+%\\|[^|]*\\|\\s*(?<step>\\d+)/(?<total>\\d+) ?\\[";

export const planOf = (commands: string[][], more: Partial<LaunchPlan> = {}): LaunchPlan => ({
  commands,
  cwd: "",
  env: { PYTHONUNBUFFERED: "1" },
  progress: { pattern: trainerBar, total: null },
  outputFromLog: null,
  alsoWatch: [],
  expects: [],
  inputs: [],
  seed: null,
  note: null,
  ...more,
});

/** A number of steps that is one: trainers write -1 for "as many as the epochs have". */
export function stepsAt(doc: unknown, ...keys: string[]): number | null {
  for (const key of keys) {
    const value = numberAt(doc, key);
    if (value !== null && value > 0) return value;
  }
  return null;
}

/** Local paths among some values of a config: texts and lists of texts that look like files. */
export function localPaths(doc: unknown, ...keys: string[]): string[] {
  const found = keys.flatMap((key) => {
    const value = valueAt(doc, key);
    return Array.isArray(value) ? (value as unknown[]) : [value];
  });
  return found.filter(
    (value): value is string =>
      typeof value === "string" && /^[^:\s][^:\n]*\.[A-Za-z0-9]+$/.test(value) && !value.startsWith("/"),
  );
}

const plain = (path: string): string => path.replace(/^\.\//, "");

/** The nearest folder at or above the config from which one of these paths exists; the workspace where none does. */
export const folderWith = (file: ConfigFile, paths: readonly string[]): string =>
  foldersAbove(file.path).find((folder) => paths.some((path) => file.exists(joined(folder, plain(path))))) ?? "";

/** Those of the paths that lie in the workspace: git may ignore them, and the run needs them. */
export const inputsIn = (file: ConfigFile, folder: string, paths: readonly string[]): string[] => [
  ...new Set(paths.map((path) => joined(folder, plain(path))).filter((path) => file.exists(path))),
];

export const has = (doc: unknown, ...keys: string[]): boolean => keys.some((key) => valueAt(doc, key) !== undefined);
export const isText = (doc: unknown, key: string): boolean => stringAt(doc, key) !== null;

/** Said where a launch puts the output somewhere else than the config does: no run overwrites another one's. */
export function outputNote(doc: unknown, key: string): string | null {
  const own = stringAt(doc, key);
  return own === null ? null : `Writes to the run's own folder instead of ${own}, so that no run overwrites another.`;
}
