// RLVR's own evaluations: checkpoints by step with their count, and pass@k by any of the first k.
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { countOf, jsonLines, write } from "../../support/evalFiles/counts";
import { plainRows, writeCheckpointEvaluation, writePassAtK } from "../../support/evalFiles/rlvr";
import { tempFolder } from "../../support/tempFolder";
import { agreed, counted, curvesOf, evalsOf, metricOf, percent, problemsIn, tableOf } from "./evals";

const sizes = { gsm8k: 1319, math: 5000 };

/** Run, step, and the accuracies as the report prints them: percent, or right/total (percent). */
const checkpoints = [
  ["two-epochs", 120, { gsm8k: "69.9% (922/1319)" }],
  ["two-epochs", 220, { gsm8k: "72.6% (957/1319)" }],
  ["stop-words", 60, { gsm8k: "77.1% (1017/1319)" }],
  ["ten-epochs", 60, { gsm8k: "65.81%", math: "55.94%" }],
  ["ten-epochs", 100, { gsm8k: "67.48%", math: "58.58%" }],
  ["ten-epochs", 160, { gsm8k: "68.76%", math: "59.68%" }],
  ["high-rate", 60, { gsm8k: "74.37%", math: "62.14%" }],
  ["high-rate", 100, { gsm8k: "75.82%", math: "62.02%" }],
  ["high-rate", 160, { gsm8k: "76.88%", math: "62.94%" }],
  ["stale", 40, { math: "61.46%" }],
  ["stale", 100, { gsm8k: "72.86%" }],
  ["ordered", 40, { math: "61.96%" }],
  ["ordered", 100, { math: "62.04%" }],
  ["adaptive", 40, { math: "60.02%" }],
] as const satisfies readonly [string, number, Partial<Record<keyof typeof sizes, string>>][];

type Cell = [run: string, step: number, benchmark: keyof typeof sizes, cell: string];

const cells = checkpoints.flatMap(([run, step, of]) =>
  Object.entries(of).map(([benchmark, cell]): Cell => [run, step, benchmark as keyof typeof sizes, cell]),
);

it("checkpoints: every accuracy with its n, and one curve a run and benchmark", async () => {
  const folder = tempFolder("rlvr");
  const histories = new Map<string, object[]>();
  for (const [run, step, benchmark, cell] of cells) {
    const n = sizes[benchmark];
    const evals = join(folder, run, "evals", benchmark);
    const right = /\((\d+)\//.exec(cell)?.[1];
    const rows = plainRows(benchmark, n, right === undefined ? countOf(cell.split("%")[0] ?? "", n) : Number(right));
    const checkpoint = `results/${run}/checkpoints/${run}_step${String(step)}`;
    const line = writeCheckpointEvaluation(join(evals, `step${String(step)}`), checkpoint, benchmark, rows);
    histories.set(evals, [...(histories.get(evals) ?? []), { step, ...line }]);
  }
  for (const [evals, lines] of histories) write(join(evals, "summary.jsonl"), jsonLines(lines));
  const tables = await evalsOf(folder);
  const found = cells.map(([run, step, benchmark, cell]) => {
    const table = tableOf(tables, `${run}/evals/${benchmark}/step${String(step)}/summary.json`);
    expect([table.benchmark, table.step, agreed(table, ["accuracy"])]).toEqual([benchmark, step, []]);
    const metric = metricOf(table, "accuracy");
    const [count, share] = [counted(metric, 1), percent(metric, 2)];
    return [run, step, benchmark, cell.includes("/") ? count.replace(/^(\S+) \((.*)\)$/, "$2 ($1)") : share];
  });
  expect(found).toEqual(cells);
  const curves = await curvesOf(folder, "eval/gsm8k", "eval/math");
  for (const [evals, lines] of histories) {
    if (lines.length < 2) continue;
    const [run, , benchmark] = evals.slice(folder.length + 1).split("/");
    const own = curves.filter(
      (curve) => curve.source.startsWith(`${run}/evals/${benchmark}/`) && curve.steps.length === lines.length,
    );
    const expected = cells.filter((cell) => cell[0] === run && cell[2] === benchmark);
    expect(own.length).toBeGreaterThan(0);
    for (const curve of own) {
      expect(curve.steps).toEqual(expected.map(([, step]) => step));
      // The line of a checkpoint rounds to four digits.
      const exact = expected.map(([, step]) =>
        Number(
          metricOf(tableOf(tables, `${run}/evals/${benchmark}/step${String(step)}/summary.json`), "accuracy").value,
        ),
      );
      expect(curve.values.map((value, i) => Math.abs(value - (exact[i] ?? NaN)) < 5.1e-5)).toEqual(
        exact.map(() => true),
      );
    }
  }
  expect(await problemsIn(folder)).toEqual([]);
});

/** Prompts, then the rate at each k. */
const passes = [
  ["contest base", 90, { 1: "1.11", 2: "1.11", 4: "4.44", 16: "7.78", 32: "12.22" }],
  ["contest ten-epochs", 90, { 1: "2.22", 2: "3.33", 4: "7.78", 16: "10.00", 32: "15.56" }],
  ["contest high-rate", 90, { 1: "1.11", 2: "4.44", 4: "7.78", 16: "12.22", 32: "14.44" }],
  ["harder base", 100, { 1: "0.00", 2: "1.00", 4: "1.00", 16: "3.00", 32: "6.00" }],
  ["harder ten-epochs", 100, { 1: "1.00", 2: "2.00", 4: "2.00", 16: "7.00", 32: "14.00" }],
  ["harder high-rate", 100, { 1: "2.00", 2: "3.00", 4: "4.00", 16: "11.00", 32: "13.00" }],
  // The report leaves out its n; a thousand prompts can print so.
  ["math base", 1000, { 1: "39.0", 2: "53.7", 4: "66.2", 8: "74.9", 16: "80.7", 32: "85.8", 64: "89.2", 128: "92.0" }],
] as const;

describe("pass@k", () => {
  it.each(passes)("%s: the rate at every k, and it follows from the completions", async (name, n, rates) => {
    const folder = tempFolder("passk");
    const passed = new Map(Object.entries(rates).map(([k, rate]) => [Number(k), countOf(rate, n)]));
    writePassAtK(join(folder, "evals", `${name.replace(/\W/g, "_")}_pass128`), "contest", n, passed);
    const table = tableOf(await evalsOf(folder), "summary.json");
    const names = [...passed.keys()].map((k) => `pass@${String(k)}`);
    const digits = (rates[1].split(".")[1] ?? "").length;
    expect(names.map((metric) => percent(metricOf(table, metric), digits))).toEqual(
      Object.values(rates).map((rate) => `${rate}%`),
    );
    expect(names.map((metric) => metricOf(table, metric).n)).toEqual(names.map(() => n));
    // Two estimators are in use: the summary's is any of the first k.
    const first = names.map((metric) => metricOf(table, metric).recomputed?.filter((own) => own.difference === null));
    expect(first.map((own) => own?.map(({ scorer }) => scorer).includes("pass-at-first-k"))).toEqual(
      names.map(() => true),
    );
    expect(await problemsIn(folder)).toEqual([]);
  });
});
