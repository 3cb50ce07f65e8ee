// What may stand in .runside/dialects.yaml. The messages are whole sentences' ends: they are shown at their place in the file.
import * as z from "zod/mini";
import { actionKinds, frames } from "../model/action";

const text = (what: string): z.ZodMiniString => z.string({ error: `${what} must be a text` });

const pattern = z.strictObject(
  {
    kind: z.enum(actionKinds, { error: `kind must be one of ${actionKinds.join(", ")}` }),
    pattern: text("pattern").check(z.minLength(1, "pattern is empty")),
    frame: z.optional(z.enum(frames, { error: `frame must be one of ${frames.join(", ")}` })),
  },
  { error: (issue) => (issue.code === "invalid_type" ? "a pattern is a mapping with kind and pattern" : undefined) },
);

export const userDialectSchema = z.strictObject(
  {
    id: text("id").check(z.regex(/^[a-z0-9][a-z0-9-]{0,39}$/, "id takes small letters, digits and -, at most 40")),
    title: z.optional(text("title")),
    patterns: z
      .array(pattern, { error: "patterns must be a list" })
      .check(z.minLength(1, "patterns is empty"), z.maxLength(50, "there are more than 50 patterns")),
    thought: z.optional(text("thought")),
    state: z.optional(text("state")),
    ignoreCase: z.optional(z.boolean({ error: "ignoreCase must be true or false" })),
  },
  { error: (issue) => (issue.code === "invalid_type" ? "a dialect is a mapping with id and patterns" : undefined) },
);

export const userDialectsSchema = z.strictObject(
  { dialects: z.array(userDialectSchema, { error: '"dialects" must be a list of dialects' }) },
  {
    error: (issue) => (issue.code === "invalid_type" ? "the file is a mapping with a list called dialects" : undefined),
  },
);

export type UserDialect = z.infer<typeof userDialectSchema>;
