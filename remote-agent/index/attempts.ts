// A restarted run's attempts as one: their output folders are roots of one target, their files are lives of the same curves, and
// where a later attempt begins is a mark on the charts.
import type { AttemptMark } from "../../core/model/runState";
import { attemptFiles } from "../disk/runFolder";
import type { SourceIndex } from "./sourceIndex";
import type { Root } from "./targetIndex";

const prefixOf = (attempt: number): string => (attempt === 1 ? "" : `attempt ${attempt}/`);

/** The folders of all attempts, the first one's under their own names, as before there was another. */
export function attemptRoots(runFolder: string, latest: number): Root[] {
  return Array.from({ length: latest }, (_, i) => i + 1).flatMap((attempt) => {
    const { out, log } = attemptFiles(runFolder, attempt);
    return [
      { absolute: out, prefix: prefixOf(attempt) },
      { absolute: log, prefix: `${prefixOf(attempt)}log/` },
    ];
  });
}

/** `attempt 2/metrics.jsonl` is the second life of `metrics.jsonl`. */
export function attemptOf(path: string): { attempt: number; path: string } {
  const [prefix = "", number] = /^attempt (\d+)\//.exec(path) ?? [];
  return { attempt: number === undefined ? 1 : Number(number), path: path.slice(prefix.length) };
}

/** Later attempts, each with the first step of any of its curves; an attempt that has written none is not there yet. */
export function marksOf(sources: readonly SourceIndex[]): AttemptMark[] {
  const first = new Map<number, number>();
  for (const source of sources) {
    const { attempt } = attemptOf(source.path);
    if (attempt === 1 || (source.records.facts.get("axis") ?? source.reader.axis) !== "step") continue;
    for (const { steps } of source.records.series.values())
      if (steps.length > 0) first.set(attempt, Math.min(first.get(attempt) ?? Infinity, steps.at(0)));
  }
  return [...first].map(([attempt, step]) => ({ attempt, step })).sort((a, b) => a.attempt - b.attempt);
}
