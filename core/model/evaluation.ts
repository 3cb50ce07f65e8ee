// One evaluation's numbers. A rate never travels without its n.
import * as z from "zod/mini";
import { wireNumber } from "./number";

/** The same number, made again from the rows behind it. */
export const recomputedSchema = z.object({
  /** The scorer's id. */
  scorer: z.string(),
  value: wireNumber,
  n: z.nullable(z.number()),
  low: wireNumber,
  high: wireNumber,
  /** How it differs from what the file says, in a sentence; null where both agree. */
  difference: z.nullable(z.string()),
});

export type Recomputed = z.infer<typeof recomputedSchema>;

export const evalMetricSchema = z.object({
  name: z.string(),
  value: wireNumber,
  /** How many observations the value rests on; null where the file does not say. */
  n: z.nullable(z.number()),
  /** 95 % interval: Wilson for rates, null for the rest. */
  low: wireNumber,
  high: wireNumber,
  better: z.enum(["higher", "lower", "unknown"]),
  /** By each rule that makes this number from rows of the same target; absent where those are not there. */
  recomputed: z.optional(z.array(recomputedSchema)),
});

export type EvalMetric = z.infer<typeof evalMetricSchema>;

export const evalTableSchema = z.object({
  source: z.string(),
  /** What was evaluated, from the file's own words or its name: `base`, `sft`, `grpo`, ... */
  label: z.string(),
  backend: z.nullable(z.string()),
  /** Which task the numbers are of, and after how many training steps, where the file or its folder says so. */
  benchmark: z.optional(z.string()),
  step: z.optional(z.number()),
  /** A part of the set: only what has `group` as its `key` (level, path, step). Tables that differ in the group alone are one table. */
  by: z.optional(z.object({ key: z.string(), group: z.string() })),
  /** Computed here from the rows of `source`, by the scorer of this id; absent where the file itself says the numbers. */
  scorer: z.optional(z.string()),
  /** Names the things that were evaluated, whatever their order: tables of other sets are not comparable. */
  set: z.optional(z.string()),
  episodes: z.nullable(z.number()),
  steps: z.nullable(z.number()),
  metrics: z.array(evalMetricSchema),
});

export type EvalTable = z.infer<typeof evalTableSchema>;

export const checkpointSchema = z.object({
  path: z.string(),
  name: z.string(),
  step: z.nullable(z.number()),
  /** The model that an adapter is laid over, as its config names it. */
  base: z.optional(z.string()),
});

export type Checkpoint = z.infer<typeof checkpointSchema>;
