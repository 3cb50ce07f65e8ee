// Tables that two files of one evaluation hold alike: a checkpoint's own summary, and its line in the summary of all.
import type { EvalTable } from "../model/evaluation";
import { groupBy } from "./scorer";

const keyOf = ({ benchmark, step, by }: EvalTable): string | null =>
  benchmark === undefined || step === undefined ? null : JSON.stringify([benchmark, step, by?.key, by?.group]);

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf("/") + 1);

/** Runs side by side may well have the same score: only a file and one in a folder below its own are of one evaluation. */
const areOfOne = (a: string, b: string): boolean => a !== b && (a.startsWith(folderOf(b)) || b.startsWith(folderOf(a)));

function isIn({ metrics, source }: EvalTable, other: EvalTable): boolean {
  if (!areOfOne(source, other.source)) return false;
  return metrics.every(({ name, value }) => other.metrics.some((m) => m.name === name && m.value === value));
}

/** Of two that say the same the fuller one is kept, else the one further in: its rows lie beside it. */
export function withoutRepeats<Table extends EvalTable>(tables: readonly Table[]): Table[] {
  const alike = groupBy(tables, keyOf);
  return tables.filter((table) => {
    const key = keyOf(table);
    const group = (key === null ? undefined : alike.get(key)) ?? [];
    return !group.some((other) => isIn(table, other) && (!isIn(other, table) || isFurtherIn(other, table)));
  });
}

function isFurtherIn({ source: a }: EvalTable, { source: b }: EvalTable): boolean {
  const [depth, other] = [a, b].map((path) => path.split("/").length);
  return depth === other ? a < b : Number(depth) > Number(other);
}
