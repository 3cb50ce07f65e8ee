// Where things lie: the project's root, its packages, and the ignored folder for everything that the scripts make.
import { join, resolve } from "node:path";

export const projectRoot = resolve(__dirname, "..");

export function devFolder(...parts: string[]): string {
  return join(projectRoot, ".runside-dev", ...parts);
}

export function nodeModule(path: string): string {
  return join(projectRoot, "node_modules", path);
}

/** The command that runs one of our TypeScript files, in one process and from the project's root. */
export function tsx(script: string, ...args: string[]): string[] {
  return [process.execPath, "--import", "tsx", script, ...args];
}
