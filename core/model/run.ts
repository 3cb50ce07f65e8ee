// What a run is on disk (manifest, status) and what a list shows of it (summary).
import * as z from "zod/mini";
import { factsSchema } from "./fact";
import { gpuRequestSchema } from "./gpu";
import { wireNumber } from "./number";

/** Proposed by the client, UTC, sorts by time: `20261120-235959-grpo-k3f9`. */
export const runIdPattern = /^\d{8}-\d{6}-[a-z0-9][a-z0-9-]{0,40}-[a-z0-9]{4}$/;
export const runIdSchema = z.string().check(z.regex(runIdPattern));

export const progressSchema = z.object({
  /** Regular expression over log lines with a named group `step` (and `total`, if the log says it). */
  pattern: z.nullable(z.string()),
  total: z.nullable(z.number()),
});

export const launchSpecSchema = z.object({
  id: runIdSchema,
  recipe: z.string(),
  /** One argv per command, run in this order, each only if the one before it exited 0. */
  commands: z.array(z.array(z.string()).check(z.minLength(1))).check(z.minLength(1)),
  /** Folder inside the snapshot (or inside `place.folder`) in which the commands start. */
  cwd: z.string(),
  env: z.record(z.string(), z.string()),
  /** Reach the run's environment and nothing on disk; only their names are recorded. */
  secrets: z.record(z.string(), z.string()),
  place: z.union([z.object({ snapshot: z.string() }), z.object({ folder: z.string() })]),
  config: z.object({ path: z.string(), text: z.string() }),
  progress: progressSchema,
  /** Regular expression with a group `path`: the trainer's own line that names its output folder. */
  outputFromLog: z.nullable(z.string()),
  /** Folders, relative to cwd, in which this recipe writes besides the output folder. */
  alsoWatch: z.array(z.string()),
  /** Globs of what success must have produced inside the output folder. */
  expects: z.array(z.string()),
  seed: z.nullable(z.number()),
  /** What runs are compared by, as the recipe found it in the config. */
  facts: factsSchema,
  /** Where the launch came from: commit and whether the tree differed from it. */
  git: z.nullable(z.object({ commit: z.string(), dirty: z.boolean() })),
  /** How the workspace differed from the commit, as `git apply` takes it, in base64; kept beside run.json. */
  patch: z.optional(z.nullable(z.string())),
  /** Absent: nothing said, which takes no turn. */
  gpus: z.optional(gpuRequestSchema),
  /** Commands and env run as they stand, braces and all; absent: their placeholders are replaced. */
  literal: z.optional(z.boolean()),
});

export type LaunchSpec = z.infer<typeof launchSpecSchema>;

/** `run.json`: the launch without secret values, written once by the agent. */
export const manifestSchema = z.object({
  schema: z.literal(1),
  id: runIdSchema,
  createdAt: z.string(),
  recipe: z.string(),
  commands: z.array(z.array(z.string())),
  cwd: z.string(),
  env: z.record(z.string(), z.string()),
  secretNames: z.array(z.string()),
  snapshot: z.nullable(z.string()),
  config: z.object({ path: z.string(), text: z.string() }),
  out: z.string(),
  progress: progressSchema,
  outputFromLog: z.nullable(z.string()),
  alsoWatch: z.array(z.string()),
  expects: z.array(z.string()),
  seed: z.nullable(z.number()),
  facts: factsSchema,
  git: z.nullable(z.object({ commit: z.string(), dirty: z.boolean() })),
  gpus: z.optional(gpuRequestSchema),
});

export type RunManifest = z.infer<typeof manifestSchema>;

export const writtenStates = ["queued", "starting", "running", "succeeded", "failed", "cancelled"] as const;
/** `unsupervised` (running, its supervisor gone) and `lost` are derived on reading, never written. */
export const states = [...writtenStates, "unsupervised", "lost"] as const;

/** A process by name; its start time tells it from a later one of the same number. */
export const leftSchema = z.object({ pid: z.number(), start: z.string(), name: z.string() });

/** What a stop is at: the signal last sent, how long it is waited for, and which processes are still there. */
export const stoppingSchema = z.object({
  signal: z.string(),
  /** When the next signal follows; null after the last one. */
  until: z.nullable(z.string()),
  left: z.array(z.object({ pid: z.number(), name: z.string() })),
});

export type Stopping = z.infer<typeof stoppingSchema>;

/** What a run took while it lasted, all of its processes together. */
export const usageSchema = z.object({
  /** The most resident memory seen at one time, in bytes; looked at every few seconds, so a lower bound. */
  maxRssBytes: z.nullable(z.number()),
  /** User and system time in seconds, of children that were waited for. */
  cpuSeconds: z.nullable(z.number()),
});

