// Where a run's commands start: a folder of the box as it is, or a snapshot laid out anew for this run alone. Made beside
// the run and moved in, so that a run's folder never holds half of its files.
import { randomBytes } from "node:crypto";
import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { launchFailed } from "../../core/base/errors";
import type { LaunchSpec } from "../../core/model/run";
import { absolute, type Home } from "../disk/home";
import { SnapshotStore } from "../disk/snapshotStore";
import { layOut } from "../disk/workingTree";

export interface Place {
  /** Answers the workspace folder, once the run's own folder is there. */
  moveInto(runFolder: string): string;
  discard(): void;
}

/** Throws `run/launch-failed` where the snapshot is not on the box, or its files do not fit. */
export async function preparePlace({ id, place }: LaunchSpec, home: Home): Promise<Place> {
  if ("folder" in place) {
    const folder = absolute(place.folder);
    return { moveInto: () => folder, discard: () => undefined };
  }
  const store = new SnapshotStore(home);
  const entries = store.entries(place.snapshot);
  if (!entries) throw launchFailed("The workspace's files are not on the box yet; run the config again to send them.");
  const beside = join(home.runs, `.${id}.${randomBytes(6).toString("hex")}`);
  const discard = (): void => rmSync(beside, { recursive: true, force: true });
  try {
    await layOut(entries, store.blobs, beside);
  } catch (error) {
    discard();
    throw error;
  }
  return {
    moveInto: (runFolder) => {
      const work = join(runFolder, "work");
      renameSync(beside, work);
      return work;
    },
    discard,
  };
}
