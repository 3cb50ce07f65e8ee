// Where a run writes besides its output folder: what its recipe declares, and what its log names.
import { basename } from "node:path";
import type { RunManifest } from "../../core/model/run";
import { absolute } from "../disk/home";
import { readBytesOf } from "../disk/readRange";
import type { Root } from "./targetIndex";

const LOG_SCAN = 1 << 20;

export const watchedRoots = ({ alsoWatch, cwd }: RunManifest): Root[] =>
  alsoWatch.map((at) => ({ absolute: absolute(at, cwd), prefix: `${basename(at)}/` }));

/** One order for a run and its copy: every agent must call the same curve the reward. */
export function rootsInOrder(attempts: readonly Root[], watched: readonly Root[], named: readonly Root[]): Root[] {
  const [first, ...others] = attempts;
  return [...(first ? [first] : []), ...watched, ...others, ...named];
}

/** The trainer's own line that names its output folder, looked for in a log that grows. */
export class OutputFromLog {
  private readonly pattern: RegExp | null;
  private found = false;
  private scannedTo = 0;

  constructor(private readonly manifest: RunManifest | null) {
    this.pattern = compiled(manifest?.outputFromLog, "m");
  }

  /** How many bytes of the log were looked through. */
  get scanned(): number {
    return this.scannedTo;
  }

  /** Another log. */
  begin(): void {
    this.found = false;
    this.scannedTo = 0;
  }

  /** The folder, once, when its line has come. */
  look(log: string): Root | null {
    if (!this.pattern || this.found) return null;
    const bytes = readBytesOf(log, this.scannedTo, LOG_SCAN);
    // Half a line would name half a path.
    const whole = bytes.lastIndexOf(10) + 1 || (bytes.length === LOG_SCAN ? bytes.length : 0);
    this.scannedTo += whole;
    const path = this.pattern.exec(bytes.toString("utf8", 0, whole))?.groups?.["path"];
    if (!path) return null;
    this.found = true;
    const folder = /\/traces\/[^/]+$/.test(path) ? path.replace(/\/traces\/[^/]+$/, "") : path;
    return { absolute: absolute(folder, this.manifest?.cwd), prefix: `${basename(folder)}/` };
  }

  /** The same for a log that is there: to its end, with room for others in between. */
  async lookThrough(log: string): Promise<Root | null> {
    if (!this.pattern) return null;
    for (;;) {
      const before = this.scannedTo;
      const root = this.look(log);
      if (root || this.scannedTo === before) return root;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

/** A recipe's pattern that is none finds nothing. */
export function compiled(pattern: string | null | undefined, flags: string): RegExp | null {
  try {
    return pattern ? new RegExp(pattern, flags) : null;
  } catch {
    return null;
  }
}
