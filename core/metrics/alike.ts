// Whether two evaluations may be compared: numbers of other tasks, of other rows or of more of them say nothing about each other.
import type { EvalTable } from "../model/evaluation";

/** Why the numbers of `a` and `b` are not comparable, in half a sentence; null where nothing speaks against it. */
export function unlike(a: EvalTable, b: EvalTable): string | null {
  const [groupA, groupB] = [a, b].map(({ by }) => (by ? `${by.key} ${by.group}` : "all"));
  if (groupA !== groupB) return `of other parts (${String(groupA)}, ${String(groupB)})`;
  if (a.benchmark !== undefined && b.benchmark !== undefined && a.benchmark !== b.benchmark)
    return `of other benchmarks (${a.benchmark}, ${b.benchmark})`;
  for (const [words, x, y] of [
    ["episodes", a.episodes, b.episodes],
    ["steps", a.steps, b.steps],
  ] as const) {
    if (x !== null && y !== null && x !== y) return `of sets of other sizes (${String(x)} and ${String(y)} ${words})`;
  }
  if (a.set !== undefined && b.set !== undefined && a.set !== b.set) return "of other samples";
  return null;
}

/** The first reason among tables that all have the metric, as a sentence with both names; null where all are alike. */
export function unlikeAmong(tables: readonly EvalTable[], name: string): string | null {
  const having = tables.filter(({ metrics }) => metrics.some((metric) => metric.name === name));
  const [first, ...rest] = having;
  for (const other of rest) {
    const why = first ? unlike(first, other) : null;
    if (first && why !== null) return `${nameOf(first)} and ${nameOf(other)} are ${why}: not to be compared.`;
  }
  return null;
}

export const nameOf = ({ label, by, step }: EvalTable): string =>
  [
    label,
    by && by.group !== label ? `${by.key} ${by.group}` : "",
    step !== undefined && !label.includes(`step ${String(step)}`) ? `step ${String(step)}` : "",
  ]
    .filter(Boolean)
    .join(" · ");
