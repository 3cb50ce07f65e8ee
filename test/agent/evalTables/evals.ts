// What the tests of evaluation tables ask of the command line, and cells as a report prints them.
import { expect, vi } from "vitest";
import type { EvalMetric, EvalTable } from "../../../core/model/evaluation";
import { runside } from "../../support/builtAgent";
import { tempFolder } from "../../support/tempFolder";

// Files of tens of thousands of rows, written and read three times: not a question of how fast, on a machine that does more than this.
vi.setConfig({ testTimeout: 180_000 });

async function json(args: readonly string[]): Promise<unknown> {
  const { code, out, err } = await runside(tempFolder("home"), [...args, "--json"]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return JSON.parse(out) as unknown;
}

export const evalsOf = async (folder: string): Promise<EvalTable[]> => (await json(["evals", folder])) as EvalTable[];

export interface Curve {
  name: string;
  source: string;
  steps: number[];
  values: number[];
}

export const curvesOf = async (folder: string, ...names: string[]): Promise<Curve[]> =>
  (await json(["series", folder, ...names])) as Curve[];

/** Problems that were found, as `code: message`. */
export async function problemsIn(folder: string): Promise<string[]> {
  const { diagnostics } = (await json(["inspect", folder])) as { diagnostics: { code: string; message: string }[] };
  return diagnostics.map(({ code, message }) => `${code}: ${message}`);
}

/** The one table whose file's path holds all of `parts`. */
export function tableOf(tables: readonly EvalTable[], ...parts: readonly string[]): EvalTable {
  const found = tables.filter((table) => parts.every((part) => table.source.includes(part)));
  if (found.length !== 1 || !found[0]) throw new Error(`${String(found.length)} tables are of ${parts.join(" and ")}`);
  return found[0];
}

export function metricOf(table: EvalTable, name: string): EvalMetric {
  const found = table.metrics.find((metric) => metric.name === name);
  if (!found) throw new Error(`no ${name} in ${table.metrics.map((metric) => metric.name).join(", ")}`);
  return found;
}

/** As reports print a number: so many digits behind the point; `N/A` where there is none. */
export const printed = ({ value }: EvalMetric, digits: number): string =>
  typeof value === "number" ? value.toFixed(digits) : "N/A";

export const percent = ({ value }: EvalMetric, digits: number): string =>
  typeof value === "number" ? `${(value * 100).toFixed(digits)}%` : "N/A";

/** `122/124 (98.4%)`. */
export const counted = (metric: EvalMetric, digits: number): string =>
  `${String(Math.round(Number(metric.value) * (metric.n ?? NaN)))}/${String(metric.n)} (${percent(metric, digits)})`;

/** Of these metrics: those that no rule has made again from the rows, and how those differ that came out otherwise. */
export const agreed = (table: EvalTable, names: readonly string[]): string[] =>
  names.flatMap((name) => {
    const { value, recomputed = [] } = metricOf(table, name);
    // There is nothing to make again of what could not be computed.
    if (value === null) return [];
    if (recomputed.length === 0) return [`${name}: not made again`];
    return recomputed.flatMap(({ difference }) => difference ?? []);
  });
