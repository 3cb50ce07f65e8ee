// A run's own files, for a copy on another machine: the list, and pieces by offset. Never its code, caches or what a link leads to.
import * as z from "zod/mini";
import { runIdSchema } from "../model/run";
import { read } from "./define";

/** In bytes, before base64. */
export const mostPerPiece = 1 << 20;

export const keptFileSchema = z.object({
  /** Relative to the run's folder, with `/`. */
  path: z.string(),
  bytes: z.number(),
  modifiedMs: z.number(),
  /** The checkpoint it belongs to, as `runs/usage` names it. */
  checkpoint: z.nullable(z.string()),
});
export type KeptFile = z.infer<typeof keptFileSchema>;

export const keeping = {
  /** `but`: what a succeeded run lacks, as its status says it. */
  list: read(
    "keeping/list",
    z.object({ id: runIdSchema }),
    z.object({ but: z.nullable(z.string()), files: z.array(keptFileSchema) }),
  ),
  /** At most a megabyte, base64, with the SHA-256 of those bytes and the file's size now. */
  piece: read(
    "keeping/piece",
    z.object({ id: runIdSchema, path: z.string(), offset: z.number(), length: z.number() }),
    z.object({ data: z.string(), sha256: z.string(), size: z.number() }),
  ),
};
