// One thing wrong inside a file, with its place. A value that readers return; never an exception.
import * as z from "zod/mini";

export const diagnosticSchema = z.object({
  /** Stable and short, e.g. `torn-line`, `not-json`, `line-too-long`, `bad-utf8`, `truncated`. */
  code: z.string(),
  severity: z.enum(["error", "warning", "info"]),
  message: z.string(),
  path: z.string(),
  /** 1-based line in the file, where the reader knows it. */
  line: z.nullable(z.number()),
  /** How many times the same thing was seen in this file; the place is the first one's. */
  count: z.number(),
});

export type Diagnostic = z.infer<typeof diagnosticSchema>;
