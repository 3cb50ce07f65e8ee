// What must be had before a training starts, step by step: room on the disk, a turn on the GPUs. A step may wait as long as it
// needs: the run is shown as queued with what it waits for, and a wish to stop ends the wait.
import type { QueuePlace, RunManifest } from "../../core/model/run";
import { gpuTurn } from "../queue/gpuTurn";
import { enoughRoom } from "./freeSpace";
import { programsFound } from "./programs";

export interface StartContext {
  runFolder: string;
  attempt: number;
  manifest: RunManifest;
  /** Aborted by the wish to stop. A step that waits gives up what it holds and returns. */
  signal: AbortSignal;
  /** Writes `queued` with one sentence on what the run waits for, for everybody who looks. */
  waits(reason: string, queue: QueuePlace): void;
}

export interface StartGrant {
  /** Joins the training's environment, after the recipe's own: which GPUs it was given. */
  env?: Readonly<Record<string, string>>;
  /** Descriptors that the reaper inherits: a lock of the kernel's is held as long as the supervisor or the reaper lives. */
  inherited?: readonly number[];
  /** UUIDs of the GPUs that are the run's, for its record. */
  gpus?: readonly string[];
}

/** Throws `run/launch-failed` with the sentence of why this run cannot start at all. */
export type BeforeStart = (context: StartContext) => Promise<StartGrant> | StartGrant;

/** In this order: what is cheap to refuse first, what waits last. */
const steps: readonly BeforeStart[] = [programsFound, gpuTurn, enoughRoom];

export async function beforeStart(context: StartContext): Promise<Required<StartGrant>> {
  const env: Record<string, string> = {};
  const inherited: number[] = [];
  const gpus: string[] = [];
  for (const step of steps) {
    if (context.signal.aborted) break;
    const grant = await step(context);
    Object.assign(env, grant.env);
    inherited.push(...(grant.inherited ?? []));
    gpus.push(...(grant.gpus ?? []));
  }
  return { env, inherited, gpus };
}
