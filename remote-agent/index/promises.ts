// Success is a claim to check: what a run that exited 0 lacks of what its recipe promises, in one sentence, or null.
import { readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";
import type { RunManifest } from "../../core/model/run";
import { matchesGlob } from "../../core/recipes/glob";
import type { AttemptFiles } from "../disk/runFolder";

const MAX_FILES = 20_000;

export function missingOutput(manifest: RunManifest, files: AttemptFiles): string | null {
  if (manifest.expects.length === 0) return null;
  const present = listFiles(files.out);
  const missing = manifest.expects.filter((glob) => !present.some((path) => matchesGlob(glob, path)));
  return missing.length > 0 ? `it wrote no ${missing.join(", no ")}` : null;
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
