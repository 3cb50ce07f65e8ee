// How the texts of an episode or a group were read: in which dialect and frame, why, and what else they could be read as.
import * as z from "zod/mini";
import { frameChoices, frameFindingSchema } from "./frame";

/** What a person asks for instead of what is detected; `auto` and absence are the same. */
export const readingChoiceSchema = z.object({
  dialect: z.optional(z.string()),
  frame: z.optional(z.enum(frameChoices)),
});

export type ReadingChoice = z.infer<typeof readingChoiceSchema>;

export const dialectNameSchema = z.object({
  id: z.string(),
  title: z.string(),
  /** Declared by the workspace. */
  own: z.boolean(),
});

export type DialectName = z.infer<typeof dialectNameSchema>;

export const readingSchema = z.object({
  /** Null where no dialect fits. */
  dialect: z.nullable(dialectNameSchema),
  /** A person chose it. */
  chosen: z.boolean(),
  /** Why this dialect, or which three come nearest where none fits. */
  why: z.string(),
  /** All there are, the workspace's own first. */
  dialects: z.array(dialectNameSchema),
  /** Null where nothing has coordinates. */
  frame: z.nullable(frameFindingSchema),
});

export type Reading = z.infer<typeof readingSchema>;
