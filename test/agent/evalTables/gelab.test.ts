// The navigation report: Pass@1 by length of the shortest path, over all 2,162 tasks of a subtree.
import { expect, it } from "vitest";
import { writeInteractiveEvaluation, type PathTasks } from "../../support/evalFiles/gelab";
import { tempFolder } from "../../support/tempFolder";
import type { EvalTable } from "../../../core/model/evaluation";
import { agreed, evalsOf, metricOf, problemsIn, tableOf } from "./evals";

/** `Path@4-7` of the report is the rows of four paths together. */
function passOf(tables: readonly EvalTable[], name: string): [string, number, string] {
  const [first = NaN, last = first] = name
    .replace(/^Path@/, "")
    .split("-")
    .map(Number);
  const paths = Array.from({ length: last - first + 1 }, (_, i) => `path@${String(first + i)}`);
  const table = tableOf(tables, "interactive_test.json");
  const metrics = (name === "Overall" ? ["overall"] : paths).map((path) => metricOf(table, path));
  const n = metrics.reduce((sum, metric) => sum + (metric.n ?? NaN), 0);
  const right = metrics.reduce((sum, metric) => sum + Number(metric.value) * (metric.n ?? NaN), 0);
  return [name, n, `${((right / n) * 100).toFixed(2)}%`];
}

const tasks = [137, 147, 222, 324, 492, 456, 384];

it.each([
  [
    "first model",
    [84, 25, 3, 0, 0, 0, 0],
    [
      ["Path@1", 137, "61.31%"],
      ["Path@2", 147, "17.01%"],
      ["Path@3", 222, "1.35%"],
      ["Path@4-7", 1656, "0.00%"],
      ["Overall", 2162, "5.18%"],
    ],
  ],
  [
    "second model",
    [75, 18, 8, 2, 0, 0, 0],
    [
      ["Path@1", 137, "54.74%"],
      ["Path@2", 147, "12.24%"],
      ["Path@3", 222, "3.60%"],
      ["Path@4", 324, "0.62%"],
      ["Path@5-7", 1332, "0.00%"],
      ["Overall", 2162, "4.76%"],
    ],
  ],
] as const)("%s: every cell of the report", async (_name, reached, rows) => {
  const folder = tempFolder("gelab");
  const paths = tasks.map((n, i): PathTasks => ({ path: i + 1, tasks: n, reached: reached[i] ?? 0 }));
  writeInteractiveEvaluation(folder, "interactive_test", paths);
  const tables = await evalsOf(folder);
  expect(
    agreed(tableOf(tables, "interactive_test.json"), [...tasks.map((_n, i) => `path@${String(i + 1)}`), "overall"]),
  ).toEqual([]);
  expect(rows.map(([name]) => passOf(tables, name))).toEqual(rows);
  expect(await problemsIn(folder)).toEqual([]);
});
