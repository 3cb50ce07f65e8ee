// The form-filling report: nonzero rate and average reward of each model, from its results file and from its log.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { writeFormEvaluation, type FormEvaluation } from "../../support/evalFiles/openbrowser";
import { tempFolder } from "../../support/tempFolder";
import { agreed, counted, evalsOf, metricOf, printed, problemsIn, tableOf } from "./evals";

/** Label, nonzero rate, average reward: as the report prints them. */
type Row = readonly [string, string, string];

const clean: Row[] = [
  ["Pear-8B SFT", "122/124 (98.4%)", "0.4857"],
  ["Pear-8B GRPO", "124/124 (100.0%)", "0.4551"],
  ["FlowPear SFT", "53/124 (42.7%)", "0.1089"],
  ["MaskPear SFT", "9/124 (7.3%)", "0.0177"],
  ["FlowPear old GRPO", "59/124 (47.6%)", "0.1032"],
  ["MaskPear old GRPO", "4/124 (3.2%)", "0.0108"],
  ["FlowPear flow v6", "0/124 (0.0%)", "0.0000"],
  ["MaskPear flow v6", "26/124 (21.0%)", "0.0572"],
];

const small: Row[] = [
  ["FlowPear SFT", "18/25 (72%)", "0.1681"],
  ["MaskPear SFT", "13/25 (52%)", "0.2074"],
  ["FlowPear old GRPO", "13/25 (52%)", "0.1272"],
  ["MaskPear old GRPO", "2/25 (8%)", "0.0284"],
  ["FlowPear flow v6", "0/25 (0%)", "0.0000"],
  ["MaskPear flow v6", "15/25 (60%)", "0.2537"],
  ["FlowPear flow v8", "0/25 (0%)", "0.0000"],
  ["MaskPear flow v8", "13/25 (52%)", "0.1260"],
];

/** The evaluations of one model, version by version: as percent and mean. */
const versions: Row[] = [
  ["MaskPear flow v3", "19/25 (76%)", "0.152"],
  ["MaskPear flow v4", "13/25 (52%)", "0.120"],
  ["MaskPear flow v5", "15/25 (60%)", "0.216"],
  ["MaskPear flow v6", "15/25 (60%)", "0.254"],
  ["MaskPear flow v8", "13/25 (52%)", "0.126"],
];

function evaluationOf([label, rate, average]: Row): FormEvaluation {
  const [nonzero = 0, prompts = 0] = rate.split(/[/ ]/).map(Number);
  return { label, prompts, nonzero, average: Number(average) };
}

const nameOf = (label: string): string => `eval_${label.toLowerCase().replaceAll(" ", "_")}`;

describe.each([
  ["124 prompts", clean, 1, 4],
  ["25 prompts", small, 0, 4],
  ["version by version", versions, 0, 3],
] as const)("%s", (_name, rows, rateDigits, rewardDigits) => {
  it("has every cell of the report, from results.json and from the log alike", async () => {
    const folder = tempFolder("forms");
    for (const row of rows) writeFormEvaluation(folder, evaluationOf(row));
    const tables = await evalsOf(folder);
    for (const file of ["/results.json", ".log"]) {
      const cells = rows.map(([label]) => {
        const table = tableOf(tables, `${nameOf(label)}${file}`);
        if (file === "/results.json") expect(agreed(table, ["nonzero_rate", "avg_reward"])).toEqual([]);
        return [
          label,
          counted(metricOf(table, "nonzero_rate"), rateDigits),
          printed(metricOf(table, "avg_reward"), rewardDigits),
        ];
      });
      expect(cells).toEqual(rows);
    }
    expect(await problemsIn(folder)).toEqual([]);
  });
});

it("says where a file's own figures do not follow from its prompts", async () => {
  const folder = tempFolder("forms");
  writeFormEvaluation(folder, evaluationOf(["Pear-8B SFT", "122/124 (98.4%)", "0.4857"]));
  const path = join(folder, nameOf("Pear-8B SFT"), "results.json");
  writeFileSync(path, readFileSync(path, "utf8").replace(/"avg_reward": [\d.]+/, '"avg_reward": 0.6'));
  const table = tableOf(await evalsOf(folder), "results.json");
  expect(agreed(table, ["nonzero_rate", "avg_reward"])).toEqual([
    expect.stringMatching(/^OpenBrowser's form evaluation gives 0\.4857.* for avg_reward .*; the file says 0\.6/),
  ]);
});
