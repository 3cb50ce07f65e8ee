// Where things lie: the project's root, and the ignored folder that everything made by the scripts goes into.
import { join, resolve } from "node:path";

export const projectRoot = resolve(__dirname, "..");

export function devFolder(...parts: string[]): string {
  return join(projectRoot, ".runside-dev", ...parts);
}
