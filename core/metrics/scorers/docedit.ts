// DocEdit's summary over its cases: the share that is restored exactly, and the mean of every score.
import { isFields, numberOf, textOf, type Fields } from "../../base/json";
import { measure, rate } from "../evalMetric";
import { scorer, setOf, tableOf } from "../scorer";

/** The field of a case, the metric's name, and which way is better. */
const means = [
  ["similarity", "mean_similarity", "higher"],
  ["composite_score", "mean_composite_score", "higher"],
  ["edit_accuracy", "mean_edit_accuracy", "higher"],
  ["collateral_damage", "mean_collateral_damage", "lower"],
  ["elapsed_seconds", "mean_elapsed_seconds", "lower"],
] as const;

interface Row {
  id: string;
  exact: boolean;
  scores: readonly (number | null)[];
}

const rowOf = (record: Fields): Row | null => {
  const id = textOf(record.case_id);
  if (id === null || typeof record.exact_match !== "boolean") return null;
  return { id, exact: record.exact_match, scores: means.map(([field]) => numberOf(record[field])) };
};

export const docedit = scorer<Row>({
  id: "docedit",
  label: "DocEdit's summary",
  rule: "eval_harness.py, summarize",
  readers: ["docedit-cases"],
  recordedBy: ["docedit-summary"],
  rowsOf: (record) => {
    const row = isFields(record) ? rowOf(record) : null;
    return row ? [row] : [];
  },
  tables: (sources) =>
    sources.map((source) => {
      const { rows } = source;
      const metrics = means.map(([, name, better], at) => {
        const known = rows.flatMap(({ scores }) => scores[at] ?? []);
        return measure(name, known.reduce((a, b) => a + b, 0) / known.length, known.length, better);
      });
      const exact = rate("exact_match_rate", rows.filter((row) => row.exact).length / rows.length, rows.length);
      const set = setOf(rows.map(({ id }) => id));
      return tableOf(source, [exact, ...metrics.filter(({ n }) => n !== 0)], { set, episodes: rows.length });
    }),
});
