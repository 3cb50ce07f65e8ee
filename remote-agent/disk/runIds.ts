// Which runs a store holds, by the names of their folders.
import { readdirSync, statSync } from "node:fs";
import { runIdPattern } from "../../core/model/run";

/** Empty where the folder is missing. */
export function idsIn(folder: string): Set<string> {
  try {
    return new Set(readdirSync(folder).filter((name) => runIdPattern.test(name)));
  } catch {
    return new Set();
  }
}

/** File systems tell times in steps: what happens within one step of a reading leaves the time as it was. */
const STEP_MS = 2000;

/** The same for somebody who asks every second: read anew only where the folder has changed, else the same set again. */
export class RunIds {
  private ids = new Set<string>();
  private changedAt = Number.NaN;
  private readAt = 0;

  constructor(private readonly folder: string) {}

  now(): ReadonlySet<string> {
    const changedAt = statSync(this.folder, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (changedAt === this.changedAt && this.readAt - changedAt > STEP_MS) return this.ids;
    this.readAt = Date.now();
    this.changedAt = changedAt;
    this.ids = idsIn(this.folder);
    return this.ids;
  }
}
