// Rollouts of a training and of its validation lie in one list: which is which is told, and can be asked for.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { builtAgent, runside } from "../support/builtAgent";
import { tempFolder } from "../support/tempFolder";

beforeAll(() => builtAgent(), 60_000);

/** verl's two dumps of two steps: `rollout_data_dir` and `validation_data_dir`. */
function dumps(): string {
  const folder = join(tempFolder("labels"), "run");
  for (const [name, of] of [
    ["rollouts", "train"],
    ["validation", "held out"],
  ] as const) {
    for (const step of [1, 2]) {
      const path = join(folder, name, `${step}.jsonl`);
      mkdirSync(dirname(path), { recursive: true });
      const rows = [0, 1].map((score) => ({
        input: `${of} ${step}`,
        output: "a",
        gts: "1",
        score,
        step,
        ok: score === 1,
      }));
      writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
    }
  }
  return folder;
}

interface Page {
  total: number;
  rows: { prompt: string; label?: string }[];
}

async function page(folder: string, ...where: string[]): Promise<Page> {
  const { code, out, err } = await runside(tempFolder("home"), ["rollouts", folder, "--json", ...where]);
  expect([code, err]).toEqual([0, ""]);
  return JSON.parse(out) as Page;
}

describe("rollouts of a validation", () => {
  it("are told from the training's, in the list and in the condition", async () => {
    const folder = dumps();
    const all = await page(folder);
    expect(all.rows.map(({ prompt, label = "-" }) => `${prompt}: ${label}`).sort()).toEqual([
      "held out 1: val",
      "held out 2: val",
      "train 1: -",
      "train 2: -",
    ]);
    expect((await page(folder, "--where", "label = val")).rows.map(({ prompt }) => prompt)).toEqual([
      "held out 2",
      "held out 1",
    ]);
    const trained = await page(folder, "--where", "label != val and step > 1");
    expect([trained.total, trained.rows[0]?.prompt]).toEqual([1, "train 2"]);
    const { out } = await runside(tempFolder("home"), ["rollouts", folder]);
    expect(out).toMatch(/^OF +STEP +N /);
    expect(out).toMatch(/^val +2 +2 +0\.5/m);
  });

  it("a verdict is a part of each sample's reward and no reward of its own", async () => {
    const folder = join(tempFolder("labels"), "run");
    mkdirSync(folder);
    const rows = [true, false].map((right) => ({ step: 1, prompt: "p", completion: "a", form: 0.5, right, gts: "1" }));
    writeFileSync(join(folder, "rows.jsonl"), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
    const { rows: found } = (await page(folder)) as { rows: { rewardMean?: number }[] } & Page;
    expect(found.map(({ rewardMean }) => rewardMean)).toEqual([0.5]);
  });

  it("can be asked for by a part of the reward; a part that nobody has is named", async () => {
    const folder = join(tempFolder("labels"), "run");
    mkdirSync(folder);
    const rows = [1, 2, 3].flatMap((step) =>
      [0, 1].map((score) => ({
        input: `p${step}`,
        output: "a",
        gts: "1",
        score,
        step,
        format_score: step / 2,
        right: score === 1,
      })),
    );
    writeFileSync(join(folder, "rows.jsonl"), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
    const asked = async (where: string): Promise<string[]> =>
      (await page(folder, "--where", where)).rows.map(({ prompt }) => prompt);
    expect(await asked("format_score >= 1")).toEqual(["p3", "p2"]);
    expect(await asked("right = 0.5 and format_score<1.5 and step > 1")).toEqual(["p2"]);
    const { code, err } = await runside(tempFolder("home"), ["rollouts", folder, "--where", "fromat_score > 0"]);
    expect([code, err]).toEqual([2, expect.stringMatching(/called fromat_score; there are: format_score, right\./)]);
  });
});
