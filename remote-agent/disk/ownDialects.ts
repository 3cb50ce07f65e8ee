// The dialects that a project declares in .runside/dialects.yaml: the nearest such file above a folder.
import { dirname, join } from "node:path";
import type { ActionDialect } from "../../core/actions/dialect";
import { parseUserDialects, userDialectsPath, type DialectProblem } from "../../core/actions/userDialects";
import { readTextOrNull } from "./atomicFile";

export interface OwnDialects {
  /** null where there is no such file. */
  path: string | null;
  dialects: readonly ActionDialect[];
  problems: readonly DialectProblem[];
}

/** False for whoever looks on behalf of a workspace that is not trusted: a pattern can keep a process busy for good. */
export const mayUseOwnPatterns = (): boolean => process.env["RUNSIDE_OWN_DIALECTS"] !== "0";

export function ownDialects(folder: string): OwnDialects {
  if (!mayUseOwnPatterns()) return { path: null, dialects: [], problems: [] };
  for (let at = folder; ; at = dirname(at)) {
    const path = join(at, userDialectsPath);
    const text = readTextOrNull(path);
    if (text !== null) return { path, ...parseUserDialects(text) };
    if (dirname(at) === at) return { path: null, dialects: [], problems: [] };
  }
}
