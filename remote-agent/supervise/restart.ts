// Another attempt of a run that ended badly: a box that restarted, a crash, a stop that was regretted. Nothing of the attempts before
// it is touched, and its folder is the token, as the run's own folder is for a launch.
import { appendFileSync, existsSync } from "node:fs";
import { launchFailed, messageOf, runNotFound } from "../../core/base/errors";
import { isLive, mayRestart } from "../../core/model/run";
import { leftWords } from "../../core/model/words";
import { mayLiveElsewhere, stopElsewhere } from "../disk/elsewhere";
import type { Home } from "../disk/home";
import { readManifest, readStatus } from "../disk/runFolder";
import { tooLittleRoom } from "./freeSpace";
import { logoutPlan } from "./logout";
import { confirm, makeAttempt, startedBySomebodyElse, startSupervisor, type LaunchOutcome } from "./supervisorStart";

export interface RestartWish {
  id: string;
  /** The attempt whose end was seen. */
  after: number;
  secrets: Record<string, string>;
}

/** Throws `run/not-found`, and `run/launch-failed` where this run is not to be restarted. */
export async function restart({ id, after, secrets }: RestartWish, home: Home): Promise<LaunchOutcome> {
  const folder = home.run(id);
  const manifest = readManifest(folder);
  if (!manifest) throw runNotFound(id);
  const { state, attempt, left = [] } = readStatus(folder);
  // The answer to this wish was lost, or somebody else had it too.
  if (attempt > after) return confirm(id, folder, startedBySomebodyElse);
  if (isLive(state)) throw launchFailed(`${id} is still running: stop it before it is restarted.`);
  if (!mayRestart(state)) throw launchFailed(`${id} has succeeded: run its config again for a run of its own.`);
  // Two of them would write into one output folder, and wait for each other's GPUs.
  if (mayLiveElsewhere(folder)) throw launchFailed(`${id} ${stopElsewhere}; it was not restarted.`);
  if (left.length > 0)
    throw launchFailed(`Of ${id}, ${leftWords(left)}: stop what is left (\`runside cancel ${id}\`), then restart it.`);
  const missing = manifest.secretNames.filter((name) => secrets[name] === undefined);
  if (missing.length > 0) throw launchFailed(`${id} needs ${missing.join(", ")} again: secrets are kept nowhere.`);
  if (!existsSync(manifest.cwd)) throw launchFailed(`The code of ${id} is not on the box any more (${manifest.cwd}).`);
  const short = tooLittleRoom(home.root);
  if (short) throw launchFailed(short);
  const plan = await logoutPlan();
  try {
    makeAttempt(folder, attempt + 1);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return confirm(id, folder, startedBySomebodyElse);
    throw launchFailed(`The restart could not be written to ${folder}: ${messageOf(error)}.`);
  }
  const supervisorEnd = startSupervisor(folder, attempt + 1, secrets, plan);
  try {
    appendFileSync(home.restarts, `${id}\n`, { mode: 0o600 });
  } catch {
    // It runs all the same; who has it as ended learns of it when it lists anew.
  }
  return confirm(id, folder, supervisorEnd);
}
