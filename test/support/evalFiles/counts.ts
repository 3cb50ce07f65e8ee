// Counts behind printed rates: which of n rows are right, so that a table counted from the rows prints as a report has it.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** `total` flags of which `right` are true, evenly spread, so that neither a head nor a tail of the rows is like the whole. */
export const spread = (total: number, right: number): boolean[] =>
  Array.from({ length: total }, (_, i) => Math.floor(((i + 1) * right) / total) > Math.floor((i * right) / total));

/** `69.45` of 1319 -> 916: the count that prints as this percentage. Throws where no count does: such a cell is no rate of n. */
export function countOf(percent: string, n: number): number {
  const digits = percent.split(".")[1]?.length ?? 0;
  const near = Math.round((Number(percent) / 100) * n);
  const right = [near, near - 1, near + 1].find((k) => ((k / n) * 100).toFixed(digits) === percent);
  if (right === undefined) throw new Error(`no count of ${String(n)} prints as ${percent} %`);
  return right;
}

/** JSON as Python's json.dump writes it with `indent=2`: what matters to a reader, whole floats keep their point. */
export const indented = (value: unknown): string => JSON.stringify(value, null, 2);

export const jsonLines = (rows: readonly unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

export function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
