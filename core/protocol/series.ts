// Curves at the resolution asked for, over the range asked for.
import * as z from "zod/mini";
import { seriesSchema } from "../model/series";
import { read, target } from "./define";

export const series = {
  read: read(
    "series/read",
    z.object({
      target,
      /** Keys of `Series.key`, or canonical or raw names. */
      names: z.array(z.string()),
      from: z.optional(z.number()),
      to: z.optional(z.number()),
      points: z.number(),
    }),
    z.object({ series: z.array(seriesSchema) }),
  ),
};
