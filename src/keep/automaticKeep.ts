// Runs that end while this window looks at their box are kept, without checkpoints, where the setting says so.
import path from "node:path";
import type { Scope } from "../../core/base/disposable";
import { asRunsideError } from "../../core/base/errors";
import type { Logger } from "../../core/base/logger";
import { isLive } from "../../core/model/run";
import { localBox, type BoxId } from "../runs/box";
import type { Boxes, BoxSession } from "../runs/boxes";
import type { RunSecrets } from "../runs/runSecrets";
import { keepRun } from "./keepRun";

export interface AutomaticKeep {
  boxes: Boxes;
  secrets: RunSecrets;
  logger: Logger;
  isOn: () => boolean;
  /** Where kept runs lie just now. */
  root: () => string;
  onKept: (folder: string) => Promise<void> | void;
  /** A sentence for people: once, and again only after one could be kept in between. */
  onFailed: (sentence: string) => void;
}

/** Below the folder of all kept runs. */
export const keptFolder = (root: string, box: BoxId, id: string): string =>
  path.join(root, box.replace(/[^\w.-]/g, "_"), id);

export function keepAutomatically(parts: AutomaticKeep, scope: Scope): void {
  const live = new Set<string>();
  let told = false;
  const keep = async (session: BoxSession, id: string): Promise<void> => {
    const folder = keptFolder(parts.root(), session.id, id);
    try {
      const peer = await session.link.peer();
      const secrets = await parts.secrets.knownForCopy();
      await keepRun({ peer, id, box: session.label, folder, checkpoints: [], secrets });
      told = false;
      await parts.onKept(folder);
    } catch (error) {
      const { code, message } = asRunsideError(error);
      parts.logger.log("warn", "view", `${id} was not kept`, message);
      if (told || code === "cancelled") return;
      told = true;
      const name = session.directory.get(id)?.name ?? id;
      parts.onFailed(
        `${name} ended on ${session.label} and could not be kept by itself (${message}): Keep Run in its menu tries again. Others that fail are named in the log alone.`,
      );
    }
  };
  scope.add(
    parts.boxes.onChange((session) => {
      if (!session?.directory.loaded || session.id === localBox || !parts.isOn()) return;
      for (const { id, status } of session.directory.list()) {
        const key = `${session.id} ${id}`;
        if (isLive(status.state)) live.add(key);
        else if (live.delete(key)) void keep(session, id);
      }
    }),
  );
}
