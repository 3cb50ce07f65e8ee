// What a setup made of the environment that a run was given: recorded, so that a restart has it again and people can see it.
import * as z from "zod/mini";

export const setupRecordSchema = z.object({
  /** Variables that came or changed, as the training got them. */
  set: z.record(z.string(), z.string()),
  removed: z.array(z.string()),
  /** Names of variables that came or changed and look like secrets: their values are kept nowhere. */
  hidden: z.array(z.string()),
  /** Names in `set` whose value is the attempt's before, because the setup now gave another. */
  kept: z.array(z.string()),
});

export type SetupRecord = z.infer<typeof setupRecordSchema>;
