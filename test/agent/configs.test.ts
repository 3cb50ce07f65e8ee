// What a config would run, by the command line: of each real config where they lie beside the project, and of small ones of ours.
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { RecordedFact } from "../../core/model/fact";
import { projectRoot } from "../../scripts/folders";
import { builtAgent, runside } from "../support/builtAgent";
import { tempFolder } from "../support/tempFolder";

beforeAll(() => builtAgent(), 60_000);

const shared = join(projectRoot, "../shared/fixtures");
const isThere = existsSync(shared);
if (!isThere) console.warn(`skipped: ${shared} is not there, so no real config was planned`);

interface Shown {
  recipe: string;
  commands: string[][];
  folder: string;
  output: string[];
  total: number | null;
  seed: number | null;
  facts: RecordedFact[];
  warnings: { line: number; message: string }[];
  problem: string | null;
}

async function plan(work: string, config: string, ...more: string[]): Promise<Shown & { code: number }> {
  const home = tempFolder("home");
  const { out, code } = await runside(home, ["run", config, "--dry-run", "--json", ...more], "", work);
  expect(readdirSync(home)).toEqual([]);
  return { ...(JSON.parse(out) as Shown), code };
}

function workspace(files: Record<string, string>): string {
  const work = tempFolder("work");
  for (const [path, text] of Object.entries({ ".runside/none": "", ...files })) {
    mkdirSync(dirname(join(work, path)), { recursive: true });
    writeFileSync(join(work, path), text);
  }
  return work;
}

const facts = (shown: Shown): Record<string, unknown> =>
  Object.fromEntries(shown.facts.map(({ name, value }) => [name, value]));

/** What the experiments' own repositories have beside their configs. */
const scripts = [
  ...["sft_only", "grpo_gkd", "gkd", "opsd", "grpo_sft", "grpo_LEGACY_DO_NOT_USE"].map(
    (name) => `entrypoints/train_${name}.py`,
  ),
  ...["entrypoints/eval_benchmarks.py", "pyproject.toml"],
  ...["sft_trainer", "online_grpo_trainer", "eval_sft"].map((name) => `infra/training/finetuning/${name}.py`),
  ...["espo_refusion_trainer", "mdpo_refusion_trainer", "fsdfm_flow_grpo_trainer"].map(
    (name) => `infra/training/flow_matching/${name}.py`,
  ),
];

type Expected = [file: string, recipe: string, program: string, facts: Record<string, unknown>, total: number | null];
const base = "/efs/rlvr-experiments/assets/hf/Qwen3-1.7B-Base";
const rlvr = (learningRate: number, dataset: string, more: object): Record<string, unknown> => ({
  ...{ seed: 42, learningRate, ...more, model: base, dataset },
});
const job = (checkpoint: string | null, split: string, more: object): Record<string, unknown> => ({
  seed: 42,
  ...more,
  model: checkpoint === null ? "qwen3-8b" : `/mnt/user_storage/openbrowser/checkpoints/${checkpoint}`,
  dataset: `data/processed/formfactory_sft${split}.jsonl`,
});
const login = (learningRate: number, name: string, screens: string): Record<string, unknown> => ({
  ...{ seed: 123, learningRate, model: name, dataset: screens },
});
const small = "Qwen/Qwen3-VL-2B-Instruct";

