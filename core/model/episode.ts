// An agent's trajectory: goal and steps, each a screenshot with what was expected and what the model wrote.
import * as z from "zod/mini";
import { actionSchema, parsedActionsSchema } from "./action";
import { frameSizesSchema } from "./frame";
import { wireNumber } from "./number";
import { readingSchema } from "./reading";
import { boxSchema } from "./rollout";

export const episodeHeaderSchema = z.object({
  /** Stable within the target: `<source number>:<episode id>`. */
  id: z.string(),
  source: z.string(),
  episodeId: z.string(),
  goal: z.string(),
  steps: z.number(),
  /** Which policy wrote it, as the source's name says: `base`, `sft`, ...; empty where unknown. */
  label: z.string(),
  /** Steps with the right action type, and clicks that hit, of those that have an expected one; null where nothing was predicted. */
  typeMatches: z.nullable(z.number()),
  clickHits: z.nullable(z.number()),
  clicks: z.nullable(z.number()),
  success: z.nullable(z.boolean()),
  /** What else the file says of it. */
  extra: z.optional(z.record(z.string(), z.string())),
});

export type EpisodeHeader = z.infer<typeof episodeHeaderSchema>;

export const verdicts = ["hit", "miss", "match", "wrong-type", "unparsed", "no-prediction"] as const;

export const episodeStepSchema = z.object({
  index: z.number(),
  /** Path inside the target, or null where no screenshot was found. */
  image: z.nullable(z.string()),
  expected: z.nullable(actionSchema),
  expectedBox: z.nullable(boxSchema),
  /** Where the box came from: the episode file, or inferred from the layout's known sizes. */
  boxFrom: z.nullable(z.enum(["episode", "inferred"])),
  predictedText: z.nullable(z.string()),
  /** What the trainer's own parser made of the text, as the file says. */
  predicted: z.nullable(actionSchema),
  parsed: z.nullable(parsedActionsSchema),
  /** What coordinates of this step are divided by to be places on its picture. */
  sizes: frameSizesSchema,
  /** The text that the trainer teaches for this step, and why its own parser would not read it as meant; null where it would. */
  target: z.optional(z.object({ text: z.string(), why: z.nullable(z.string()) })),
  verdict: z.enum(verdicts),
  /** L2 distance in unit coordinates between predicted and expected point; null where either is missing. */
  distance: wireNumber,
  /** The verdict in words: "hit, 0.8 % of the screen away". */
  words: z.string(),
  /** What else the file says of this step. */
  extra: z.optional(z.record(z.string(), z.string())),
});

export type EpisodeStep = z.infer<typeof episodeStepSchema>;

export const episodeSchema = z.object({
  header: episodeHeaderSchema,
  reading: readingSchema,
  steps: z.array(episodeStepSchema),
});

export type Episode = z.infer<typeof episodeSchema>;
