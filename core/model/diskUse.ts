// What a run takes of a box's disk, by what it is good for.
import * as z from "zod/mini";

/** `code` is the run's own copy of the workspace, `record` what says how it was run and how it ended. */
export const diskParts = ["output", "checkpoints", "log", "cache", "code", "record"] as const;
export type DiskPart = (typeof diskParts)[number];

const bytes = z.number();

export const diskUseSchema = z.object({
  /** On the disk, in bytes: what deleting gives back. */
  total: bytes,
  parts: z.record(z.enum(diskParts), bytes),
  files: z.number(),
  /** Paths in the output folder, largest first. */
  checkpoints: z.array(z.object({ path: z.string(), bytes })),
  /** What it was launched from, shared with other runs: not in `total`, and not deleted with the run. */
  snapshot: z.nullable(z.object({ id: z.string(), bytes, otherRuns: z.number() })),
  /** Absolute folders that it writes besides its own; deleting a run leaves them. */
  outside: z.array(z.string()),
});
export type DiskUse = z.infer<typeof diskUseSchema>;

export function bytesWords(size: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let value = size;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit] ?? ""}`;
}
