// What Runside has on a box, by what it is good for: what an uninstall shows before it deletes, and what it left.
import * as z from "zod/mini";
import { bytesWords } from "./diskUse";

/** `agents` with the command line's shim, `node` only what was brought, `code` the snapshots and their contents. */
export const footprintParts = ["agents", "node", "caches", "code", "locks", "runs"] as const;
export type FootprintPart = (typeof footprintParts)[number];

export const footprintSchema = z.object({
  /** The run store, absolute. */
  root: z.string(),
  parts: z.array(
    z.object({
      part: z.enum(footprintParts),
      /** Absolute, each there: a folder where all in it is of Runside, else what is. */
      paths: z.array(z.string()),
      /** On the disk, links not followed. */
      bytes: z.number(),
      /** Agents, programs, snapshots, runs. */
      count: z.number(),
    }),
  ),
  live: z.array(z.object({ id: z.string(), state: z.string() })),
  /** Ids of runs that another machine of the same home folder may have: these are not deleted. */
  elsewhere: z.array(z.string()),
  /** Processes besides the one that looked that were started from the store. */
  users: z.array(z.object({ pid: z.number(), does: z.enum(["agent", "supervisor", "command", "program"]) })),
  /** What lies among ours and is not deleted, each with why. */
  stays: z.array(z.string()),
});
export type Footprint = z.infer<typeof footprintSchema>;

export const uninstalledSchema = z.object({
  bytes: z.number(),
  /** Paths that are still there, with the reason; empty when nothing is left. */
  left: z.array(z.string()),
});
export type Uninstalled = z.infer<typeof uninstalledSchema>;

export const partOf = ({ parts }: Footprint, part: FootprintPart): Footprint["parts"][number] | undefined =>
  parts.find((each) => each.part === part);

/** A few paths are all said: what goes is known before it goes. */
const NAMED = 4;

/** A line for each part: what, how many, how much, where. */
export function footprintLines(footprint: Footprint): string[] {
  return footprint.parts.map(({ part, paths, bytes, count }) => {
    const more = paths.length - NAMED;
    const where = paths.slice(0, NAMED).join(", ") + (more > 0 ? ` and ${more} more` : "");
    return `${words[part](count)}: ${bytesWords(bytes)} (${where})`;
  });
}

const many = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`;

const words: Record<FootprintPart, (count: number) => string> = {
  agents: (count) => `${many(count, "agent")} and the command line`,
  node: (count) => `${many(count, "Node.js program")} that Runside brought`,
  caches: () => "indexes, made again when needed",
  code: (count) => `${many(count, "snapshot")} of code and their contents`,
  locks: () => "locks of the GPU queue",
  runs: (count) => `${many(count, "run")}: record, log, output, checkpoints`,
};
