// One prompt at one step with its N samples. Headers are cheap and travel in pages; texts travel when looked at.
import * as z from "zod/mini";
import { parsedActionsSchema, actionSchema } from "./action";
import { frameSizesSchema } from "./frame";
import { wireNumber } from "./number";
import { readingSchema } from "./reading";

export const rolloutHeaderSchema = z.object({
  /** Stable while its file is only appended to: `<source key>:<row>`. */
  id: z.string(),
  source: z.string(),
  /** What its file is of, where the name says: `val` for a validation. */
  label: z.optional(z.string()),
  /** The trainer's step; null where the format has none. */
  step: z.nullable(z.number()),
  /** The policy version that generated it; null where the format has none. */
  version: z.nullable(z.number()),
  promptId: z.nullable(z.string()),
  samples: z.number(),
  rewardMean: wireNumber,
  rewardMin: wireNumber,
  rewardMax: wireNumber,
  rewardStd: wireNumber,
  /** The first 160 characters of the prompt and of the first sample, on one line each. */
  prompt: z.string(),
  preview: z.string(),
});

export type RolloutHeader = z.infer<typeof rolloutHeaderSchema>;

export const sampleSchema = z.object({
  text: z.string(),
  reward: wireNumber,
  /** Reward by component, where the trainer wrote it. */
  parts: z.record(z.string(), wireNumber),
  /** (reward - group mean) / group standard deviation; null where all rewards are equal. Computed here, not by the trainer. */
  advantage: wireNumber,
  /** In tokens where the file says, else null. */
  tokens: z.nullable(z.number()),
  finish: z.nullable(z.string()),
  parsed: z.nullable(parsedActionsSchema),
});

export type Sample = z.infer<typeof sampleSchema>;

export const boxSchema = z.object({ x0: z.number(), y0: z.number(), x1: z.number(), y1: z.number() });

export const rolloutSchema = z.object({
  header: rolloutHeaderSchema,
  prompt: z.string(),
  reference: z.nullable(z.string()),
  samples: z.array(sampleSchema),
  /** Screenshots the prompt refers to, as paths inside the target. */
  images: z.array(z.string()),
  /** What should have been done, for agents; its box in unit coordinates. */
  expected: z.nullable(actionSchema),
  expectedBox: z.nullable(boxSchema),
  /** How the samples were read as actions. */
  reading: readingSchema,
  /** What coordinates are divided by to be places on the last image. */
  sizes: frameSizesSchema,
  /** Every other field of the line, as text, shown but not interpreted. */
  extra: z.record(z.string(), z.string()),
});

export type Rollout = z.infer<typeof rolloutSchema>;

/** Advantages as GRPO normalises them: (r - mean) / std within the group (population std; null when it is 0). */
export function groupAdvantages(rewards: readonly (number | null)[]): (number | null)[] {
  const known = rewards.filter((r): r is number => r !== null && Number.isFinite(r));
  if (known.length < 2) return rewards.map(() => null);
  const mean = known.reduce((a, b) => a + b, 0) / known.length;
  const std = Math.sqrt(known.reduce((a, b) => a + (b - mean) ** 2, 0) / known.length);
  return rewards.map((r) => (r === null || !Number.isFinite(r) || std < 1e-9 ? null : (r - mean) / std));
}
