// What a benchmark is: one file in rows/, which answers one or more lines of the table.
import type { Bench } from "./bench";

export type Unit = "ms" | "%" | "MB";

export interface Peer {
  name: string;
  value: number;
}

/** A number that must not be passed, or a multiple of the peer's: 0.1 is "ten times faster". */
export type Budget = { atMost: number } | { timesPeer: number };

export interface Line {
  name: string;
  ours: number;
  unit: Unit;
  budget: Budget;
  peer: Peer | null;
  /** How far apart the samples lay, in words. */
  note?: string;
}

export interface Row {
  /** For `--only`: also its beginning will do. */
  name: string;
  /** Takes minutes and gigabytes: runs when it is asked for. */
  onRequest?: boolean;
  /** Why it cannot run on this machine, or null. */
  missing?: () => string | null;
  run(bench: Bench): Promise<Line[]>;
}

export function limitOf({ budget, peer }: Line): number {
  if ("atMost" in budget) return budget.atMost;
  return peer ? budget.timesPeer * peer.value : Infinity;
}

export const isOver = (line: Line): boolean => !(line.ours <= limitOf(line));
