// OpenAdapt's benchmark summary from the tasks that stand in it: success rate, mean score and mean number of steps.
import { isFields, numberOf, textOf } from "../../base/json";
import { measure, rate } from "../evalMetric";
import { scorer, setOf, tableOf } from "../scorer";

interface Task {
  id: string;
  success: boolean;
  score: number;
  steps: number;
}

export const openadaptBenchmark = scorer<Task>({
  id: "openadapt-benchmark",
  label: "OpenAdapt's benchmark summary",
  rule: "openadapt-ml openadapt_ml/benchmarks/data_collection.py",
  readers: ["openadapt-benchmark"],
  recordedBy: ["openadapt-benchmark"],
  rowsOf: (record) => {
    if (!isFields(record) || !Array.isArray(record.tasks) || !("success_rate" in record)) return [];
    return record.tasks.filter(isFields).map((task) => ({
      id: textOf(task.task_id) ?? "",
      success: task.success === true,
      score: numberOf(task.score) ?? NaN,
      steps: numberOf(task.num_steps) ?? NaN,
    }));
  },
  tables: (sources) =>
    sources.map((source) => {
      const { rows } = source;
      const n = rows.length;
      const mean = (of: (task: Task) => number): number => rows.reduce((sum, task) => sum + of(task), 0) / n;
      const metrics = [
        rate("success_rate", rows.filter(({ success }) => success).length / n, n),
        measure(
          "avg_score",
          mean(({ score }) => score),
          n,
          "higher",
        ),
        measure(
          "avg_steps",
          mean(({ steps }) => steps),
          n,
          "lower",
        ),
      ].filter(({ value }) => value !== "NaN");
      return tableOf(source, metrics, { set: setOf(rows.map(({ id }) => id)), episodes: n });
    }),
});
