// The document-repair report: three cases of each model, from its printed summary and from its cases alone.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { EvalTable } from "../../../core/model/evaluation";
import { writeDocumentEvaluation, type Repaired } from "../../support/evalFiles/docedit";
import { tempFolder } from "../../support/tempFolder";
import { agreed, evalsOf, metricOf, printed, problemsIn, tableOf } from "./evals";

const metrics = [
  "exact_match_rate",
  "mean_similarity",
  "mean_composite_score",
  "mean_edit_accuracy",
  "mean_collateral_damage",
];

/** Model, cases, then the metrics as the report prints them. */
const rows = [
  ["base", 3, "0.0000", "0.9358", "0.7790", "0.4444", "0.2000"],
  ["sft", 3, "0.3333", "0.9964", "0.9109", "0.6667", "0.0159"],
  ["grpo", 3, "0.3333", "0.9964", "0.9149", "0.6667", "0.0000"],
];

const one = (similarity: number, edits: number, damage: number): Repaired => ({ similarity, edits, damage });
const cases = {
  base: [one(0.9301, 1 / 3, 0.2143), one(0.9402, 1 / 3, 0.1857), one(0.9371, 2 / 3, 0.2)],
  sft: [one(0.9999, 1, 0), one(0.9934, 0.5, 0.0477), one(0.9959, 0.5, 0)],
  grpo: [one(0.9999, 1, 0), one(0.9934, 0.5, 0), one(0.9959, 0.5, 0)],
};

const rowOf = (tables: readonly EvalTable[], name: string, file: string): unknown[] => {
  const table = tableOf(tables, file);
  return [name, table.episodes, ...metrics.map((metric) => printed(metricOf(table, metric), 4))];
};

it("has every cell, and each follows from the cases", async () => {
  const folder = tempFolder("docedit");
  for (const [name, of] of Object.entries(cases)) writeDocumentEvaluation(folder, name, of);
  const tables = await evalsOf(folder);
  const names = Object.keys(cases);
  expect(names.map((name) => rowOf(tables, name, `eval_${name}.json`))).toEqual(rows);
  for (const name of names) expect(agreed(tableOf(tables, `eval_${name}.json`), metrics)).toEqual([]);
  // The summary is printed, and may have been kept nowhere.
  for (const name of names) rmSync(join(folder, `eval_${name}.json`));
  const counted = await evalsOf(folder);
  expect(names.map((name) => rowOf(counted, name, `eval_${name}.jsonl`))).toEqual(rows);
  expect(await problemsIn(folder)).toEqual([]);
});
