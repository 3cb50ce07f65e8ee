// The built-in recipes on real configs and on small ones of ours: which one fits, what it would run, why it refuses.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { prepareLaunch, readConfig, specOf, type PreparedLaunch } from "../../../core/recipes/launch";
import { bindPlaceholders } from "../../../core/recipes/placeholders";
import { builtinRecipes, matchRecipes } from "../../../core/recipes/registry";
import { launchSpecSchema } from "../../../core/model/run";

const fixtures = new URL("../../../../shared/fixtures/", import.meta.url);
const missing = existsSync(fixtures) ? false : "the shared fixtures are not beside the project";
if (missing) console.warn(`Real configs are left out: ${missing}.`);

const having =
  (...paths: string[]) =>
  (path: string): boolean =>
    paths.includes(path);
const prepare = (
  path: string,
  text: string,
  files: string[],
  more: { seed?: number; recipe?: string } = {},
): PreparedLaunch => prepareLaunch({ path, text, exists: having(...files), ...more });

const login = "experiment: login\nrun: {name: a, seed: 1}\nsft: {steps: 50}\ngrpo: {steps: 120}\n";
const train = "run: {name: x}\nroles: [{name: trainer}, {name: rollout}]\ndata: {dataset: gsm8k}\n";
const entry = (script: string): string => `entrypoints/${script}.py`;

describe("the registry", () => {
  it("is in alphabetical order of its files and has no id twice", () => {
    const ids = builtinRecipes.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const files = readdirSync(new URL("../../../core/recipes/builtin/", import.meta.url));
    expect(files).toHaveLength(ids.length);
  });

  it("never throws on odd documents", () => {
    const odd = [
      "",
      "text",
      "[1, 2]",
      "run: 1\nroles: 2",
      "model: {name: 1}\nlora: []",
      "experiment: login",
      "runs: []\nhtml_prefix: x",
    ];
    for (const text of odd) {
      const file = readConfig("a.yaml", text, () => false);
      for (const recipe of builtinRecipes) expect(recipe.match(file)).toBeLessThan(1);
    }
  });

  it("leaves other YAML alone", () => {
    for (const [path, text] of [
      ["docker-compose.yml", "services: {a: {image: b}}"],
      [".github/workflows/ci.yml", "jobs: {train: {steps: []}}\ntraining: {}"],
      ["data.yaml", "train: images/train\nval: images/val"],
      ["mkdocs.yml", "site_name: x\nnav: []"],
    ] as const) {
      expect(matchRecipes(readConfig(path, text, () => true))).toEqual([]);
    }
  });

  it("launches nothing from a config that is no YAML, and says the line", () => {
    expect(() => prepare("c.yaml", "run:\n  seed: [1\nx: 2\n", [])).toThrow(
      /^c\.yaml:3 .*not valid YAML.*Nothing was launched/,
    );
    expect(() => prepare("c.yaml", "a: 1", [])).toThrow(/no recipe recognises it/);
    expect(() => prepare("c.yaml", login, [], { recipe: "nope" })).toThrow(/The recipe "nope" cannot be used/);
  });
});

