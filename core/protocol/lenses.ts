// Answers judged again by other rules: of one group, and of all rollouts of a target.
import * as z from "zod/mini";
import { rolloutHeaderSchema } from "../model/rollout";
import { nothing, read, target } from "./define";

export const verdicts = ["pass", "fail", "none"] as const;
const verdict = z.enum(verdicts);

/** Not a lens: the reward that the trainer recorded, as a pass or a fail. Stands among the lenses in `columns`. */
export const recorded = "recorded";

const choice = {
  /** Ids; without them those that fit the references are taken, from strict to lenient. */
  lenses: z.optional(z.array(z.string())),
  /** By lens id, then by option name. */
  options: z.optional(z.record(z.string(), z.record(z.string(), z.string()))),
  /** A recorded reward above it is a pass. Without it: 0.5 for rewards of 0 and 1, 0 for rewards on both sides of 0. */
  mark: z.optional(z.number()),
};

const fileQuestion = z.object({
  target,
  ...choice,
  /** As in `rollouts/page`. */
  where: z.optional(z.string()),
  /** How long to judge before answering with what there is, at most 20. Asked again, the answer continues where it was. */
  seconds: z.number(),
});

const count = z.number();

export const lensInfoSchema = z.object({
  id: z.string(),
  title: z.string(),
  says: z.string(),
  /** `pattern`: needs no reference once it has that option. */
  reference: z.enum(["needed", "unused", "pattern"]),
  options: z.array(z.object({ name: z.string(), says: z.string() })),
});
export type LensInfo = z.infer<typeof lensInfoSchema>;

export const judgementSchema = z.object({
  verdict,
  /** At most 500 characters. */
  extracted: z.nullable(z.string()),
  /** `[start, end)` in the sample's text. */
  span: z.nullable(z.tuple([z.number(), z.number()])),
  note: z.nullable(z.string()),
});

export const lensRateSchema = z.object({
  column: z.string(),
  pass: count,
  fail: count,
  none: count,
  /** Samples of which the column says something. */
  n: count,
  rate: z.nullable(z.number()),
  /** 95 %, with the samples of one group taken as what they are: not independent. */
  low: z.nullable(z.number()),
  high: z.nullable(z.number()),
});

export const lensPairSchema = z.object({
  a: z.string(),
  b: z.string(),
  /** Samples of which both say something. */
  n: count,
  both: count,
  onlyA: count,
  onlyB: count,
  /** Ids of a few groups with a sample that a alone passes, and that b alone passes. */
  rolloutsA: z.array(z.string()),
  rolloutsB: z.array(z.string()),
});

const why = {
  /** What the references are: `number`, `mathematics`, `text`, `constraints`; `none` where there are none. */
  kinds: z.array(z.string()),
  /** The lenses were chosen here. */
  suggested: z.boolean(),
  mark: z.nullable(z.number()),
};

export const lensGroupSchema = z.object({
  lenses: z.array(z.string()),
  ...why,
  samples: z.array(
    z.object({
      /** Null without a recorded reward. */
      recorded: z.nullable(verdict),
      judgements: z.array(judgementSchema),
    }),
  ),
});
export type LensGroup = z.infer<typeof lensGroupSchema>;

export const lensFileSchema = z.object({
  /** The lenses in order, then `recorded` where rewards were recorded. */
  columns: z.array(z.string()),
  ...why,
  /** Groups that fit the condition, how many of them were judged, their samples, and how many groups have no reference. */
  rollouts: count,
  looked: count,
  samples: count,
  withoutReference: count,
  /** Every group was judged. Otherwise those that were are spread evenly over all. */
  complete: z.boolean(),
  /** Judging goes on when asked again. */
  more: z.boolean(),
  note: z.nullable(z.string()),
  rates: z.array(lensRateSchema),
  pairs: z.array(lensPairSchema),
  /** Per column, as in `columns`; neighbouring steps are added up beyond 1,000 of them. */
  steps: z.array(z.object({ step: z.number(), pass: z.array(count), n: z.array(count) })),
  /** The columns whose difference per step is worth a curve: the strictest and the most lenient of the choice. */
  gap: z.nullable(z.object({ strict: z.string(), lenient: z.string() })),
});
export type LensFile = z.infer<typeof lensFileSchema>;
export type LensRate = z.infer<typeof lensRateSchema>;
export type LensPair = z.infer<typeof lensPairSchema>;

export const lenses = {
  list: read("lenses/list", nothing, z.object({ lenses: z.array(lensInfoSchema) })),
  group: read("lenses/group", z.object({ target, ...choice, id: z.string() }), lensGroupSchema),
  file: read("lenses/file", fileQuestion, lensFileSchema),
  /** Groups with a sample that `pass` passes and `not` does not, of those that `lenses/file` has judged; both are columns. */
  apart: read(
    "lenses/apart",
    z.extend(fileQuestion, { pass: z.string(), not: z.string(), limit: z.number() }),
    z.object({
      /** Samples in all, of the groups that were judged. */
      samples: count,
      rows: z.array(z.object({ header: rolloutHeaderSchema, samples: z.array(z.number()) })),
    }),
  ),
};
