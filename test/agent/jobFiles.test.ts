// Job files on a box: their shell line runs as it stands, and what they promise is looked for where they write it.
import { chmodSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { builtAgent, runside } from "../support/builtAgent";
import { endRuns } from "../support/runsOfAgent";
import { atEnd, tempFolder } from "../support/tempFolder";

beforeAll(() => builtAgent(), 60_000);

const put = (folder: string, path: string, text: string): string => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
  return join(folder, path);
};

/** A workspace in which `python` is this shell script, and its job file. */
function jobWith(program: string, entrypoint: string, env = ""): string {
  const work = tempFolder("work");
  put(work, "infra/training/finetuning/eval_sft.py", "");
  chmodSync(put(work, "bin/python", `#!/bin/sh\n${program}\n`), 0o755);
  put(work, "job.yaml", `entrypoint: ${JSON.stringify(entrypoint)}\ncompute_config: {}\nenv_vars:\n  A: b\n${env}`);
  return work;
}

async function ran(work: string, config = "job.yaml"): Promise<{ state: string; but: string | null; log: string }> {
  const home = tempFolder("home");
  atEnd(() => endRuns(home));
  const { out, err } = await runside(home, ["run", config, "--wait"], "", work);
  const id = out.trim();
  expect([id, err]).toEqual([expect.stringMatching(/^\d{8}-/), ""]);
  const [run] = JSON.parse((await runside(home, ["ls", "--json"])).out) as {
    status: { state: string; but: string | null };
  }[];
  if (!run) throw new Error("no run is listed");
  return { ...run.status, log: (await runside(home, ["logs", id])).out };
}

const evaluation = 'export PATH="$PWD/bin:$PATH" && python -m infra.training.finetuning.eval_sft';

it("an evaluation that ends well without results.json is said to have written none, whatever an earlier one left", async () => {
  const nothing = jobWith("echo done", evaluation);
  const old = put(nothing, "outputs/eval_sft/results.json", "{}");
  utimesSync(old, 1e9, 1e9);
  expect(await ran(nothing)).toMatchObject({ state: "succeeded", but: "it wrote no results.json", log: "done\n" });
  const writes = jobWith(
    "mkdir -p outputs/eval_pears; echo {} >outputs/eval_pears/results.json",
    evaluation,
    "  EVAL_LABEL: Pears\n",
  );
  expect(await ran(writes)).toMatchObject({ state: "succeeded", but: null });
});

it("a promise is kept in the folder that the log names, too", async () => {
  const work = tempFolder("work");
  const recipe = (program: string): string =>
    JSON.stringify({
      recipes: [
        {
          id: "mine",
          match: { files: ["*.yaml"] },
          command: ["sh", "-c", program],
          outputFromLog: "^writing to (?<path>\\S+)$",
          expects: ["traces/*.jsonl"],
        },
      ],
    });
  put(work, "a.yaml", "lr: 1\n");
  put(
    work,
    ".runside/recipes.yaml",
    recipe("echo writing to own-1; mkdir -p own-1/traces; echo {} >own-1/traces/a.jsonl"),
  );
  expect(await ran(work, "a.yaml")).toMatchObject({ state: "succeeded", but: null });
  put(work, ".runside/recipes.yaml", recipe("echo writing to own-2; mkdir -p own-2"));
  expect(await ran(work, "a.yaml")).toMatchObject({ state: "succeeded", but: "it wrote no traces/*.jsonl" });
});

it("runs a line with braces as exactly that text, and exports values with braces as they are", async () => {
  const line = 'for seed in 1 2; do echo "${seed} ${out}{config} $T"; done';
  const { state, log } = await ran(jobWith("", line, '  T: "{seed}-{out}"\n'));
  expect({ state, log }).toEqual({ state: "succeeded", log: "1 {config} {seed}-{out}\n2 {config} {seed}-{out}\n" });
});

it("hands the launch's own seed to the job, and shows in a dry run what will run", async () => {
  const work = jobWith("", "echo seed $RANDOM_SEED {seed}");
  const home = tempFolder("home");
  atEnd(() => endRuns(home));
  const { out } = await runside(home, ["run", "job.yaml", "--seed", "7", "--wait"], "", work);
  expect((await runside(home, ["logs", out.trim()])).out).toBe("seed 7 {seed}\n");
  const dry = JSON.parse(
    (await runside(home, ["run", "job.yaml", "--seed", "7", "--dry-run", "--json"], "", work)).out,
  ) as {
    commands: string[][];
    env: Record<string, string>;
  };
  expect(dry).toMatchObject({ commands: [["sh", "-c", "echo seed $RANDOM_SEED {seed}"]], env: { RANDOM_SEED: "7" } });
  const record = JSON.parse(readFileSync(join(home, "runs", out.trim(), "launch.json"), "utf8")) as {
    literal?: boolean;
  };
  expect(record.literal).toBe(true);
});
