// RLVR evaluations' summaries from their verified rows: accuracy with levels and subjects, instructions followed, relabelled samples.
import { isFields } from "../../base/json";
import type { EvalMetric } from "../../model/evaluation";
import { rate } from "../evalMetric";
import { groupBy, ofBenchmark, scorer, setOf, tableOf } from "../scorer";
import { verifiedRow, type VerifiedRow } from "../verifiedRow";

const share = (rows: readonly VerifiedRow[]): number => rows.filter(({ correct }) => correct).length / rows.length;

function partsOf(name: string, rows: readonly VerifiedRow[], keyOf: (row: VerifiedRow) => string | null): EvalMetric[] {
  const parts = [...groupBy(rows, keyOf)].sort(([a], [b]) => (a < b ? -1 : 1));
  return parts.map(([key, of]) => rate(`${name} ${key}`, share(of), of.length));
}

const metricsOf: Readonly<Record<VerifiedRow["kind"], (rows: readonly VerifiedRow[]) => EvalMetric[]>> = {
  answer: (rows) => [
    rate("accuracy", share(rows), rows.length),
    ...partsOf("level", rows, ({ level }) => level),
    ...partsOf("subject", rows, ({ subject }) => subject),
  ],
  instructions: (rows) => {
    const [followed, all] = rows.reduce(([f, a], row) => [f + row.followed, a + row.instructions], [0, 0]);
    return [
      rate("prompt_level_strict_acc", share(rows), rows.length),
      ...(all > 0 ? [rate("inst_level_acc", followed / all, all)] : []),
    ];
  },
  relabelled: (rows) => [
    rate("overall_accuracy", share(rows), rows.length),
    ...partsOf("task", rows, ({ task }) => task),
    ...partsOf("level", rows, ({ level }) => level),
  ],
};

export const rlvrEval = scorer<VerifiedRow>({
  id: "rlvr-eval",
  label: "RLVR's summary of verified samples",
  rule: "rlvr-experiments scripts/eval_checkpoint.py, scripts/adhoc/verify_lm_eval_samples.py",
  readers: ["rlvr-eval-samples"],
  recordedBy: ["rlvr-eval"],
  rowsOf: (record) => {
    const row = isFields(record) ? verifiedRow(record) : null;
    return row ? [row] : [];
  },
  tables: (sources) =>
    sources.map((source) => {
      const kinds = groupBy(source.rows, ({ kind }) => kind);
      const metrics = [...kinds.values()].flatMap((rows) => metricsOf[rows[0]?.kind ?? "answer"](rows));
      const set = setOf(source.rows.map(({ task, id }) => `${task ?? ""} ${id}`));
      return tableOf(source, metrics, { ...ofBenchmark(source), set, episodes: source.rows.length });
    }),
});