describe("login-example", () => {
  it.each(["", "login", "examples/login"])("runs from a workspace in which it lies in '%s'", (folder) => {
    const inside = (path: string): string => (folder === "" ? path : `${folder}/${path}`);
    const { plan, recipe } = prepare(inside("grpo.yaml"), login, [inside("dist/train.mjs")]);
    expect(recipe.id).toBe("login-example");
    expect(plan).toMatchObject({ cwd: folder, inputs: [inside("dist/train.mjs")], seed: 1, progress: { total: 120 } });
    const values = { config: "/c.yaml", out: "/o", node: "/n", seed: 1, workspace: "/w" };
    expect(bindPlaceholders(plan.commands[0] ?? [], values)).toEqual([
      "/n",
      "dist/train.mjs",
      "--config",
      "/c.yaml",
      "--out",
      "/o",
    ]);
  });

  it("takes another seed, the SFT total, and says that it is not built", () => {
    const sft = login.replace("grpo: {steps: 120}\n", "");
    const { plan, edited } = prepare("sft.yaml", sft, ["dist/train.mjs"], { seed: 7 });
    expect(plan).toMatchObject({ seed: 7, progress: { total: 50 } });
    expect(plan.commands[0]?.slice(-2)).toEqual(["--seed", "{seed}"]);
    expect(edited).toBe(false);
    expect(() => prepare("sft.yaml", sft, [])).toThrow(/dist\/train\.mjs is not built yet/);
  });

  it.each(["grpo", "grpo-collapse", "sft"])("runs the %s.yaml that ships", (name) => {
    const text = readFileSync(new URL(`../../../examples/login/${name}.yaml`, import.meta.url), "utf8");
    const { plan, recipe, notes } = prepare(`login/${name}.yaml`, text, ["login/dist/train.mjs"]);
    expect(recipe.id).toBe("login-example");
    expect(plan.progress.total).toBeGreaterThan(0);
    expect(plan.seed).toBe(1);
    expect(notes).toEqual([]);
    const step = new RegExp(plan.progress.pattern ?? "");
    expect(step.test("step=3 loss=0.1")).toBe(name !== "sft");
    expect(step.test("[epoch 0] optim_step=3 loss=0.1")).toBe(name === "sft");
  });

  it("makes a spec that the protocol accepts", () => {
    const prepared = prepare("grpo.yaml", login, ["dist/train.mjs"]);
    const spec = specOf(prepared, { id: "20261120-235959-grpo-k3f9", place: { folder: "/w" }, git: null });
    expect(launchSpecSchema.parse(spec)).toEqual(spec);
  });
});

