// Hashes of files that have not changed since they were read, by what the file system says of them. One per window: a cold
// start reads 5,000 files in a sixth of a second.
import type { BigIntStats } from "node:fs";

/** A file that was written this shortly before it was read may be written again within the same tick of its clock. */
const UNSETTLED_NS = 2_000_000_000n;

interface Known {
  stats: BigIntStats;
  sha256: string;
}

const same = (a: BigIntStats, b: BigIntStats): boolean =>
  a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs && a.size === b.size && a.ino === b.ino && a.dev === b.dev;

export class HashCache {
  private readonly folders = new Map<string, Map<string, Known>>();

  get(folder: string, name: string, stats: BigIntStats): string | null {
    const held = this.folders.get(folder)?.get(name);
    return held && same(held.stats, stats) ? held.sha256 : null;
  }

  /** `stats` are from before the reading: what changed during it does not match later. */
  keep(folder: string, name: string, stats: BigIntStats, sha256: string): void {
    const known = this.folders.get(folder) ?? new Map<string, Known>();
    this.folders.set(folder, known);
    const settled = BigInt(Date.now()) * 1_000_000n - stats.mtimeNs > UNSETTLED_NS;
    if (settled) known.set(name, { stats, sha256 });
    else known.delete(name);
  }
}

export const hashCache = new HashCache();
