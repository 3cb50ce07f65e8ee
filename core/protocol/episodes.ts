// Agents' trajectories.
import * as z from "zod/mini";
import { episodeHeaderSchema, episodeSchema } from "../model/episode";
import { readingChoiceSchema } from "../model/reading";
import { read, target } from "./define";

export const episodes = {
  page: read(
    "episodes/page",
    z.object({ target, offset: z.number(), limit: z.number() }),
    z.object({ total: z.number(), rows: z.array(episodeHeaderSchema) }),
  ),
  read: read("episodes/read", z.extend(readingChoiceSchema, { target, id: z.string() }), episodeSchema),
};
