// What a project says of its own CSV and JSON lines in .runside/sources.yaml: the nearest such file in a folder or above it.
import { dirname, join } from "node:path";
import type { FileProblem } from "../../core/base/projectFile";
import type { SourceMapping } from "../../core/trace/sourceMapping";
import { parseUserSources, userSourcesPath } from "../../core/trace/userSources";
import { readTextOrNull } from "./atomicFile";

export interface OwnSources {
  /** null where there is no such file. */
  path: string | null;
  text: string;
  mappings: readonly SourceMapping[];
  problems: readonly FileProblem[];
}

export const noOwnSources: OwnSources = { path: null, text: "", mappings: [], problems: [] };

/** `before`, where the file still says the same. */
export function ownSources(folder: string, before: OwnSources): OwnSources {
  for (let at = folder; ; at = dirname(at)) {
    const path = join(at, userSourcesPath);
    const text = readTextOrNull(path);
    if (text !== null)
      return path === before.path && text === before.text ? before : { path, text, ...parseUserSources(text) };
    if (dirname(at) === at) return before.path === null ? before : noOwnSources;
  }
}
