// The checkpoints of a run, those of all its attempts.
import { join } from "node:path";
import { attemptFiles, latestAttempt } from "../disk/runFolder";
import { discover } from "./discover";

/** From the absolute path to the name that people see: the newest attempt's by their path in the output, earlier ones with theirs. */
export async function runCheckpoints(runFolder: string): Promise<Map<string, string>> {
  const newest = latestAttempt(runFolder);
  const names = new Map<string, string>();
  for (let attempt = 1; attempt <= newest; attempt++) {
    const { out } = attemptFiles(runFolder, attempt);
    const { checkpoints } = await discover([{ absolute: out, prefix: "" }]);
    for (const { path } of checkpoints)
      names.set(join(out, path), attempt === newest ? path : `attempt ${attempt}/${path}`);
  }
  return names;
}
