// Deleting a run: never a live one, in one rename, so that a run is there whole or not at all; then its files, links not followed.
import { randomBytes } from "node:crypto";
import { readdirSync, renameSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, RunsideError, runIsLive } from "../../core/base/errors";
import type { DiskUse } from "../../core/model/diskUse";
import { isLive } from "../../core/model/run";
import { leftWords } from "../../core/model/words";
import { diskUse } from "./diskUse";
import { mayLiveElsewhere, runElsewhere } from "./elsewhere";
import type { Home } from "./home";
import { readStatus } from "./runFolder";

const removing = /^\.removing-[0-9a-f]{12}$/;

/** What it takes, and, unless it is only asked, it is gone. Throws `run/not-found`, `run/live`. */
export async function removeRun(id: string, home: Home, dryRun: boolean): Promise<DiskUse> {
  const use = await diskUse(id, home);
  const folder = home.run(id);
  const { state, left } = readStatus(folder);
  if (isLive(state)) throw runIsLive(id, state);
  if (left) throw runIsLive(id, `${state}, but ${leftWords(left)}`);
  if (mayLiveElsewhere(folder)) throw runElsewhere(id);
  if (dryRun) return use;
  const beside = join(home.runs, `.removing-${randomBytes(6).toString("hex")}`);
  try {
    renameSync(folder, beside);
  } catch (error) {
    throw new RunsideError("internal", `${id} could not be deleted: ${messageOf(error)}.`, { cause: error });
  }
  await rm(beside, { recursive: true, force: true, maxRetries: 3 });
  sweep(home);
  return use;
}

/** What a removal left that was killed half-way. */
function sweep(home: Home): void {
  for (const name of readdirSync(home.runs)) {
    if (removing.test(name)) rmSync(join(home.runs, name), { recursive: true, force: true });
  }
}
