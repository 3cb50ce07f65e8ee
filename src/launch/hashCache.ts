// Hashes of files that have not changed since they were read, by what the file system says of them. One per window: a cold
// start reads 5,000 files in a sixth of a second.
import type { BigIntStats } from "node:fs";

/** A file that was written this shortly before it was read may be written again within the same tick of its clock. */
const UNSETTLED_NS = 2_000_000_000n;

const signature = ({ size, mtimeNs, ctimeNs, ino, dev }: BigIntStats): string =>
  [size, mtimeNs, ctimeNs, ino, dev].join(" ");

export class HashCache {
  private readonly known = new Map<string, { signature: string; sha256: string }>();

  get(folder: string, name: string, stats: BigIntStats): string | null {
    const held = this.known.get(`${folder}\0${name}`);
    return held?.signature === signature(stats) ? held.sha256 : null;
  }

  /** `stats` are from before the reading: what changed during it does not match later. */
  keep(folder: string, name: string, stats: BigIntStats, sha256: string): void {
    const settled = BigInt(Date.now()) * 1_000_000n - stats.mtimeNs > UNSETTLED_NS;
    if (settled) this.known.set(`${folder}\0${name}`, { signature: signature(stats), sha256 });
    else this.known.delete(`${folder}\0${name}`);
  }
}

export const hashCache = new HashCache();
