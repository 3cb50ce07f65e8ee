// Results that name their prompts by their place, beside several data files: all rows of one file's results come from one data file.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { Diagnostic } from "../../core/model/diagnostic";
import type { RolloutHeader } from "../../core/model/rollout";
import { builtAgent, runside } from "../support/builtAgent";
import { endRuns } from "../support/runsOfAgent";
import { atEnd, tempFolder } from "../support/tempFolder";

beforeAll(() => builtAgent(), 60_000);

const forms = (word: string, count: number): string =>
  Array.from({ length: count }, (_, i) =>
    JSON.stringify({
      ...{ instruction: `${word} ${String(i)}`, response: "Step 1: Click the Submit button", form_name: word },
      ...{ domain: "d", num_fields: 1, url: "http://127.0.0.1/a/b", ground_truth_fields: { Fruit: word } },
    }),
  ).join("\n") + "\n";

const results = (count: number): string =>
  JSON.stringify({
    ...{ model: "m", checkpoint: "c", prompts_evaluated: count, nonzero_count: count, nonzero_rate: 1, avg_reward: 1 },
    per_prompt: Array.from({ length: count }, (_, prompt_idx) => ({
      ...{ prompt_idx, reward: 1, actions: 1, executed: 1, success_page: true },
    })),
  });

const data = "data/processed/formfactory_sft_";

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = tempFolder("forms");
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

async function promptsOf(target: string, home = tempFolder("home")): Promise<string[]> {
  const { code, out, err } = await runside(home, ["rollouts", target, "--json", "--limit", "100", "--sort", "oldest"]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  const { rows } = JSON.parse(out) as { rows: RolloutHeader[] };
  return rows.filter(({ source }) => source.endsWith("results.json")).map(({ prompt }) => prompt);
}

async function guesses(target: string, home = tempFolder("home")): Promise<string[]> {
  const { out } = await runside(home, ["inspect", target, "--json"]);
  const { diagnostics } = JSON.parse(out) as { diagnostics: Diagnostic[] };
  return diagnostics
    .filter(({ code }) => code === "data-file-guessed")
    .map(({ path, message }) => `${path}: ${message}`);
}

describe("results that name prompts by their place", () => {
  it("are joined with the file that has as many prompts, not the first that is long enough for a row", async () => {
    const folder = folderOf({
      [`${data}test.jsonl`]: forms("quince", 2),
      [`${data}train.jsonl`]: forms("pear", 5),
      [`${data}val.jsonl`]: forms("fig", 3),
      "outputs/eval_sft/results.json": results(3),
    });
    await expect(promptsOf(folder)).resolves.toEqual(["fig 0", "fig 1", "fig 2"]);
    await expect(guesses(folder)).resolves.toEqual([]);
  });

  it("say which file was taken where several could be meant, held-out data before training data", async () => {
    const folder = folderOf({
      [`${data}train.jsonl`]: forms("pear", 5),
      [`${data}val.jsonl`]: forms("fig", 4),
      "outputs/eval_sft/results.json": results(2),
    });
    await expect(promptsOf(folder)).resolves.toEqual(["fig 0", "fig 1"]);
    const [said, ...more] = await guesses(folder);
    expect(more).toEqual([]);
    expect(said).toContain(`outputs/eval_sft/results.json: its prompts are taken from ${data}val.jsonl`);
    expect(said).toContain(`${data}train.jsonl`);
  });

  it("follow what the run's VAL_FILE names", async () => {
    const home = tempFolder("home");
    atEnd(() => endRuns(home));
    const work = folderOf({
      "a.yaml": "lr: 1.0e-5\n",
      [`${data}train.jsonl`]: forms("pear", 2),
      [`${data}val.jsonl`]: forms("fig", 2),
      [`${data}test.jsonl`]: forms("quince", 2),
      "results.json": results(2),
    });
    const program = `const fs = require("node:fs"); const out = process.env.RUNSIDE_OUT;
fs.cpSync(${JSON.stringify(join(work, "data"))}, out + "/data", { recursive: true });
fs.mkdirSync(out + "/eval", { recursive: true }); fs.copyFileSync(${JSON.stringify(join(work, "results.json"))}, out + "/eval/results.json");`;
    mkdirSync(join(work, ".runside"));
    writeFileSync(
      join(work, ".runside/recipes.yaml"),
      `recipes:\n  - id: forms\n    match: {keys: [lr]}\n    command: ["{node}", -e, ${JSON.stringify(program)}, "{config}"]\n    env: {VAL_FILE: "${data}test.jsonl"}\n`,
    );
    const { code, out, err } = await runside(home, ["run", "a.yaml", "--wait"], "", work);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    await expect(promptsOf(out.trim(), home)).resolves.toEqual(["quince 0", "quince 1"]);
    await expect(guesses(out.trim(), home)).resolves.toEqual([]);
  });
});
