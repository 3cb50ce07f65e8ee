// Everything a view knows about one target, and the one reducer that changes it, in host and view alike.
import * as z from "zod/mini";
import { diagnosticSchema } from "./diagnostic";
import { checkpointSchema, evalTableSchema } from "./evaluation";
import { keptFromSchema } from "./kept";
import { progressViewSchema, runViewStatusSchema } from "./run";
import { seriesPatchSchema, type Series } from "./series";

export const sourceInfoSchema = z.object({
  path: z.string(),
  reader: z.string(),
  title: z.string(),
  confidence: z.number(),
  bytes: z.number(),
});

export const countsSchema = z.object({
  rollouts: z.number(),
  episodes: z.number(),
  evals: z.number(),
  checkpoints: z.number(),
});

/** How rollouts are placed on the charts' x axis: by step, or by version where the format has no step. */
export const rolloutAxisSchema = z.nullable(
  z.object({ by: z.enum(["step", "version", "line"]), first: z.number(), last: z.number(), source: z.string() }),
);

/** Where a later attempt of a restarted run begins on the charts: the first step that it wrote. */
export const attemptMarkSchema = z.object({ attempt: z.number(), step: z.number() });

export type AttemptMark = z.infer<typeof attemptMarkSchema>;

export const runDeltaSchema = z.object({
  /** The cursor this delta continues, or null: a snapshot that replaces everything. */
  from: z.nullable(z.string()),
  /** Which files, by identity, and how far: opaque to everybody but the agent that made it. */
  to: z.string(),
  title: z.optional(z.string()),
  status: z.optional(z.nullable(runViewStatusSchema)),
  /** Set for a copy of a run that lies off its box. */
  kept: z.optional(z.nullable(keptFromSchema)),
  progress: z.optional(progressViewSchema),
  series: z.optional(z.array(seriesPatchSchema)),
  marks: z.optional(z.array(attemptMarkSchema)),
  counts: z.optional(countsSchema),
  rolloutAxis: z.optional(rolloutAxisSchema),
  evals: z.optional(z.array(evalTableSchema)),
  checkpoints: z.optional(z.array(checkpointSchema)),
  diagnostics: z.optional(z.array(diagnosticSchema)),
  sources: z.optional(z.array(sourceInfoSchema)),
  /** Size in bytes of the run's output.log; views fetch text when they show it. */
  logSize: z.optional(z.number()),
  /** True while files are being read for the first time. */
  indexing: z.optional(z.boolean()),
});

export type RunDelta = z.infer<typeof runDeltaSchema>;
export type SourceInfo = z.infer<typeof sourceInfoSchema>;

export interface RunState extends Required<Omit<RunDelta, "from" | "to" | "series">> {
  cursor: string | null;
  series: ReadonlyMap<string, Series>;
}

export const emptyRunState: RunState = {
  cursor: null,
  title: "",
  status: null,
  kept: null,
  progress: { step: null, total: null, reward: null, secondsLeft: null },
  series: new Map(),
  marks: [],
  counts: { rollouts: 0, episodes: 0, evals: 0, checkpoints: 0 },
  rolloutAxis: null,
  evals: [],
  checkpoints: [],
  diagnostics: [],
  sources: [],
  logSize: 0,
  indexing: true,
};

/** Appends when the delta continues this state, replaces when it is a snapshot, else answers "gap": ask again with your cursor. */
export function applyRunDelta(state: RunState, delta: RunDelta): RunState | "gap" {
  if (delta.from !== null && delta.from !== state.cursor) return "gap";
  const base = delta.from === null ? emptyRunState : state;
  const { from: _from, to, series: patches, ...rest } = delta;
  const series = patches && patches.length > 0 ? new Map(base.series) : base.series;
  for (const patch of patches ?? []) {
    const { mode, ...next } = patch;
    const held = mode === "append" ? series.get(patch.key) : undefined;
    const whole: Series = held
      ? { ...next, steps: held.steps.concat(patch.steps), values: held.values.concat(patch.values) }
      : next;
    (series as Map<string, Series>).set(patch.key, whole);
  }
  return { ...base, ...rest, series, cursor: to };
}

/** The whole state as a snapshot delta, for a view that starts from nothing. */
export function snapshotOf(state: RunState): RunDelta {
  const { cursor, series, ...rest } = state;
  return {
    ...rest,
    from: null,
    to: cursor ?? "",
    series: [...series.values()].map((s) => ({ ...s, mode: "replace" as const })),
  };
}
