// The record beside a run that was copied off its box: whose it was, and how far each file's copy is.
import * as z from "zod/mini";

/** Beside run.json; a run's folder with this file is a copy, and its processes are not looked for. */
export const keptFile = "kept.json";

/** A folder outside the run's own in which it wrote, and where the copy holds it. */
export const keptOutsideSchema = z.object({
  /** In the copy, with `/`. */
  folder: z.string(),
  /** Before its paths where they are shown. */
  prefix: z.string(),
  /** Its log named it; else its recipe does. */
  fromLog: z.boolean(),
});
export type KeptOutside = z.infer<typeof keptOutsideSchema>;

const from = {
  box: z.string(),
  keptAt: z.string(),
  /** What a succeeded run lacked, as its box saw it: a copy may lack more. */
  but: z.nullish(z.string()),
  outside: z.nullish(z.array(keptOutsideSchema)),
};

export const keptSchema = z.object({
  id: z.string(),
  ...from,
  /** By the path on the box: how far the copy is, and the hash of the box's bytes before that. */
  files: z.record(z.string(), z.object({ bytes: z.number(), modifiedMs: z.number(), tail: z.string() })),
});
export type KeptRecord = z.infer<typeof keptSchema>;

/** Where a copy came from, and when it was last brought up to date, as an ISO time. */
export const keptFromSchema = z.object(from);
export type KeptFrom = z.infer<typeof keptFromSchema>;
