// The MATH report: base and trained model by level and by subject, from both generations of the evaluation script and from verified
// samples of the harness.
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { EvalTable } from "../../../core/model/evaluation";
import { countOf } from "../../support/evalFiles/counts";
import {
  mathRows,
  plainRows,
  writeCheckpointEvaluation,
  writeMathTest,
  writeVerifiedSamples,
} from "../../support/evalFiles/rlvr";
import { tempFolder } from "../../support/tempFolder";
import { agreed, counted, evalsOf, metricOf, percent, problemsIn, tableOf } from "./evals";

const sizes = [437, 894, 1131, 1214, 1324];
const subjects = {
  algebra: 1187,
  prealgebra: 871,
  number_theory: 540,
  counting_and_probability: 474,
  geometry: 479,
  intermediate_algebra: 903,
  precalculus: 546,
};

const levelsOf = (right: readonly number[]) =>
  sizes.map((total, i) => ({ level: `Level ${String(i + 1)}`, total, right: right[i] ?? 0 }));

const levelNames = sizes.map((_n, i) => `level Level ${String(i + 1)}`);
const subjectNames = Object.keys(subjects).map((subject) => `subject ${subject}`);

/** Two models' tables below a folder, and how much more of `name` the second has, as the report prints it. */
const gain = (tables: readonly EvalTable[], name: string): string => {
  const [base = NaN, grpo = NaN] = ["base", "grpo"].map((model) =>
    Number(metricOf(tableOf(tables, `${model}/evals/math_test_summary.json`), name).value),
  );
  return `+${((grpo - base) * 100).toFixed(1)}%`;
};

it("has every level of both models, with its n", async () => {
  const levels = {
    base: ["320/437 (73.2%)", "556/894 (62.2%)", "591/1131 (52.3%)", "385/1214 (31.7%)", "207/1324 (15.6%)"],
    grpo: ["342/437 (78.3%)", "613/894 (68.6%)", "680/1131 (60.1%)", "599/1214 (49.3%)", "381/1324 (28.8%)"],
  };
  const folder = tempFolder("math");
  for (const [model, cells] of Object.entries(levels)) {
    const rights = cells.map((cell) => Number(cell.split("/")[0]));
    const rows = mathRows(levelsOf(rights), anySubjects(rights.reduce((a, b) => a + b, 0)));
    writeMathTest(join(folder, model, "evals"), `results/${model}/checkpoints/${model}_final`, rows);
  }
  const tables = await evalsOf(folder);
  for (const [model, cells] of Object.entries(levels)) {
    const table = tableOf(tables, `${model}/evals/math_test_summary.json`);
    expect(levelNames.map((name) => counted(metricOf(table, name), 1))).toEqual(cells);
    expect(agreed(table, ["accuracy", ...levelNames])).toEqual([]);
  }
  const whole = ["base", "grpo"].map((model) => metricOf(tableOf(tables, `${model}/evals/math_test_s`), "accuracy"));
  expect(whole.map((metric) => counted(metric, 1))).toEqual(["2059/5000 (41.2%)", "2615/5000 (52.3%)"]);
  expect(gain(tables, "accuracy")).toBe("+11.1%");
  // A report that subtracts what it has rounded prints 5.1 and 13.2 for the first and the last.
  expect(levelNames.map((name) => gain(tables, name))).toEqual(["+5.0%", "+6.4%", "+7.9%", "+17.6%", "+13.1%"]);
  expect(await problemsIn(folder)).toEqual([]);
});

