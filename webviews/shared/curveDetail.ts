// Curves that have more points in a stretch of steps than a view was sent, asked for from the agent where a hand rests.
import type { ReactiveControllerHost } from "lit";
import type { Series } from "../../core/model/series";
import { covers, widthOf, type Range } from "./curveRange";
import { Resource } from "./resource";
import type { RunReads } from "./runReads";

interface Detail {
  /** What is shown. */
  range: Range;
  /** What is asked for: as much again on either side, so that moving a little asks nothing. */
  around: Range;
  keys: string[];
}

export interface Finer {
  range: Range;
  series: ReadonlyMap<string, Series>;
}

const SETTLED_MS = 120;
/** Some ten for each pixel of a wide chart, over three times what it shows. */
const POINTS = 6000;

export function detailOf(range: Range, keys: string[]): Detail {
  const width = widthOf(range);
  return { range, around: { from: range.from - width, to: range.to + width }, keys };
}

export const curveDetail = (host: ReactiveControllerHost, reads: () => RunReads | null): Resource<Detail, Finer> =>
  new Resource(
    host,
    async ({ around, keys }, signal) => {
      // A hand that drags asks once, where it rests.
      await new Promise((resolve) => setTimeout(resolve, SETTLED_MS));
      signal.throwIfAborted();
      const found = (await reads()?.series(keys, around, POINTS, signal)) ?? [];
      return { range: around, series: new Map(found.map((s) => [s.key, s])) };
    },
    // What is there will do: it reaches as far, and is not much coarser.
    (held, wanted) =>
      covers(held.around, wanted.range) &&
      widthOf(held.range) <= widthOf(wanted.range) * 2 &&
      held.keys.join() === wanted.keys.join(),
  );
