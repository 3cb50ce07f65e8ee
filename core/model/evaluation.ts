// One evaluation's numbers. A rate never travels without its n.
import * as z from "zod/mini";
import { wireNumber } from "./number";

export const evalMetricSchema = z.object({
  name: z.string(),
  value: wireNumber,
  /** How many observations the value rests on; null where the file does not say. */
  n: z.nullable(z.number()),
  /** 95 % interval: Wilson for rates, null for the rest. */
  low: wireNumber,
  high: wireNumber,
  better: z.enum(["higher", "lower", "unknown"]),
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
  episodes: z.nullable(z.number()),
  steps: z.nullable(z.number()),
  metrics: z.array(evalMetricSchema),
});

export type EvalTable = z.infer<typeof evalTableSchema>;

export const checkpointSchema = z.object({
  path: z.string(),
  name: z.string(),
  step: z.nullable(z.number()),
});

export type Checkpoint = z.infer<typeof checkpointSchema>;
