// evals: what files say of how good a policy is, beside what the scorers make of the rows, each rate with its n and interval.
import { unlikeAmong } from "../../core/metrics/alike";
import { evalGroups } from "../../core/metrics/evalGroups";
import { differences } from "../../core/metrics/recompute";
import { scorerById } from "../../core/metrics/registry";
import type { EvalMetric, EvalTable } from "../../core/model/evaluation";
import { scoredEvaluations } from "../index/scoreQuery";
import { formatNumber, parse, printJson, printLine, printTable, type Verb } from "./io";
import { requireSources, withTarget } from "./openTarget";

export const evals: Verb = {
  name: "evals",
  usage: "PATH [--json]",
  summary: "evaluations, every rate with its n and 95 % interval, and what their rows give",
  async run(args) {
    const options = parse(evals, args, { json: { type: "boolean" } }, { min: 1, max: 1 });
    const [spec = ""] = options.positionals;
    return withTarget(spec, async (target) => {
      requireSources(target, spec);
      const tables = await scoredEvaluations(target);
      if (options.flag("json")) printJson(tables);
      else printEvals(tables);
      return 0;
    });
  },
};

function printEvals(tables: readonly EvalTable[]): void {
  if (tables.length === 0) {
    printLine("No evaluations here.");
    return;
  }
  const { whole, parts } = evalGroups(tables);
  if (whole.length > 0) {
    const names = namesOf(whole);
    printTable(
      ["METRIC", ...whole.map((table) => headingOf(table, whole))],
      names.map((name) => [name, ...whole.map((table) => cellOf(table, name))]),
    );
  }
  for (const { title, source, key, tables: of } of parts) {
    const names = namesOf(of);
    printLine(`${whole.length > 0 || of !== parts[0]?.tables ? "\n" : ""}${title} (${whence(of[0], source)})`);
    printTable(
      [key.toUpperCase(), ...names],
      of.map((table) => [table.by?.group ?? "", ...names.map((name) => cellOf(table, name))]),
    );
  }
  printNotes(tables, whole);
}

function printNotes(tables: readonly EvalTable[], whole: readonly EvalTable[]): void {
  const recomputed = tables.some(({ metrics }) => metrics.some((metric) => metric.recomputed?.some(isSame)));
  const rules = new Set(tables.flatMap(({ scorer = "" }) => scorerById(scorer) ?? []));
  const apart = new Set(namesOf(whole).flatMap((name) => unlikeAmong(whole, name)?.message ?? []));
  const different = differences(tables);
  const notes = [
    ...(recomputed ? ["✓ the same number follows from the rows"] : []),
    ...[...rules].map(({ label, rule }) => `computed here by ${label} (${rule})`),
    ...different.map(({ source, message }) => `differs: ${source}: ${message}`),
    ...apart,
  ];
  if (notes.length > 0) printLine("");
  notes.forEach(printLine);
}

const isSame = ({ difference }: { difference: string | null }): boolean => difference === null;
const namesOf = (tables: readonly EvalTable[]): string[] => [
  ...new Set(tables.flatMap(({ metrics }) => metrics.map(({ name }) => name))),
];

const whence = (table: EvalTable | undefined, source: string): string =>
  table?.scorer === undefined ? source : `computed from ${source}`;

function headingOf(table: EvalTable, among: readonly EvalTable[]): string {
  const file = table.source.replace(/^.*\//, "");
  if (table.scorer !== undefined) return `${table.label} (${table.scorer} of ${file})`;
  const alone = among.filter((t) => t.label === table.label && t.scorer === undefined).length === 1;
  return alone && table.label ? table.label : `${table.label} ${file}`.trim();
}

function cellOf(table: EvalTable, name: string): string {
  const metric = table.metrics.find((m) => m.name === name);
  if (!metric) return "";
  const { recomputed = [] } = metric;
  if (recomputed.length === 0) return metricWords(metric);
  if (recomputed.some(isSame)) return `${metricWords(metric)} ✓`;
  const own = recomputed[0];
  return own ? `${metricWords(metric)} ≠ ${formatNumber(own.value)} (n=${own.n ?? "?"})` : metricWords(metric);
}

/** A rate with its n and its interval. */
export function metricWords(metric: EvalMetric): string {
  const n = metric.n === null ? "n unknown" : `n=${metric.n}`;
  if (metric.value === null) return `- (${n})`;
  const interval =
    metric.low !== null && metric.high !== null ? ` [${formatNumber(metric.low)}, ${formatNumber(metric.high)}]` : "";
  return `${formatNumber(metric.value)}${interval} (${n})`;
}
