// The reports on checkpoints: every benchmark of the harness by training step, as tables and as curves.
import { describe, expect, it } from "vitest";
import { countOf } from "../../support/evalFiles/counts";
import { writeHarnessRun } from "../../support/evalFiles/harness";
import { tempFolder } from "../../support/tempFolder";
import { agreed, curvesOf, evalsOf, metricOf, percent, problemsIn, tableOf } from "./evals";
import { stepReports, type StepReport } from "./stepReports";

/** Samples are written where they are few: those of the mathematics benchmarks would be a hundred megabytes. */
const withSamples = new Set(["shots", "overfit"]);

const checkpointOf = (run: string, step: number | "base"): string =>
  step === "base" ? `${run}-base` : `${run}_step${String(step)}`;

const digitsOf = (cells: readonly string[]): number => cells[0]?.split(".")[1]?.length ?? 0;

/** One run of the harness measures all metrics of its benchmark. */
function writeReport(folder: string, { run, steps, columns }: StepReport): void {
  const benchmarks = new Set(columns.map(({ task, shots }) => `${task} ${String(shots)}`));
  for (const [at, step] of steps.entries()) {
    for (const benchmark of benchmarks) {
      const measured = columns.filter((c) => `${c.task} ${String(c.shots)}` === benchmark && c.cells[at] !== "-");
      const [first] = measured;
      if (!first) continue;
      const right = Object.fromEntries(measured.map((c) => [c.metric, countOf(c.cells[at] ?? "", c.n)]));
      const { task, shots, n } = first;
      const checkpoint = checkpointOf(run, step);
      writeHarnessRun(folder, { checkpoint, task, shots, n, right, samples: withSamples.has(run) });
    }
  }
}

describe.each(stepReports)("$run", (report) => {
  const { run, steps, columns } = report;

  it("has every cell with its n and step, and each column as a curve", async () => {
    const folder = tempFolder("steps");
    writeReport(folder, report);
    const tables = await evalsOf(folder);
    for (const { task, shots, n, metric, cells } of columns) {
      const name = `${task}/${metric}`;
      const measured = steps.flatMap((step, i) => (cells[i] === "-" ? [] : [{ step, cell: cells[i] ?? "" }]));
      const found = measured.map(({ step }) => {
        const table = tableOf(tables, `${checkpointOf(run, step)}_${task}_${String(shots)}shot_`, "/results_");
        if (withSamples.has(run)) expect(agreed(table, [name])).toEqual([]);
        const cell = metricOf(table, name);
        return [table.step ?? "base", percent(cell, digitsOf(cells)), cell.n];
      });
      expect([name, found]).toEqual([name, measured.map(({ step, cell }) => [step, `${cell}%`, n])]);
    }
    const curves = await curvesOf(folder, ...new Set(columns.map(({ task, metric }) => `eval/${task}/${metric}`)));
    for (const { task, shots, metric, cells } of columns) {
      const name = `eval/${task}/${metric}`;
      const own = curves.filter((c) => c.name === name && c.source.includes(`_${String(shots)}shot_`));
      const drawn = own.map((c) => c.steps.map((x, i) => [x, ((c.values[i] ?? NaN) * 100).toFixed(digitsOf(cells))]));
      const at = steps.flatMap((step, i) => (step === "base" || cells[i] === "-" ? [] : [[step, cells[i]]]));
      expect([name, shots, drawn]).toEqual([name, shots, [at]]);
    }
    expect(await problemsIn(folder)).toEqual([]);
  });
});
