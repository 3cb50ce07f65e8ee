// The try-out of dialects: between its view and the host alone, never on a box's wire.
import * as z from "zod/mini";
import { parsedActionsSchema } from "../model/action";
import { readingChoiceSchema, readingSchema } from "../model/reading";
import { act, event, nothing } from "./define";

/** More is cut off: this is for reading, and the patterns of a file run over all of it at every key. */
export const tryLimit = 50_000;

export const dialectProblemSchema = z.object({
  severity: z.enum(["error", "warning"]),
  /** Both from 1. */
  line: z.number(),
  column: z.number(),
  message: z.string(),
});

export type DialectProblem = z.infer<typeof dialectProblemSchema>;

export const tryOutSchema = z.object({
  reading: readingSchema,
  /** Null where no dialect fits. */
  parsed: z.nullable(parsedActionsSchema),
});

export type TryOut = z.infer<typeof tryOutSchema>;

/** The workspace's own dialects as they stand in the editor, saved or not. */
export const declaredSchema = z.object({
  /** Relative to the workspace; null where there is no such file. */
  path: z.nullable(z.string()),
  problems: z.array(dialectProblemSchema),
  /** Why its patterns are not run, in one sentence. */
  restricted: z.nullable(z.string()),
});

export type Declared = z.infer<typeof declaredSchema>;

const sample = z.object({ text: z.nullable(z.string()), dialect: z.nullable(z.string()) });

export const dialects = {
  /** The view is up: what is declared, and what it was opened with; null is as before. */
  ready: act(
    "dialects/ready",
    nothing,
    /** `file` is kept by the view, so that a reloaded window gives it back. */
    z.extend(sample, { declared: declaredSchema, file: z.nullable(z.string()) }),
  ),
  try: act("dialects/try", z.extend(readingChoiceSchema, { text: z.string() }), tryOutSchema),
  /** The file changed, or the trust: what was read is to be read again. */
  declared: event("dialects/declared", declaredSchema),
  /** Opened again with another text or dialect. */
  show: event("dialects/show", sample),
  /** Shows the file, at a problem's place. */
  reveal: act("dialects/reveal", z.object({ line: z.number(), column: z.number() }), nothing),
};
