// What a benchmark is: one file in rows/, which answers one or more lines of the table.
import type { Bench } from "./bench";

/** Of `MB/s` and `fps` more is better, of the others less. */
export type Unit = "ms" | "%" | "MB" | "MB/s" | "fps";

export interface Peer {
  name: string;
  value: number;
}

/** A number that must not be passed (or, where more is better, be reached), or a multiple of the peer's: 0.1 is "ten times faster". */
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
  /** Why it cannot run on this machine, or null; asked for first, so that it may install what it needs. */
  missing?: () => string | null | Promise<string | null>;
  run(bench: Bench): Promise<Line[]>;
}

export function limitOf(line: Line): number {
  const { budget, peer } = line;
  if ("atMost" in budget) return budget.atMost;
  return peer ? budget.timesPeer * peer.value : moreIsBetter(line) ? 0 : Infinity;
}

export const moreIsBetter = ({ unit }: { unit: Unit }): boolean => unit === "MB/s" || unit === "fps";

/** Measured, and by nothing: the peer that its budget is a multiple of is not on this machine. */
export const isUnjudged = ({ budget, peer }: Line): boolean => "timesPeer" in budget && peer === null;

export const isOver = (line: Line): boolean =>
  moreIsBetter(line) ? !(line.ours >= limitOf(line)) : !(line.ours <= limitOf(line));
