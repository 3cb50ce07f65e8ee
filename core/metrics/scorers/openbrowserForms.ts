// OpenBrowser's evaluation of filled forms: how many prompts earn anything, and the mean of what all earn (eval_sft.py).
import { isFields, numberOf } from "../../base/json";
import { measure, rate } from "../evalMetric";
import { scorer, setOf, tableOf } from "../scorer";

interface Row {
  id: string;
  reward: number;
}

export const openbrowserForms = scorer<Row>({
  id: "openbrowser-forms",
  label: "OpenBrowser's form evaluation",
  rule: "eval_sft.py",
  readers: ["openbrowser-results"],
  recordedBy: ["openbrowser-results"],
  rowsOf: (record) => {
    const prompts: unknown[] = isFields(record) && Array.isArray(record.per_prompt) ? record.per_prompt : [];
    return prompts.filter(isFields).flatMap((prompt) => {
      const reward = numberOf(prompt.reward);
      return reward === null ? [] : [{ id: String(numberOf(prompt.prompt_idx)), reward }];
    });
  },
  tables: (sources) =>
    sources.map((source) => {
      const { rows } = source;
      const n = rows.length;
      const earned = rows.filter(({ reward }) => reward > 0).length;
      const mean = rows.reduce((sum, { reward }) => sum + reward, 0) / n;
      const metrics = [rate("nonzero_rate", earned / n, n), measure("avg_reward", mean, n, "higher")];
      return tableOf(source, metrics, { benchmark: "formfactory", set: setOf(rows.map(({ id }) => id)), episodes: n });
    }),
});