export type Usage = z.infer<typeof usageSchema>;

/** Where a waiting run stands, counted from 1, and what for: `2 GPUs`. */
export const queuePlaceSchema = z.object({ place: z.number(), waitsFor: z.string() });

export type QueuePlace = z.infer<typeof queuePlaceSchema>;

/** `status.json`, written by the supervisor alone, replaced atomically. Times are ISO, UTC. */
export const statusSchema = z.object({
  state: z.enum(writtenStates),
  supervisor: z.nullable(
    z.object({ pid: z.number(), start: z.string(), boot: z.string(), host: z.optional(z.string()) }),
  ),
  startedAt: z.nullable(z.string()),
  endedAt: z.nullable(z.string()),
  exitCode: z.nullable(z.number()),
  signal: z.nullable(z.string()),
  /** One sentence on why it failed, was cancelled, or waits. */
  reason: z.nullable(z.string()),
  /** Signals sent by a stop, in order. */
  sent: z.array(z.string()),
  stopping: z._default(z.nullable(stoppingSchema), null),
  usage: z._default(z.nullable(usageSchema), null),
  /** While it waits its turn. */
  queue: z.optional(z.nullable(queuePlaceSchema)),
  /** UUIDs of the GPUs that it was given by the queue. */
  gpus: z.optional(z.array(z.string())),
  /** What outlived the training when it ended by itself: workers that nobody waited for. */
  left: z.optional(z.array(leftSchema)),
});

export type RunStatus = z.infer<typeof statusSchema>;
export type RunStateName = (typeof states)[number];

/** How a run does whose process lives (`ok`, `slow`, `hung`), and `dead` where it went without a word. */
export const healthSchema = z.object({
  verdict: z.enum(["ok", "slow", "hung", "dead"]),
  /** Why, with times; "" where all is well. */
  sentence: z.string(),
});

export type Health = z.infer<typeof healthSchema>;

export const runViewStatusSchema = z.object({
  state: z.enum(states),
  startedAt: z.nullable(z.string()),
  endedAt: z.nullable(z.string()),
  exitCode: z.nullable(z.number()),
  signal: z.nullable(z.string()),
  reason: z.nullable(z.string()),
  sent: z.array(z.string()),
  stopping: z.nullable(stoppingSchema),
  usage: z.nullable(usageSchema),
  queue: z.optional(z.nullable(queuePlaceSchema)),
  gpus: z.optional(z.array(z.string())),
  /** Of what outlived the training, what still lives: it may hold a GPU, and a stop ends it. */
  left: z.optional(z.array(z.object({ pid: z.number(), name: z.string() }))),
  pid: z.nullable(z.number()),
  attempt: z.number(),
  /** null for a run that has ended as runs end, or has not begun. */
  health: z.nullable(healthSchema),
  /** Set where a run exited 0 without what its recipe promises: "finished, but ..." */
  but: z.nullable(z.string()),
});

export type RunViewStatus = z.infer<typeof runViewStatusSchema>;

export const progressViewSchema = z.object({
  step: z.nullable(z.number()),
  total: z.nullable(z.number()),
  /** The canonical `reward` series' last value. */
  reward: wireNumber,
  secondsLeft: z.nullable(z.number()),
});

export type ProgressView = z.infer<typeof progressViewSchema>;

export const runSummarySchema = z.object({
  id: z.string(),
  name: z.string(),
  recipe: z.string(),
  configPath: z.string(),
  createdAt: z.string(),
  facts: factsSchema,
  status: runViewStatusSchema,
  progress: progressViewSchema,
});

export type RunSummary = z.infer<typeof runSummarySchema>;

export const isLive = (state: RunStateName): boolean =>
  state === "queued" || state === "starting" || state === "running" || state === "unsupervised";

/** Whether anything of it runs: the training, or what outlived it. */
export const mayStop = ({ state, left }: Pick<RunViewStatus, "state" | "left">): boolean =>
  isLive(state) || (left !== undefined && left.length > 0);

/** Whether a new attempt may follow: it ended, and not well. */
export const mayRestart = (state: RunStateName): boolean =>
  state === "failed" || state === "cancelled" || state === "lost";

/** A new run id: UTC time, the config's name, and four random characters. `random` returns [0, 1). */
export function newRunId(now: Date, configName: string, random: () => number): string {
  const stamp = now.toISOString().replace(/[-:]/g, "").replace("T", "-").slice(0, 15);
  const slug = configName
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 32)
    .replace(/-+$/, "");
  const tail = Array.from({ length: 4 }, () => Math.floor(random() * 36).toString(36)).join("");
  return `${stamp}-${slug || "run"}-${tail}`;
}