describe("rlvr", () => {
  it.each([
    [
      "sft_data: {path: x}\ntraining: {max_steps: 3}\nrun: {}\nroles: [{name: trainer}]\nsync: {wiring: []}\n",
      "a.yaml",
      "train_sft_only",
    ],
    [`${train}training: {alpha_gkd: 1}\nloss: {name: opsd}\n`, "a.yaml", "train_grpo_gkd"],
    [`${train}training: {}\nloss: {name: opsd}\n`, "x-gkd-only.yaml", "train_gkd"],
    [`${train}training: {}\nloss: {name: opsd}\n`, "x.yaml", "train_opsd"],
    [`${train}training: {alpha_sft: 0, alpha_grpo: 1, max_steps: 9}\n`, "x.yaml", "train_grpo_sft"],
    [`${train}training: {}\nloss: {name: drgrpo}\n`, "x.yaml", "train_grpo_LEGACY_DO_NOT_USE"],
  ])("chooses the script of %s", (text, name, script) => {
    const { plan } = prepare(`configs/${name}`, text, [entry(script)]);
    expect(plan.commands).toEqual([["python", entry(script), "{config}"]]);
    expect(plan).toMatchObject({ cwd: "", seed: 42 });
  });

  it("takes the legacy loop under its old name, in a sub-folder, and refuses where no script is", () => {
    const { plan } = prepare("rl/configs/a.yaml", `${train}training: {}\n`, ["rl/entrypoints/train_grpo.py"]);
    expect(plan).toMatchObject({ cwd: "rl", commands: [["python", "entrypoints/train_grpo.py", "{config}"]] });
    expect(() => prepare("a.yaml", `${train}training: {}\n`, [])).toThrow(
      /LEGACY_DO_NOT_USE\.py or entrypoints\/train_grpo\.py, which is not/,
    );
  });

  it("refuses what would die after minutes of loading", () => {
    const text = `${train}training:\n  alpha_sft: 0.5\n`;
    expect(() => prepare("a.yaml", text, [entry("train_grpo_sft")])).toThrow(
      /^a\.yaml:4 .*alpha_grpo and training\.max_steps/,
    );
  });

  it("says that a run has no end where nothing sets one", () => {
    const forever = (steps: string): string | null =>
      prepare("a.yaml", `${train}training: {alpha_sft: 0.5, alpha_grpo: 1, max_steps: ${steps}}\n`, [
        entry("train_grpo_sft"),
      ]).plan.note;
    expect([forever("0"), forever("null")]).toEqual(Array(2).fill(expect.stringMatching(/Runs until it is stopped/)));
    expect(forever("9")).not.toMatch(/until it is stopped/);
  });

  it("takes along the data and curricula that git ignores, where they are there", () => {
    const text = [
      "run: {name: x}\nroles: [{name: trainer}, {name: rollout}]\ntraining: {}\n",
      "data: {dataset: mixed, order: data/all.txt, datasets: [{name: math, order: ./data/math.txt}, {name: a, path: data/a.jsonl}]}\n",
      "data_iter: {order: data/iter.txt}\nsft_data: {dataset: sft_jsonl, path: data/sft.jsonl}\n",
    ].join("");
    const names = ["all.txt", "math.txt", "a.jsonl", "iter.txt", "sft.jsonl"].map((name) => `rl/data/${name}`);
    const plan = (files: string[]): string[] =>
      prepare("rl/configs/a.yaml", text, ["rl/entrypoints/train_grpo.py", ...files]).plan.inputs;
    expect(plan(names)).toEqual(names);
    expect(plan(names.slice(3))).toEqual(names.slice(3));
  });

  it("promises the results of an evaluation where it names their folder", () => {
    const text = "benchmarks: [{task: gsm8k}]\ncheckpoints: [{name: a, path: b}]\n";
    const plan = (more: string): object => prepare("a.yaml", text + more, [entry("eval_benchmarks")]).plan;
    expect(plan("output_dir: results\n")).toMatchObject({ alsoWatch: ["results"], expects: ["**/results_*.json"] });
    expect(plan("")).toMatchObject({ alsoWatch: [], expects: [] });
  });

  it("reads its step lines and its run folder from the log", () => {
    const { plan } = prepare("a.yaml", `${train}training: {max_steps: 300}\n`, ["entrypoints/train_grpo.py"]);
    const step = new RegExp(plan.progress.pattern ?? "");
    for (const line of [
      "step=12 loss=nan reward=0.5",
      "[epoch 0] step=12 loss=0.1",
      "[epoch 0] optim_step=12 loss=1",
    ]) {
      expect(step.exec(line)?.groups?.["step"]).toBe("12");
    }
    const out = new RegExp(plan.outputFromLog ?? "");
    expect(out.exec("[runtime] tracing to /efs/r/x_20260207-173012/traces/trace.jsonl")?.groups?.["path"]).toBe(
      "/efs/r/x_20260207-173012",
    );
    expect(out.exec("[runtime] tracing to /efs/r")?.groups?.["path"]).toBe("/efs/r");
    expect(plan.progress.total).toBe(300);
  });

  it("puts a launch's seed into its copy of the config", () => {
    const { text, plan } = prepare("a.yaml", `${train}training: {}\n`, ["entrypoints/train_grpo.py"], { seed: 5 });
    expect(text.startsWith("run: {seed: 5, name: x}\n")).toBe(true);
    expect(plan.seed).toBe(5);
  });
});

describe("openadapt", () => {
  it.each([
    ["{num_sessions: 32}", "{num_train_epochs: 2, gradient_accumulation_steps: 4}", 384],
    [
      "{num_sessions: 32}",
      "{num_train_epochs: 2, per_device_train_batch_size: 2, gradient_accumulation_steps: 4}",
      192,
    ],
    ["{scenario: registration}", "{num_train_epochs: 3}", 360],
    ["{}", "{}", 60],
  ])("with %s and %s logs up to step %s: batches, not optimiser steps", (data, training, total) => {
    const text = `model: {name: Qwen/Qwen3-VL-2B-Instruct}\nlora: {r: 8}\nsynthetic_data: ${data}\ntraining: ${training}\n`;
    expect(prepare("a.yaml", text, ["pyproject.toml"]).plan.progress.total).toBe(total);
  });
});

