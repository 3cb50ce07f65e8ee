// A small file that lies beside a source and says something of it.
import { readFileSync, statSync } from "node:fs";

const LARGEST = 1 << 20;

/** undefined where it is missing, no plain file, or not small. */
export function textBeside(path: string): string | undefined {
  try {
    const seen = statSync(path);
    return seen.isFile() && seen.size <= LARGEST ? readFileSync(path, "utf8") : undefined;
  } catch {
    return undefined;
  }
}
