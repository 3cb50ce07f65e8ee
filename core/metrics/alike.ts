// Whether two evaluations may be compared: numbers of other tasks, of other rows or of more of them say nothing about each other.
import type { EvalTable } from "../model/evaluation";

/** Why no number of `a` is comparable with one of `b`, in half a sentence; null where nothing speaks against it. */
export function unlike(a: EvalTable, b: EvalTable): string | null {
  const [partA, partB] = [partOf(a), partOf(b)];
  if (partA !== partB) return `of other parts (${partA}, ${partB})`;
  if (a.benchmark !== undefined && b.benchmark !== undefined && a.benchmark !== b.benchmark)
    return `of other benchmarks (${a.benchmark}, ${b.benchmark})`;
  if (a.episodes !== null && b.episodes !== null) {
    if (a.episodes !== b.episodes) return `of other sizes (${String(a.episodes)} and ${String(b.episodes)} episodes)`;
    if (a.steps !== null && b.steps !== null && a.steps !== b.steps)
      return `of other sizes (${String(a.steps)} and ${String(b.steps)} steps)`;
  }
  return a.set !== undefined && b.set !== undefined && a.set !== b.set ? "of other samples" : null;
}

/** What speaks against comparing a metric among tables. */
export interface Unlikeness {
  /** In a sentence that names two of them. */
  message: string;
  /** The sets differ: nothing may be compared. Else the same set was judged on other numbers of cases, as with clicks that parse. */
  sets: boolean;
}

/** The first reason among the tables that have the metric; null where all are alike. */
export function unlikeAmong(tables: readonly EvalTable[], name: string): Unlikeness | null {
  const having = tables.flatMap((table) => {
    const metric = table.metrics.find((m) => m.name === name);
    return metric ? [{ table, n: metric.n }] : [];
  });
  const [first, ...rest] = having;
  if (!first) return null;
  for (const { table } of rest) {
    const why = unlike(first.table, table);
    if (why === null) continue;
    return { message: `${nameOf(first.table)} and ${nameOf(table)} are ${why}: not to be compared.`, sets: true };
  }
  // Where nothing could be judged there is no number to compare.
  const [one, ...others] = having.filter(({ n }) => n !== null && n > 0);
  const other = others.find(({ n }) => n !== one?.n);
  if (!one || !other) return null;
  const [a, b] = [one, other].map(({ table, n }) => `n=${String(n)} in ${nameOf(table)}`);
  return { message: `${name} rests on ${String(a)} and ${String(b)}: not of the same cases.`, sets: false };
}

const partOf = ({ by }: EvalTable): string => (by ? `${by.key} ${by.group}` : "all");

/** What was evaluated, with what tells it from others of the same label. */
function nameOf({ label, by, step }: EvalTable): string {
  const part = by && by.group !== label ? [`${by.key} ${by.group}`] : [];
  const after = step !== undefined && !label.includes(`step ${String(step)}`) ? [`step ${String(step)}`] : [];
  return [label, ...part, ...after].join(" · ");
}
