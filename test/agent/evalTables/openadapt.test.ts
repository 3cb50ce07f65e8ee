// The login report: base and fine-tuned model on the hardened page, at two sizes.
import { expect, it } from "vitest";
import { writeLoginEvaluation } from "../../support/evalFiles/openadapt";
import { tempFolder } from "../../support/tempFolder";
import { agreed, evalsOf, metricOf, printed, problemsIn, tableOf } from "./evals";

it("has every cell of both tables, with the n that the report leaves out", async () => {
  const folder = tempFolder("openadapt");
  const none = { clicks: 0, hits: 0, error: 0, done: 32 };
  writeLoginEvaluation(folder, { name: "pear_2b_base_login", episodes: 32, ...none });
  writeLoginEvaluation(folder, {
    name: "pear_2b_ft_login",
    episodes: 32,
    clicks: 80,
    hits: 68,
    error: 0.0514,
    done: 25,
  });
  writeLoginEvaluation(folder, { name: "pear_8b_base_login", episodes: 32, ...none });
  writeLoginEvaluation(folder, {
    name: "pear_8b_ft_login",
    episodes: 32,
    clicks: 64,
    hits: 64,
    error: 0.0038,
    done: 0,
  });
  const tables = await evalsOf(folder);
  const row = (name: string): unknown[] => {
    const table = tableOf(tables, `eval_${name}_login.json`);
    const quoted = ["action_type_accuracy", "mean_coord_error", "click_hit_rate", "episode_success_rate"];
    expect(agreed(table, quoted)).toEqual([]);
    const cell = (metric: string, digits: number): string => printed(metricOf(table, metric), digits);
    return [
      name,
      cell("action_type_accuracy", 3),
      cell("mean_coord_error", 4),
      cell("click_hit_rate", 2),
      cell("episode_success_rate", 1),
      metricOf(table, "click_hit_rate").n,
    ];
  };
  expect(["pear_2b_base", "pear_2b_ft", "pear_8b_base", "pear_8b_ft"].map(row)).toEqual([
    ["pear_2b_base", "0.143", "N/A", "N/A", "0.0", 0],
    ["pear_2b_ft", "0.469", "0.0514", "0.85", "0.0", 80],
    ["pear_8b_base", "0.143", "N/A", "N/A", "0.0", 0],
    ["pear_8b_ft", "0.286", "0.0038", "1.00", "0.0", 64],
  ]);
  expect(tables.filter(({ source }) => source.includes("eval_")).map(({ steps }) => steps)).toEqual([
    224, 224, 224, 224,
  ]);
  expect(await problemsIn(folder)).toEqual([]);
});