const expected: readonly Expected[] = [
  [
    "openadapt/configs/qwen2_5vl_synthetic",
    "openadapt",
    "openadapt_ml.scripts.train",
    login(2e-4, "Qwen/Qwen2.5-VL-7B-Instruct", "synthetic_qwen2_5"),
    24,
  ],
  [
    "openadapt/configs/qwen3vl_capture_4bit",
    "openadapt",
    "openadapt_ml.scripts.train",
    { learningRate: 5e-5, model: small },
    300,
  ],
  [
    "openadapt/configs/qwen3vl_synthetic_dev",
    "openadapt",
    "openadapt_ml.scripts.run_qwen_login_benchmark",
    login(1e-4, small, "synthetic_train_dev"),
    768,
  ],
  [
    "openadapt/configs/qwen3vl_synthetic_som",
    "openadapt",
    "openadapt_ml.scripts.run_qwen_login_benchmark",
    login(5e-5, small, "synthetic_train_som"),
    384,
  ],
  [
    "openbrowser/espo_refusion_mu8_job",
    "anyscale-job",
    "infra.training.flow_matching.espo_refusion_trainer",
    job("flow-llm-sft/adapter", "", { learningRate: 1e-5, beta: 3e-3, groupSize: 4 }),
    40,
  ],
  ["openbrowser/eval_sft_job", "anyscale-job", "infra.training.finetuning.eval_sft", job("sft", "_val", {}), null],
  [
    "openbrowser/finetuning_sft_job",
    "anyscale-job",
    "infra.training.finetuning.sft_trainer",
    job(null, "_train", { learningRate: 1e-4 }),
    30,
  ],
  [
    "openbrowser/fsdfm_flow_grpo_job",
    "anyscale-job",
    "infra.training.flow_matching.fsdfm_flow_grpo_trainer",
    job("fsdfm-sft/lora_adapter", "_train", { learningRate: 5e-5, beta: 0.04, groupSize: 4 }),
    992,
  ],
  [
    "openbrowser/mdpo_refusion_job",
    "anyscale-job",
    "infra.training.flow_matching.mdpo_refusion_trainer",
    job("flow-llm-sft/adapter", "", { learningRate: 1e-5, beta: 0.04, groupSize: 4 }),
    40,
  ],
  [
    "openbrowser/online_grpo_v8_job",
    "anyscale-job",
    "infra.training.finetuning.online_grpo_trainer",
    job("sft", "_train", { beta: 0.1, groupSize: 4 }),
    992,
  ],
  [
    "rlvr/gsm8k-exp1-s0-opt16-lr1e6",
    "rlvr",
    "entrypoints/train_grpo_LEGACY_DO_NOT_USE.py",
    rlvr(1e-6, "gsm8k", { beta: 0.05, groupSize: 64 }),
    100,
  ],
  ["rlvr/lm_eval_watch", "rlvr", "entrypoints/eval_benchmarks.py", { seed: 42, dataset: "gsm8k_cot" }, null],
  [
    "rlvr/math-eps-warmup-lr5e6",
    "rlvr",
    "entrypoints/train_grpo_LEGACY_DO_NOT_USE.py",
    rlvr(5e-6, "math", { beta: 1e-3, groupSize: 8 }),
    null,
  ],
  [
    "rlvr/qwen3-1.7B-gsm8k-dapo-lr5e6",
    "rlvr",
    "entrypoints/train_grpo_sft.py",
    rlvr(5e-6, "gsm8k", { beta: 1e-6, groupSize: 8 }),
    300,
  ],
  [
    "rlvr/qwen3-1.7B-gsm8k-grpo-gkd-instruct",
    "rlvr",
    "entrypoints/train_grpo_gkd.py",
    rlvr(5e-6, "gsm8k", { beta: 1e-3, groupSize: 8 }),
    300,
  ],
  [
    "rlvr/qwen3-1.7B-gsm8k-grpo-stale0-stop",
    "rlvr",
    "entrypoints/train_grpo_LEGACY_DO_NOT_USE.py",
    rlvr(1e-6, "gsm8k", { beta: 1e-3, groupSize: 8 }),
    null,
  ],
  [
    "rlvr/qwen3-1.7B-gsm8k-opsd-jsd-lr1e5",
    "rlvr",
    "entrypoints/train_opsd.py",
    rlvr(1e-5, "gsm8k", { groupSize: 8 }),
    300,
  ],
  [
    "rlvr/qwen3-1.7B-gsm8k-sft-only-lr5e5",
    "rlvr",
    "entrypoints/train_sft_only.py",
    rlvr(5e-5, "/efs/rlvr-experiments/data/gsm8k_sft_hard.jsonl", {}),
    300,
  ],
  [
    "rlvr/qwen3-1.7B-mixed-lr1e5",
    "rlvr",
    "entrypoints/train_grpo_LEGACY_DO_NOT_USE.py",
    rlvr(1e-5, "mixed", { beta: 0.05, groupSize: 16 }),
    624,
  ],
];

describe.skipIf(!isThere)("real configs", () => {
  it("are all in the table, but for the one that describes plots", () => {
    const found = readdirSync(shared, { recursive: true, encoding: "utf8" }).filter((path) => /\.ya?ml$/.test(path));
    const known = [...expected.map(([file]) => `${file}.yaml`), "rlvr/gsm8k_experiments.yaml"];
    expect(found.sort()).toEqual(known.sort());
  });

  it.each(expected)("%s is run by %s", async (file, recipe, program, values, total) => {
    const work = workspace(Object.fromEntries(scripts.map((path) => [path, ""])));
    const config = `configs/${basename(file)}.yaml`;
    mkdirSync(join(work, "configs"));
    copyFileSync(join(shared, `${file}.yaml`), join(work, config));
    const shown = await plan(work, config);
    expect(shown).toMatchObject({ code: 0, problem: null, recipe, total, folder: work });
    expect(shown.commands[0]?.join(" ")).toContain(program);
    expect(facts(shown)).toEqual(values);
    // No command has a word left that the box would have to replace.
    expect(shown.commands.flat().filter((arg) => /\{(?:config|out|node|seed|workspace)\}/.test(arg))).toEqual([]);
    expect(shown.warnings.map(({ line }) => line)).toEqual(file.includes("mixed") ? [46, 49] : []);
  });

  it.each(["openbrowser/online_grpo_v8_job", "openbrowser/eval_sft_job", "rlvr/qwen3-1.7B-gsm8k-dapo-lr5e6"])(
    "%s says why it cannot run where its program is not there, and still what it is",
    async (file) => {
      const work = workspace({});
      const config = `${basename(file)}.yaml`;
      copyFileSync(join(shared, `${file}.yaml`), join(work, config));
      const shown = await plan(work, config);
      expect(shown).toMatchObject({ code: 1, recipe: expected.find(([name]) => name === file)?.[1], commands: [] });
      expect(shown.problem).toMatch(/^\S+\.yaml(?::\d+)? .*\.py, which is not in this workspace/);
      expect(facts(shown)).toHaveProperty("dataset");
    },
  );

  it("say that a page of plots is no run, with the line", async () => {
    const work = workspace({});
    copyFileSync(join(shared, "rlvr/gsm8k_experiments.yaml"), join(work, "plots.yaml"));
    const shown = await plan(work, "plots.yaml");
    expect(shown).toMatchObject({ code: 1, recipe: "rlvr", commands: [] });
    expect(shown.problem).toMatch(/^plots\.yaml:8 .*plots of finished runs/);
  });
});

