// What a run wrote, for a copy on another machine: the list, and pieces by offset. Never its code, caches or what a link leads to.
import * as z from "zod/mini";
import { keptOutsideSchema } from "../model/kept";
import { runIdSchema } from "../model/run";
import { read } from "./define";

/** In bytes, before base64. */
export const mostPerPiece = 1 << 20;

export const keptFileSchema = z.object({
  /** Relative to the run's folder, with `/`; `outside/<n>/...` for what it wrote elsewhere. */
  path: z.string(),
  bytes: z.number(),
  modifiedMs: z.number(),
  /** The checkpoint it belongs to, as people see it. */
  checkpoint: z.nullable(z.string()),
});
export type KeptFile = z.infer<typeof keptFileSchema>;

/** What is there and not copied, and why, as the end of a sentence. */
export const leftOutSchema = z.object({ path: z.string(), why: z.string() });
export type LeftOut = z.infer<typeof leftOutSchema>;

export const keeping = {
  /** `but`: what a succeeded run lacks, as its status says it. `outside`: how a copy opens what the run wrote elsewhere. */
  list: read(
    "keeping/list",
    z.object({ id: runIdSchema }),
    z.object({
      but: z.nullable(z.string()),
      files: z.array(keptFileSchema),
      outside: z.array(keptOutsideSchema),
      skipped: z.array(leftOutSchema),
    }),
  ),
  /** At most a megabyte, base64, with the SHA-256 of those bytes and the file's size now. */
  piece: read(
    "keeping/piece",
    z.object({ id: runIdSchema, path: z.string(), offset: z.number(), length: z.number() }),
    z.object({ data: z.string(), sha256: z.string(), size: z.number() }),
  ),
};