it("has every subject of both models, with its n", async () => {
  const percents = {
    base: ["67.6", "58.6", "38.9", "32.5", "28.0", "24.5", "22.0"],
    // 303 of 903: a report that cuts instead of rounding prints 33.5.
    grpo: ["75.1", "66.9", "50.7", "44.7", "39.2", "33.6", "30.0"],
  };
  const folder = tempFolder("math");
  for (const [model, cells] of Object.entries(percents)) {
    // 803 and 892 of algebra print as 802 and 891 do; the report's difference is theirs.
    const parts = Object.entries(subjects).map(([subject, total], i) => {
      const right = subject === "algebra" ? { base: 803, grpo: 892 }[model] : undefined;
      return { subject, total, right: right ?? countOf(cells[i] ?? "", total) };
    });
    const total = parts.reduce((sum, { right }) => sum + right, 0);
    const rows = mathRows([{ level: "Level 1", total: 5000, right: total }], parts);
    writeMathTest(join(folder, model, "evals"), `results/${model}/checkpoints/${model}_final`, rows);
  }
  const tables = await evalsOf(folder);
  for (const [model, cells] of Object.entries(percents)) {
    const table = tableOf(tables, `${model}/evals/math_test_summary.json`);
    expect(subjectNames.map((name) => percent(metricOf(table, name), 1))).toEqual(cells.map((cell) => `${cell}%`));
    expect(subjectNames.map((name) => metricOf(table, name).n)).toEqual(Object.values(subjects));
    expect(agreed(table, ["accuracy", ...subjectNames])).toEqual([]);
  }
  // The last is 8.06; subtracted after rounding it prints as 8.0.
  expect(subjectNames.map((name) => gain(tables, name))).toEqual([
    "+7.5%",
    "+8.4%",
    "+11.9%",
    "+12.2%",
    "+11.3%",
    "+9.1%",
    "+8.1%",
  ]);
});

/** Accuracy in percent, in all and by level. */
const later = [
  ["orchard-10epochs", 100, "57.56", ["84.90", "75.28", "66.49", "55.02", "31.27"]],
  ["orchard-eps", 80, "61.20", ["89.93", "80.31", "72.06", "57.00", "33.38"]],
] as const;

const anySubjects = (total: number) => [{ subject: "algebra", total: 5000, right: total }];

describe("later runs", () => {
  it.each(later)("%s by level", async (run, step, whole, levels) => {
    const folder = tempFolder("math");
    const rights = levels.map((cell, i) => countOf(cell, sizes[i] ?? 0));
    const total = rights.reduce((a, b) => a + b, 0);
    expect(total).toBe(countOf(whole, 5000));
    const rows = mathRows(levelsOf(rights), anySubjects(total));
    const at = join(folder, run, "evals/math", `step${String(step)}`);
    writeCheckpointEvaluation(at, `checkpoints/${run}_step${String(step)}`, "math", rows);
    const table = tableOf(await evalsOf(folder), "summary.json");
    expect([table.benchmark, table.step]).toEqual(["math", step]);
    expect(percent(metricOf(table, "accuracy"), 2)).toBe(`${whole}%`);
    expect(levelNames.map((name) => percent(metricOf(table, name), 2))).toEqual(levels.map((cell) => `${cell}%`));
    expect(levelNames.map((name) => metricOf(table, name).recomputed?.[0]?.n)).toEqual(sizes);
    expect(agreed(table, ["accuracy", ...levelNames])).toEqual([]);
    expect(await problemsIn(folder)).toEqual([]);
  });

  it("verified samples show the verifier's rate beside the harness' own", async () => {
    const folder = tempFolder("math");
    const levels = ["73.68", "61.52", "50.31", "40.61", "23.41"];
    const rights = levels.map((cell, i) => countOf(cell, sizes[i] ?? 0));
    const rows = mathRows(levelsOf(rights), anySubjects(rights.reduce((a, b) => a + b, 0)));
    writeVerifiedSamples(join(folder, "evals/hendrycks_math_verified"), "hendrycks_math", rows, countOf("0.70", 5000));
    const minerva = plainRows("minerva", 5000, countOf("39.20", 5000));
    writeVerifiedSamples(join(folder, "evals/minerva_math_verified"), "minerva_math", minerva, countOf("31.68", 5000));
    const tables = await evalsOf(folder);
    const hendrycks = tableOf(tables, "hendrycks_math_verified/summary.json");
    expect(counted(metricOf(hendrycks, "overall_accuracy"), 2)).toBe("2244/5000 (44.88%)");
    expect(levelNames.map((name) => percent(metricOf(hendrycks, name), 2))).toEqual(levels.map((cell) => `${cell}%`));
    expect(percent(metricOf(hendrycks, "task hendrycks_math exact_match"), 2)).toBe("0.70%");
    expect(agreed(hendrycks, ["overall_accuracy", ...levelNames])).toEqual([]);
    const other = tableOf(tables, "minerva_math_verified/summary.json");
    expect(percent(metricOf(other, "overall_accuracy"), 2)).toBe("39.20%");
    expect(percent(metricOf(other, "task minerva_math exact_match"), 2)).toBe("31.68%");
    expect(await problemsIn(folder)).toEqual([]);
  });
});
