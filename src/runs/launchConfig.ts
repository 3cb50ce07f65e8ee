// From a config in the workspace to a started run on a box. Nothing is touched before the config has been read and planned.
import path from "node:path";
import { cancelled } from "../../core/base/errors";
import type { GpuRequest } from "../../core/model/gpu";
import { newRunId } from "../../core/model/run";
import type { Peer } from "../../core/rpc/peer";
import { boxStore } from "../launch/boxStore";
import type { ReadyLaunch } from "../launch/buildSpec";
import { leftOut, type LeftOut } from "../launch/leftOut";
import { launchSpec } from "../launch/relaunch";
import { sendSnapshot, type UploadSize } from "../launch/sendSnapshot";
import { uploadLimit } from "../launch/workspaceFiles";

/** What only a person can decide on the way. Where nobody is asked, the answer is yes. */
export interface LaunchQuestions {
  /** Globs to send as well, none to go on without them, null to give up. */
  leftOut(paths: readonly LeftOut[]): Promise<readonly string[] | null>;
  mayUpload(size: UploadSize): Promise<boolean>;
}

export interface LaunchRequest {
  /** Absolute folder that travels. */
  workspace: string;
  launch: ReadyLaunch;
  /** By the name of their environment variable; only the names are recorded. */
  secrets?: Record<string, string>;
  /** The user's shell text before the training; "" for none. */
  setup?: string;
  /** What the person chose; the plan's own where absent. */
  gpus?: GpuRequest | undefined;
  /** A folder of the box to run in as it is: nothing is sent. */
  folder?: string | undefined;
  /** Globs of files that git ignores and the user wants sent. */
  include?: readonly string[];
  /** Bytes that a workspace may have. */
  maxBytes?: number;
  questions?: LaunchQuestions;
  peer: Peer;
  report: (message: string) => void;
  signal?: AbortSignal;
}

/** Sends what the box lacks and starts the run. Throws `run/launch-failed` with the reason and the log's last line. */
export async function launchOn(request: LaunchRequest): Promise<{ id: string; pid: number | null }> {
  const { launch, secrets = {}, setup = "", gpus, folder, peer, report, signal } = request;
  const place = folder === undefined ? { snapshot: await sendWorkspace(request) } : { folder };
  if (signal?.aborted) throw cancelled();
  report("starting");
  const name = path.posix.basename(launch.path).replace(/\.ya?ml$/, "");
  const id = newRunId(new Date(), name, Math.random);
  return launchSpec(peer, launch.spec({ id, place, secrets, setup, ...(gpus ? { gpus } : {}) }));
}

async function sendWorkspace(request: LaunchRequest): Promise<string> {
  const { workspace, launch, questions, peer, report, signal, maxBytes = uploadLimit.maxBytes } = request;
  report("reading the workspace");
  const given = { include: request.include ?? [], maxBytes, ...(signal ? { signal } : {}) };
  const missing = questions ? await leftOut(workspace, launch, given) : [];
  const more = questions && missing.length > 0 ? await questions.leftOut(missing) : [];
  if (more === null) throw cancelled();
  const { id } = await sendSnapshot(workspace, boxStore(peer, signal), {
    ...given,
    inputs: launch.plan.inputs,
    include: [...given.include, ...more],
    ...(questions ? { mayUpload: (size) => questions.mayUpload(size) } : {}),
    onProgress: ({ doing, bytes, total }) =>
      report(doing === "reading" ? "reading the workspace" : `sending ${sizeWords(bytes)} of ${sizeWords(total)}`),
  });
  return id;
}

export const sizeWords = (bytes: number): string =>
  bytes < 1 << 20 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / (1 << 20)).toFixed(1)} MB`;
