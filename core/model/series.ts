// One metric over steps, in columns. `name` is canonical, `raw` is what the file called it.
import * as z from "zod/mini";
import { wireColumn } from "./number";

export const seriesSchema = z.object({
  /** Identity within a target: `<source path>#<raw name>`. */
  key: z.string(),
  name: z.string(),
  raw: z.string(),
  source: z.string(),
  /** Other files that hold this curve: as a duplicate, or as an earlier or later life of a resumed run. */
  alsoIn: z.optional(z.array(z.string())),
  /** What the x column counts: `step`, `version`, `line`, `epoch`. */
  axis: z.string(),
  /** Points in the file; `steps` may hold fewer, thinned with extremes kept. */
  total: z.number(),
  steps: wireColumn,
  values: wireColumn,
});

export type Series = z.infer<typeof seriesSchema>;

export const seriesPatchSchema = z.object({
  key: z.string(),
  name: z.string(),
  raw: z.string(),
  source: z.string(),
  alsoIn: z.optional(z.array(z.string())),
  axis: z.string(),
  total: z.number(),
  /** `append` adds the columns to what the holder has; `replace` is the whole, thinned anew. */
  mode: z.enum(["append", "replace"]),
  steps: wireColumn,
  values: wireColumn,
});

export type SeriesPatch = z.infer<typeof seriesPatchSchema>;

export const seriesInfoSchema = z.object({
  name: z.string(),
  raw: z.string(),
  count: z.number(),
  last: z.union([z.number(), z.string(), z.null()]),
});
