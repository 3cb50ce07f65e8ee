// One line of the fault table, as the tests write it and the runner reads it.
import * as z from "zod/mini";

/** What the state must be shown within. */
export const SHOWN_WITHIN_S = 15;

const names = z.array(z.string());

export const rowSchema = z.union([
  z.object({
    fault: z.string(),
    shown: z.string(),
    seconds: z.number(),
    lost: names,
    doubled: names,
    destroyed: names,
    lines: z.number(),
    hash: z.string(),
  }),
  z.object({ fault: z.string(), failed: z.string() }),
  z.object({ fault: z.string(), missing: z.string() }),
]);

export type Row = z.infer<typeof rowSchema>;
