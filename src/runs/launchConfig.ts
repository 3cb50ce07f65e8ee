// From a config in the workspace to a started run on a box. Nothing is touched before the config has been read and planned.
import path from "node:path";
import { RunsideError } from "../../core/base/errors";
import { newRunId } from "../../core/model/run";
import { runs } from "../../core/protocol/runs";
import type { Peer } from "../../core/rpc/peer";
import { boxStore } from "../launch/boxStore";
import type { ReadyLaunch } from "../launch/buildSpec";
import { sendSnapshot } from "../launch/sendSnapshot";

export interface LaunchRequest {
  /** Absolute folder that travels. */
  workspace: string;
  launch: ReadyLaunch;
  /** By the name of their environment variable; only the names are recorded. */
  secrets?: Record<string, string>;
  peer: Peer;
  report: (message: string) => void;
  signal?: AbortSignal;
}

/** Sends what the box lacks and starts the run. Throws `run/launch-failed` with the reason and the log's last line. */
export async function launchOn({
  workspace,
  launch,
  secrets = {},
  peer,
  report,
  signal,
}: LaunchRequest): Promise<{ id: string; pid: number }> {
  report("reading the workspace");
  const { id: snapshot } = await sendSnapshot(workspace, boxStore(peer, signal), {
    inputs: launch.plan.inputs,
    ...(signal ? { signal } : {}),
    onProgress: ({ doing, bytes, total }) =>
      report(doing === "reading" ? "reading the workspace" : `sending ${sizeWords(bytes)} of ${sizeWords(total)}`),
  });
  if (signal?.aborted) throw new RunsideError("cancelled", "Cancelled.");
  report("starting");
  const name = path.posix.basename(launch.path).replace(/\.ya?ml$/, "");
  const id = newRunId(new Date(), name, Math.random);
  const outcome = await peer.request(runs.launch, launch.spec({ id, place: { snapshot }, secrets }));
  if (outcome.outcome === "started") return { id, pid: outcome.pid };
  const last = outcome.log[outcome.log.length - 1];
  const log = last === undefined ? "" : ` The log's last line: ${last}`;
  throw new RunsideError("run/launch-failed", `${outcome.reason}${log}`, { data: { id } });
}

export const sizeWords = (bytes: number): string =>
  bytes < 1 << 20 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / (1 << 20)).toFixed(1)} MB`;
