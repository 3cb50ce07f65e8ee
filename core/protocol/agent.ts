// Who the agent is and what machine it runs on.
import * as z from "zod/mini";
import { nothing, read } from "./define";

export const agent = {
  hello: read(
    "agent/hello",
    z.object({ protocol: z.number() }),
    z.object({
      protocol: z.number(),
      version: z.string(),
      pid: z.number(),
      node: z.string(),
      platform: z.string(),
      arch: z.string(),
      hostname: z.string(),
      user: z.string(),
      home: z.string(),
      runsideHome: z.string(),
      cpus: z.number(),
    }),
  ),
  ping: read("agent/ping", nothing, z.object({ at: z.number() })),
};
