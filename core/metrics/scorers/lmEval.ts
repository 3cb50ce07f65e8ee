// lm-evaluation-harness: every metric of its samples, per filter, as the mean over documents; and by level where a document says one.
import { isFields, textOf, type Fields } from "../../base/json";
import type { EvalMetric } from "../../model/evaluation";
import { rate } from "../evalMetric";
import { groupBy, scorer, setOf, tableOf } from "../scorer";

interface Row {
  /** As results name it: `exact_match,strict-match`; before filters came, the metric alone. */
  metric: string;
  doc: string;
  level: string | null;
  /** Sum and number of what is averaged: one score, or the verdicts of several constraints. */
  sum: number;
  count: number;
}

/** What a row holds beside its metrics, where it does not name those. */
const plain = new Set(["doc_id", "doc", "target", "arguments", "resps", "filtered_resps", "filter", "metrics"]);

function rowsOf(record: unknown): Row[] {
  if (!isFields(record) || !("doc_id" in record) || !Array.isArray(record.resps)) return [];
  const named = Array.isArray(record.metrics) ? record.metrics.filter((name) => typeof name === "string") : [];
  const names =
    named.length > 0 ? named : Object.keys(record).filter((key) => !plain.has(key) && !key.endsWith("_hash"));
  const filter = textOf(record.filter);
  const doc = isFields(record.doc) ? record.doc : {};
  return names.flatMap((name) => {
    const scores = scoresOf(record, name);
    if (scores === null) return [];
    const metric = filter === null ? name : `${name},${filter}`;
    const sum = scores.reduce((a, b) => a + b, 0);
    return [{ metric, doc: String(record.doc_id), level: levelOf(doc.level), sum, count: scores.length }];
  });
}

/** A score in 0..1, a verdict, or several; null for what is no mean of such: perplexities, counts. */
function scoresOf(record: Fields, name: string): number[] | null {
  const value: unknown = record[name];
  const values: unknown[] = Array.isArray(value) ? value : [value];
  const scores = values.map((one) => (typeof one === "boolean" ? Number(one) : one));
  const good = scores.filter((one): one is number => typeof one === "number" && one >= 0 && one <= 1);
  return scores.length > 0 && good.length === scores.length ? good : null;
}

const levelOf = (value: unknown): string | null =>
  typeof value === "number" || (typeof value === "string" && value !== "") ? String(value) : null;

/** n is documents: the constraints of one document are not independent. */
function metricsOf(task: string, rows: readonly Row[]): EvalMetric[] {
  return [...groupBy(rows, ({ metric }) => metric)].map(([metric, of]) => {
    const [sum, count] = of.reduce(([s, c], row) => [s + row.sum, c + row.count], [0, 0]);
    return rate(`${task}/${metric}`, sum / count, of.length);
  });
}

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf("/") + 1);
const dateOf = (path: string): string => /_(\d{4}-[\dT:.-]+?)\.jsonl?$/.exec(path)?.[1] ?? "";
const taskOf = (path: string): string =>
  path
    .slice(path.lastIndexOf("/") + 1)
    .replace(/^samples_/, "")
    .replace(/(_\d{4}[\dT:.-]*)?\.jsonl$/, "");

export const lmEval = scorer<Row>({
  id: "lm-eval",
  label: "lm-evaluation-harness's mean over documents",
  rule: "lm_eval api/metrics.py: mean, and agg_inst_level_acc of ifeval",
  readers: ["lm-eval-samples"],
  recordedBy: ["lm-eval-results"],
  belongs: (rows, results) => folderOf(rows) === folderOf(results) && dateOf(rows) === dateOf(results),
  rowsOf,
  tables: (sources) =>
    sources.flatMap((source) => {
      const task = taskOf(source.path);
      const docs = new Set(source.rows.map(({ doc }) => doc));
      const about = { label: source.label || task, benchmark: task, set: setOf(docs), episodes: docs.size };
      const levels = [...groupBy(source.rows, ({ level }) => level)].sort(([a], [b]) => a.localeCompare(b, "en"));
      return [
        tableOf(source, metricsOf(task, source.rows), about),
        ...levels.map(([group, rows]) => {
          const of = new Set(rows.map(({ doc }) => doc));
          const by = { key: "level", group };
          return tableOf(source, metricsOf(task, rows), { ...about, by, set: setOf(of), episodes: of.size });
        }),
      ];
    }),
});
