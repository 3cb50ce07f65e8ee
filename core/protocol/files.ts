// Bytes of one file inside a target: screenshots and logs. Never a path outside it.
import * as z from "zod/mini";
import { read, target } from "./define";

export const files = {
  /** At most 192 KB a call, base64; `path` as the model gave it. */
  read: read(
    "files/read",
    z.object({ target, path: z.string(), offset: z.number(), length: z.number() }),
    z.object({ data: z.string(), size: z.number() }),
  ),
  /**
   * Whole lines of the run's output log that end at `before` (or at its end), newest last. `start` is for the page before, `openAt` for
   * the one after: where the last line begins if it has no end yet, else `end`. A secret in pieces is no known one: a line that grows
   * is asked for again.
   */
  log: read(
    "files/log",
    z.object({ target, before: z.optional(z.number()), after: z.optional(z.number()), maxBytes: z.number() }),
    z.object({ text: z.string(), start: z.number(), end: z.number(), openAt: z.number(), size: z.number() }),
  ),
  /** Sub-folders and what Runside sees in them, for the folder picker. */
  list: read(
    "files/list",
    z.object({ path: z.string() }),
    z.object({
      path: z.string(),
      parent: z.nullable(z.string()),
      folders: z.array(z.object({ name: z.string(), modifiedAt: z.string() })),
    }),
  ),
};
