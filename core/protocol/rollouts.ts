// Rollout groups in pages, and one group whole.
import * as z from "zod/mini";
import { rolloutHeaderSchema, rolloutSchema } from "../model/rollout";
import { readingChoiceSchema } from "../model/reading";
import { read, target } from "./define";

export const rolloutSortKeys = ["newest", "oldest", "reward", "-reward", "spread", "-spread"] as const;

export const rollouts = {
  page: read(
    "rollouts/page",
    z.object({
      target,
      offset: z.number(),
      limit: z.number(),
      sort: z.enum(rolloutSortKeys),
      /** Clauses joined by `and`: `step = 12 and reward < 0.5`. Keys: step, version, reward, min, max, spread, samples. */
      where: z.optional(z.string()),
      /** A regular expression that the prompt or a sample must match. */
      text: z.optional(z.string()),
    }),
    z.object({
      total: z.number(),
      rows: z.array(rolloutHeaderSchema),
      /** Set where the page was not filled because the text search stopped early, with the reason. */
      note: z.nullable(z.string()),
    }),
  ),
  read: read("rollouts/read", z.extend(readingChoiceSchema, { target, id: z.string() }), rolloutSchema),
};
