// Success is a claim to check: what a run that exited 0 lacks of what its recipe promises, in one sentence, or null.
import { readdirSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { matchesGlob } from "../../core/recipes/glob";

const MAX_FILES = 20_000;
/** Some file systems keep the time of a change to two seconds. */
const COARSE_MS = 2000;

export interface Written {
  /** The attempt's own output folder. */
  out: string;
  /** Others that the program writes to, which hold what earlier runs left there too. */
  shared: readonly string[];
  /** When the attempt began; null where nobody knows, and then nothing in the shared folders counts as old. */
  since: number | null;
}

export function missingOutput(expects: readonly string[], { out, shared, since }: Written): string | null {
  if (expects.length === 0) return null;
  const present = listFiles(out);
  const own = (glob: string): boolean => present.some((path) => matchesGlob(glob, path));
  let missing = expects.filter((glob) => !own(glob));
  for (const folder of shared) {
    if (missing.length === 0) return null;
    const found = listFiles(folder);
    missing = missing.filter(
      (glob) => !found.some((path) => matchesGlob(glob, path) && isSince(join(folder, path), since)),
    );
  }
  return missing.length > 0 ? `it wrote no ${missing.join(", no ")}` : null;
}

function isSince(path: string, since: number | null): boolean {
  try {
    return since === null || statSync(path).mtimeMs >= since - COARSE_MS;
  } catch {
    return false;
  }
}

function listFiles(root: string): string[] {
  const found: string[] = [];
  const walk = (folder: string): void => {
    if (found.length > MAX_FILES) return;
    let entries;
    try {
      entries = readdirSync(folder, { withFileTypes: true });
    } catch {
      return;
    }
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) walk(path);
      else found.push(relative(root, path).split(sep).join("/"));
    }
  };
  walk(root);
  return found;
}