describe("python", () => {
  const text = "training: {learning_rate: 1e-4, max_steps: 10}\n";
  it("finds the program beside the config, then at the root", () => {
    expect(prepare("a/c.yaml", text, ["a/main.py", "train.py"]).plan).toMatchObject({
      cwd: "a",
      commands: [["python", "main.py", "--config", "{config}"]],
    });
    const { plan, notes } = prepare("a/c.yaml", text, ["scripts/train.py"]);
    expect(plan).toMatchObject({
      cwd: "",
      commands: [["python", "scripts/train.py", "--config", "{config}"]],
      progress: { total: 10 },
    });
    expect(notes).toMatchObject([{ code: "python-text", line: 1 }]);
  });

  it("says how to name another program", () => {
    expect(() => prepare("a/c.yaml", text, [])).toThrow(/recipes: \[\{id: my-run/);
    expect(() => prepare("c.yaml", text, ["run.py"], { seed: 3 })).toThrow(/no seed to replace/);
  });
});

describe.skipIf(missing)("real configs", () => {
  const read = (path: string): string => readFileSync(new URL(path, fixtures), "utf8");
  const scripts = [
    "train_sft_only",
    "train_grpo_gkd",
    "train_gkd",
    "train_opsd",
    "train_grpo_sft",
    "train_grpo_LEGACY_DO_NOT_USE",
    "eval_benchmarks",
  ];

  it.each([
    ["gsm8k-exp1-s0-opt16-lr1e6", null],
    ["math-eps-warmup-lr5e6", null],
    ["qwen3-1.7B-gsm8k-dapo-lr5e6", null],
    ["qwen3-1.7B-gsm8k-grpo-gkd-instruct", "train_grpo_gkd"],
    ["qwen3-1.7B-gsm8k-grpo-stale0-stop", "train_grpo_LEGACY_DO_NOT_USE"],
    ["qwen3-1.7B-gsm8k-opsd-jsd-lr1e5", "train_opsd"],
    ["qwen3-1.7B-gsm8k-sft-only-lr5e5", "train_sft_only"],
    ["qwen3-1.7B-mixed-lr1e5", null],
    ["lm_eval_watch", "eval_benchmarks"],
  ])("rlvr runs %s", (name, script) => {
    const { plan, recipe, notes } = prepare(`configs/${name}.yaml`, read(`rlvr/${name}.yaml`), scripts.map(entry));
    expect(recipe.id).toBe("rlvr");
    if (script) expect(plan.commands).toEqual([["python", entry(script), "{config}"]]);
    expect(notes.some(({ code }) => code === "duplicate-key")).toBe(name.includes("mixed"));
  });

  it("rlvr knows a page of plots and does not run it", () => {
    expect(() => prepare("a.yaml", read("rlvr/gsm8k_experiments.yaml"), scripts.map(entry))).toThrow(
      /^a\.yaml:\d+ .*plots of finished runs/,
    );
  });

  it.each(["qwen2_5vl_synthetic", "qwen3vl_capture_4bit", "qwen3vl_synthetic_dev", "qwen3vl_synthetic_som"])(
    "openadapt runs %s",
    (name) => {
      const { plan, recipe, text } = prepare(`configs/${name}.yaml`, read(`openadapt/configs/${name}.yaml`), [
        "pyproject.toml",
      ]);
      expect(recipe.id).toBe("openadapt");
      expect({ ...plan, commands: plan.commands.map((argv) => argv.join(" ")) }).toMatchSnapshot();
      expect(text).toBe(read(`openadapt/configs/${name}.yaml`));
    },
  );
});