describe("run --dry-run", () => {
  const config = "# pears\ntraining:\n  lr: 5e-6 # small\n  seed: 3\nseed: 1\nseed: 2\n";

  it("prints the whole plan as people read it, and touches nothing", async () => {
    const work = workspace({ "pears.yaml": config, "train.py": "" });
    const home = tempFolder("home");
    const { out, code } = await runside(home, ["run", "pears.yaml", "--dry-run", "--seed", "9"], "", work);
    expect(code).toBe(0);
    const lines = out.replaceAll(work, "WORK").replaceAll(home, "HOME").trimEnd().split("\n");
    expect(lines.slice(0, 9)).toEqual([
      "config        pears.yaml",
      "recipe        python (Python program with --config)",
      // Another seed than the file's: an edited copy runs.
      "command       python train.py --config 'HOME/runs/<run>/config/pears.yaml'",
      "folder        WORK",
      "env           PYTHONUNBUFFERED=1",
      "output        HOME/runs/<run>/attempts/1/out",
      "steps         unknown before the run",
      "seed          9  (seed)",
      "learning rate 5e-6  (training.lr)",
    ]);
    expect(lines.slice(-2)).toEqual([
      "warning       pears.yaml:3: PyYAML reads 5e-6 as text, not as a number; write 5.0e-06",
      'warning       pears.yaml:6: "seed" stands here a second time; the last one counts',
    ]);
    expect(readFileSync(join(work, "pears.yaml"), "utf8")).toBe(config);
    expect(readdirSync(home)).toEqual([]);
  });

  it("says why a config cannot run, and where no recipe knows it", async () => {
    const work = workspace({ "pears.yaml": config, "list.yaml": "a: 1\n", "broken.yaml": "a: [1\nb: 2\n" });
    const shown = await plan(work, "pears.yaml");
    expect(shown).toMatchObject({ code: 1, recipe: "python", commands: [] });
    expect(shown.problem).toMatch(/no train\.py, main\.py/);
    expect(facts(shown)).toEqual({ seed: 2, learningRate: 5e-6 });
    for (const [name, why] of [
      ["list.yaml", /no recipe recognises it/],
      ["broken.yaml", /broken\.yaml:2 .*not valid YAML/],
      ["none.yaml", /There is no file/],
    ] as const) {
      const { code, out, err } = await runside(tempFolder("home"), ["run", name, "--dry-run"], "", work);
      expect({ code, out }).toEqual({ code: 1, out: "" });
      expect(err).toMatch(why);
    }
  });

  it("takes facts from where the workspace's own recipe says they are", async () => {
    const work = workspace({
      "tea.yaml": "model: cup\nbrew: {rate: 0.5, pots: 6}\n",
      ".runside/recipes.yaml":
        "recipes:\n  - id: tea\n    match: {keys: [brew]}\n    command: [tea, '{config}', '{seed}']\n    facts: {learningRate: brew.rate, groupSize: brew.pots}\n",
    });
    const shown = await plan(work, "tea.yaml", "--seed", "4");
    expect(shown).toMatchObject({ recipe: "tea", commands: [["tea", join(work, "tea.yaml"), "4"]] });
    expect(shown.facts).toEqual([
      { name: "seed", key: null, value: 4 },
      { name: "learningRate", key: "brew.rate", value: 0.5 },
      { name: "groupSize", key: "brew.pots", value: 6 },
      { name: "model", key: "model", value: "cup" },
    ]);
    expect((await plan(work, "tea.yaml")).problem).toMatch(/needs a seed/);
  });
});
