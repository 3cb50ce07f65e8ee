// Runs and experiment folders: the list, one target watched, and what changes the box.
import * as z from "zod/mini";
import { diskUseSchema } from "../model/diskUse";
import { setupRecordSchema } from "../model/environment";
import { launchSpecSchema, manifestSchema, queuePlaceSchema, runIdSchema, runSummarySchema } from "../model/run";
import { runDeltaSchema } from "../model/runState";
import { act, event, nothing, read, target } from "./define";

/** What a launch and a restart answer, nothing else. */
const outcome = z.union([
  z.object({ outcome: z.literal("started"), id: runIdSchema, pid: z.number() }),
  /** It has taken a ticket and waits its turn on the GPUs. */
  z.object({ outcome: z.literal("queued"), id: runIdSchema, ...queuePlaceSchema.shape }),
  z.object({ outcome: z.literal("failed"), id: runIdSchema, reason: z.string(), log: z.array(z.string()) }),
]);

export const runs = {
  /** Newest first. Also begins `runs/listed` events on this connection. */
  list: read("runs/list", nothing, z.object({ runs: z.array(runSummarySchema) })),
  /** Only the runs that changed; `removed` are ids. */
  listed: event("runs/listed", z.object({ runs: z.array(runSummarySchema), removed: z.array(z.string()) })),
  /** What the asker lacks since `since`: a delta that continues it, or a snapshot. Begins `runs/changed` events. */
  watch: read("runs/watch", z.object({ target, since: z.optional(z.string()) }), runDeltaSchema),
  changed: event("runs/changed", z.object({ target: z.string(), delta: runDeltaSchema })),
  unwatch: read("runs/unwatch", z.object({ target }), nothing),
  /** The config as it was run, the command, the environment. Null for a folder that Runside did not launch. */
  manifest: read(
    "runs/manifest",
    z.object({ target }),
    z.object({
      manifest: z.nullable(manifestSchema),
      /** What the setup made of the environment in the last attempt; null where there was none, or it has not ended yet. */
      setup: z.nullable(setupRecordSchema),
    }),
  ),
  /** What a run was launched with, before it was bound to its folders, without secrets; null for older runs and other folders. */
  spec: read("runs/spec", z.object({ id: runIdSchema }), z.object({ spec: z.nullable(launchSpecSchema) })),
  /** What speaks against a launch on this box without forbidding it, one sentence each: that it ends with the last session. */
  warnings: read("runs/warnings", nothing, z.object({ warnings: z.array(z.string()) })),
  launch: act("runs/launch", launchSpecSchema, outcome),
  /**
   * A new attempt of a run that failed, was cancelled or is lost: the same code, config and recorded environment. `after` is the attempt
   * whose end was seen, so that a restart repeated after a cut answers for the same one; `secrets` are those that the manifest names.
   */
  restart: act(
    "runs/restart",
    z.object({ id: runIdSchema, after: z.number(), secrets: z.record(z.string(), z.string()) }),
    outcome,
  ),
  /** Drops a wish that the supervisor consumes: SIGINT, then SIGTERM, then SIGKILL. */
  stop: act("runs/stop", z.object({ id: runIdSchema }), z.object({ accepted: z.boolean() })),
  usage: read("runs/usage", z.object({ id: runIdSchema }), diskUseSchema),
  /** Deletes a run that has ended and answers what it took; `dryRun` only answers. */
  remove: act("runs/remove", z.object({ id: runIdSchema, dryRun: z.boolean() }), diskUseSchema),
};
