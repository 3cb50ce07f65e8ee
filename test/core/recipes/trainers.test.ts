// The recipes of job files and of well-known trainers: what each recognises, what it would run, why it refuses.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { LaunchPlan } from "../../../core/recipes/recipe";
import { prepareLaunch, readConfig, type PreparedLaunch } from "../../../core/recipes/launch";
import { bindPlaceholders } from "../../../core/recipes/placeholders";
import { builtinRecipes, matchRecipes } from "../../../core/recipes/registry";

const fixtures = new URL("../../../../shared/fixtures/", import.meta.url);
const missing = existsSync(fixtures) ? false : "the shared fixtures are not beside the project";
if (missing) console.warn(`Real job files are left out: ${missing}.`);

const prepare = (text: string, files: string[] = [], more: { seed?: number; path?: string } = {}): PreparedLaunch =>
  prepareLaunch({
    path: more.path ?? "configs/a.yaml",
    text,
    exists: (path) => files.includes(path),
    ...(more.seed === undefined ? {} : { seed: more.seed }),
  });
const line = (plan: LaunchPlan): string => plan.commands.map((argv) => argv.join(" ")).join(" && ");
const step = (plan: LaunchPlan, log: string): string | undefined =>
  new RegExp(plan.progress.pattern ?? "(?!)").exec(log)?.groups?.["step"];

const job = `name: a
entrypoint: bash -c "python -m infra.eval.get --datasets x && python -m infra.training.finetuning.online_grpo_trainer"
containerfile: Containerfile.online
compute_config: {cloud: x}
working_dir: .
env_vars:
  TRAIN_FILE: "data/train.jsonl"
  MAX_TRAIN_SAMPLES: "992"
  KL_COEFF: "0.1"
max_retries: 1
`;
const trainer = "infra/training/finetuning/online_grpo_trainer.py";

describe("anyscale-job", () => {
  it("runs the entrypoint as exactly its text, with the job's variables, from where its module lies", () => {
    const { plan, recipe } = prepare(job, [`web/${trainer}`, "web/data/train.jsonl"], {
      path: "web/infra/jobs/a.yaml",
    });
    expect(recipe.id).toBe("anyscale-job");
    expect(plan.commands).toEqual([
      [
        "sh",
        "-c",
        'bash -c "python -m infra.eval.get --datasets x && python -m infra.training.finetuning.online_grpo_trainer"',
      ],
    ]);
    expect(plan).toMatchObject({
      cwd: "web",
      env: { PYTHONUNBUFFERED: "1", TRAIN_FILE: "data/train.jsonl", MAX_TRAIN_SAMPLES: "992" },
      alsoWatch: ["outputs/finetuning_online_grpo"],
      inputs: ["web/data/train.jsonl"],
      progress: { total: 992 },
      seed: 42,
    });
    expect(plan.note).toMatch(/shell line, exactly as it stands.*Containerfile\.online is not used/);
    for (const log of [
      "2026-02-20 11:02:33,123 - __main__ - INFO -   Step 5 (prompt 5/992): avg_reward=0.650, loss=0.0123",
      "2026-02-20 11:02:33,123 - __main__ - INFO - Step 5 [multi-turn]: avg_reward=0.650",
      "2026-02-20 11:02:33,123 - __main__ - INFO -   Step 5/50: avg_reward=0.650, loss=0.0123",
      "INFO:__main__:Epoch 1, Step 5: loss=0.5",
    ]) {
      expect(step(plan, log)).toBe("5");
    }
    expect(step(plan, "Step 5: Type 'x' into the 'Name' field")).toBeUndefined();
  });

  it("exports a launch's own seed, and pastes nothing into the line", () => {
    expect(prepare(job, [trainer], { seed: 7 }).plan).toMatchObject({ env: { RANDOM_SEED: "7" }, seed: 7 });
    const own = job.replace("env_vars:\n", 'env_vars:\n  RANDOM_SEED: "1"\n');
    expect(prepare(own, [trainer], { seed: 7 }).plan.env["RANDOM_SEED"]).toBe("7");
    const braces = prepare(job.replace("--datasets x", "{out} ${seed}").replace('"0.1"', '"{config}"'), [trainer]).plan;
    expect(braces).toMatchObject({ literal: true, env: { KL_COEFF: "{config}" } });
    expect(line(braces)).toContain("infra.eval.get {out} ${seed} &&");
    expect(() => prepare(job.replace('"0.1"', "[1]"))).toThrow(/KL_COEFF is no value/);
    expect(() => prepare("entrypoint: 3\ncompute_config: {}\n")).toThrow(/:1 .*is no command/);
  });

  it.each([
    ["finetuning.sft_trainer", {}, "finetuning_sft", "{final,checkpoint-*}/**"],
    ["finetuning.online_grpo_trainer", {}, "finetuning_online_grpo", "{final,best,checkpoint-*}/**"],
    ["flow_matching.espo_refusion_trainer", {}, "espo_refusion", "{final,best,step_*}/**"],
    ["flow_matching.fsdfm_sft_trainer", {}, "fsdfm_sft", "lora_adapter/lora_weights.pt"],
    ["finetuning.eval_sft", { EVAL_LABEL: "GRPO v8" }, "eval_grpo_v8", "results.json"],
    ["flow_matching.eval_refusion_sft", { EVAL_LABEL: "GRPO v8" }, "eval_refusion_sft", "results.json"],
    ["flow_matching.eval_fsdfm_sft", { EVAL_LABEL: "x" }, "eval_fsdfm_sft", "results.json"],
  ])("%s with %j writes to outputs/%s and leaves %s", (name, env, folder, leaves) => {
    const path = `infra/training/${name.replace(".", "/")}.py`;
    for (const run of [`python -m infra.training.${name}`, `uv run ${path}`, `python -u ./${path}`]) {
      const { plan } = prepare(JSON.stringify({ entrypoint: run, compute_config: {}, env_vars: env }), [path]);
      expect(plan).toMatchObject({ alsoWatch: [`outputs/${folder}`], expects: [leaves], seed: 42 });
    }
  });

  it.each([
    ["espo_refusion_trainer", { MAX_TRAIN_SAMPLES: "50", GROUP_SIZE: "4" }, 40],
    ["mdpo_fsdfm_trainer", { MAX_TRAIN_SAMPLES: "10" }, 10],
    ["espo_fsdfm_trainer", { EARLY_STOP_MAX_STEPS: "100", MAX_TRAIN_SAMPLES: "992" }, 100],
    ["espo_fsdfm_trainer", {}, 40],
    ["grpo_trainer", { MAX_TRAIN_SAMPLES: "10", NUM_EPOCHS: "2", LEARNING_RATE: "1e-5" }, 20],
    ["online_grpo_trainer", { MAX_TRAIN_SAMPLES: "992", GROUP_SIZE: "4" }, 992],
    ["sft_trainer", { MAX_TRAIN_SAMPLES: "992", NUM_EPOCHS: "2" }, null],
    ["sft_trainer", { MAX_STEPS: "30" }, 30],
    ["sft_trainer", { MAX_STEPS: "-1" }, null],
    ["eval_sft", { MAX_TRAIN_SAMPLES: "992" }, null],
  ])("%s with %j takes %s steps", (name, env, total) => {
    const path = `infra/training/x/${name}.py`;
    const entrypoint = `python -m infra.training.x.${name}`;
    const { plan } = prepare(JSON.stringify({ entrypoint, compute_config: {}, env_vars: env }), [path]);
    expect(plan.progress.total).toBe(total);
  });

  it("follows the bar of the SFT trainer, which logs no steps", () => {
    const path = "infra/training/finetuning/sft_trainer.py";
    const { plan } = prepare(job.replace("online_grpo_trainer", "sft_trainer"), [path]);
    expect(step(plan, "  5%|▌         | 6/124 [05:32<1:45:11, 66.42s/it]")).toBe("6");
    expect(step(plan, "{'loss': '0.5', 'grad_norm': '1.2', 'learning_rate': '5e-05', 'epoch': '0.1'}")).toBeUndefined();
    expect(step(plan, "Loading checkpoint shards: 50%|#####     | 2/4 [00:01<00:01,  1.0it/s]")).toBeUndefined();
  });

  it("compares evaluations by the split that they read and the checkpoint that they load", () => {
    const facts = (env: Record<string, string>): object =>
      Object.fromEntries(
        prepare(
          JSON.stringify({ entrypoint: "python -m infra.training.a.eval_sft", compute_config: {}, env_vars: env }),
          ["infra/training/a/eval_sft.py"],
        ).facts.map(({ name, value }) => [name, value]),
      );
    const files = { TRAIN_FILE: "train", VAL_FILE: "val", TEST_FILE: "test" };
    expect(facts({ ...files, FLOW_SFT_CHECKPOINT: "/m" })).toMatchObject({ dataset: "val", model: "/m" });
    expect(facts({ ...files, EVAL_SPLIT: "test" })).toMatchObject({ dataset: "test" });
    expect(facts({ FLOW_TEST_FILE: "flow" })).toMatchObject({ dataset: "flow" });
  });

  it("refuses a script and a module of its own that are not there; another's may be installed", () => {
    const script = "entrypoint: python train.py --x 1\ncompute_config: {}\n";
    expect(() => prepare(script)).toThrow(/runs train\.py, which is not in this workspace/);
    expect(prepare(script, ["configs/train.py"]).plan).toMatchObject({ cwd: "configs", seed: null, alsoWatch: [] });
    expect(() => prepare(job)).toThrow(/:2 .*online_grpo_trainer\.py, which is not in this workspace/);
    const foreign = prepare("entrypoint: python -m torch.distributed.run x.py\ncompute_config: {}\n").plan;
    expect(foreign.note).toMatch(/module torch\.distributed\.run is not in this workspace/);
    expect(line(prepare("entrypoint: echo hi; ls\ncompute_config: {}\n").plan)).toBe("sh -c echo hi; ls");
  });
});

const tune = "model: {_component_: torchtune.models.llama3_2.lora_llama3_2_1b}\nepochs: 2\noptimizer: {lr: 3.0e-4}\n";
const swift = "model: Qwen/Qwen2.5-VL-7B\ndataset: [datas/sft.json]\ntrain_type: full\nlearning_rate: 1.0e-5\n";
const llama = "model_name_or_path: m\nstage: sft\ndo_train: true\ndataset: d\ntemplate: llama3\noutput_dir: saves/x\n";
const trl =
  "model_name_or_path: Qwen/Qwen3-0.6B\ndataset_name: trl-lib/Capybara\noutput_dir: out\nlearning_rate: 2.0e-5\n";
const axolotl =
  "base_model: m\ndatasets: [{path: data/a.jsonl, type: alpaca}]\nmicro_batch_size: 2\nlearning_rate: 0.0002\n";
const harness = "model: hf\nmodel_args: {pretrained: gpt2}\ntasks: [gsm8k, mmlu]\nnum_fewshot: 5\n";
const ppo =
  "data: {train_files: /d/train.parquet, seed: 3}\nactor_rollout_ref: {model: {path: Qwen/Qwen3}, rollout: {n: 8}, actor: {optim: {lr: 1.0e-6}}}\ntrainer: {total_training_steps: 50}\n";

describe("trainers", () => {
  it.each([
    [trl, "trl", "trl sft --config {config} --output_dir {out}"],
    [
      `${trl}num_generations: 8\nreward_funcs: [think_format_reward]\n`,
      "trl",
      "trl grpo --config {config} --output_dir {out}",
    ],
    [`${trl}beta: 0.1\nprecompute_ref_log_probs: true\n`, "trl", "trl dpo --config {config} --output_dir {out}"],
    [`${trl}desirable_weight: 1.0\n`, "trl", "trl kto --config {config} --output_dir {out}"],
    [llama, "llama-factory", "llamafactory-cli train {config} output_dir={out}"],
    [axolotl, "axolotl", "axolotl train {config} --output-dir {out}"],
    [harness, "lm-eval", "lm_eval run --config {config} --output_path {out} --log_samples"],
    [swift, "ms-swift", "swift sft {config}"],
    [`${swift}rlhf_type: dpo\n`, "ms-swift", "swift rlhf {config}"],
    [tune, "torchtune", "tune run lora_finetune_single_device --config {config} output_dir={out}"],
    [
      `# Run it:\n#   tune run --nproc_per_node 4 full_finetune_distributed --config x\n${tune}`,
      "torchtune",
      "tune run --nproc_per_node 4 full_finetune_distributed --config {config} output_dir={out}",
    ],
    [
      "model: {partial_pretrain: m}\ndata: {train_files: a.parquet}\ntrainer: {n_gpus_per_node: 2}\n",
      "verl",
      "torchrun --standalone --nproc_per_node=2 -m verl.trainer.fsdp_sft_trainer ++model.partial_pretrain='m' ++data.train_files='a.parquet' ++trainer.n_gpus_per_node=2 ++trainer.default_local_dir={out}/checkpoints ++trainer.logger=[\"console\",\"file\"]",
    ],
  ])("%s runs with %s", (text, id, command) => {
    const { plan, recipe, edited } = prepare(text);
    expect(recipe.id).toBe(id);
    expect(line(plan)).toBe(command);
    expect(edited).toBe(false);
  });

  it("gives Hydra every value in its own grammar, over the base that the config names", () => {
    const { plan, recipe } = prepare(`hydra: {searchpath: [x]}\ndefaults: [ppo_trainer, _self_]\n${ppo}`);
    expect(recipe.id).toBe("verl");
    expect(line(plan)).toBe(
      "python3 -m verl.trainer.main_ppo ++data.train_files='/d/train.parquet' ++data.seed=3 " +
        "++actor_rollout_ref.model.path='Qwen/Qwen3' ++actor_rollout_ref.rollout.n=8 ++actor_rollout_ref.actor.optim.lr=0.000001 " +
        "++trainer.total_training_steps=50 ++trainer.default_local_dir={out}/checkpoints ++trainer.rollout_data_dir={out}/rollouts " +
        '++trainer.validation_data_dir={out}/validation ++trainer.logger=["console","file"]',
    );
    expect(plan).toMatchObject({
      env: { VERL_FILE_LOGGER_PATH: "{out}/metrics.jsonl" },
      expects: ["metrics.jsonl"],
      seed: 3,
    });
    expect(plan.progress.total).toBe(50);
    expect(step(plan, "\u001b[36m(TaskRunner pid=12)\u001b[0m step:7 - actor/pg_loss:0.1")).toBe("7");
    expect(line(prepare(`defaults: [ppo_megatron_trainer, _self_]\n${ppo}`).plan)).toMatch(
      /main_ppo --config-name ppo_meg/,
    );
    expect(() => prepare(`defaults: [a, b]\n${ppo}`)).toThrow(/:1 .*combine several/);
    expect(() => prepare(`${ppo}x: "{out}"\n`)).toThrow(/:4 .*cannot be given to Hydra/);
    expect(line(prepare(`${ppo}x: {a: "it's \\\\", b: [1, {c: null}], d: true}\n`).plan)).toContain(
      "++x.a='it\\'s \\\\' ++x.b=[1,{c:null}] ++x.d=true",
    );
  });

  it("hands a launch's own seed over", () => {
    for (const [text, word] of [
      [trl, "--seed {seed}"],
      [llama, "seed={seed}"],
      [axolotl, "--seed {seed}"],
      [harness, "--seed {seed}"],
      [tune, "seed={seed}"],
      [ppo, "++data.seed={seed}"],
    ] as const) {
      const { plan } = prepare(text, [], { seed: 11 });
      expect(line(plan)).toContain(word);
      expect(plan.seed).toBe(11);
      const values = { config: "/c", out: "/o", node: "/n", seed: 11, workspace: "/w" };
      expect(bindPlaceholders(plan.commands[0] ?? [], values).join(" ")).toContain(word.replace("{seed}", "11"));
    }
    const { text, plan } = prepare(swift, [], { seed: 11 });
    expect(text).toContain("seed: 11\n");
    expect(plan.seed).toBe(11);
  });

  it("reads the last bar of a line", () => {
    const { plan } = prepare(`${trl}max_steps: 100\n`);
    expect(step(plan, "  5%|▌         | 5/100 [05:32<1:45:11, 66.42s/it]")).toBe("5");
    expect(step(plan, "  5%|▌  | 5/100 [05:32<1:45:11, 66.42s/it]\r  6%|▌  | 6/100 [06:32<1:45:11, 66.42s/it]")).toBe(
      "6",
    );
    expect(step(plan, "Map: 100%|██████| 1000/1000 [00:01<00:00, 900.00 examples/s]")).toBeUndefined();
    expect(plan.progress.total).toBe(100);
    expect(step(prepare(swift).plan, "Train:   5%|▌  | 5/100 [05:32<1:45:11, 66.42s/it]")).toBe("5");
    expect(step(prepare(tune).plan, "1|25|Loss: 1.234:  10%|█ | 25/250 [00:10<01:00]")).toBe("25");
    expect(
      step(prepare(harness).plan, "Running generate_until requests:  10%|█ | 13/1319 [00:10<10:00,  1.2it/s]"),
    ).toBe("13");
    const out = new RegExp(prepare(swift).plan.outputFromLog ?? "");
    const log = "[INFO:swift] The logging file will be saved in: /w/output/v0-20260101-010203/logging.jsonl";
    expect(out.exec(log)?.groups?.["path"]).toBe("/w/output/v0-20260101-010203");
  });

  it("refuses what is recognised and does not train", () => {
    expect(() => prepare(`${trl}num_generations: 8\n`)).toThrow(/`trl grpo` needs reward_funcs/);
    const merge = "model_name_or_path: m\nfinetuning_type: lora\nexport_dir: merged\n";
    expect(() => prepare(merge)).toThrow(/:3 .*merges and exports/);
    expect(() => prepare("model_name_or_path: m\nfinetuning_type: lora\ntemplate: x\ninfer_backend: vllm\n")).toThrow(
      /chatting/,
    );
  });

  it("starts where its data lies, and takes along what git may ignore", () => {
    const { plan } = prepare(axolotl, ["proj/data/a.jsonl"], { path: "proj/configs/a.yml" });
    expect(plan).toMatchObject({ cwd: "proj", inputs: ["proj/data/a.jsonl"] });
  });
});

describe("gelab", () => {
  const grpo = `${swift}rlhf_type: grpo\nreward_funcs: [web_action_match]\nnum_generations: 8\nbeta: 0.04\n`;

  it("is known by its rewards or its evaluation, and evaluates a checkpoint whose place is fixed", () => {
    expect(prepare(grpo).recipe.id).toBe("gelab");
    expect(prepare(grpo).plan.note).toMatch(/No interactive evaluation follows: there is no interactive_eval/);
    const files = ["eval/interactive_eval.py", "datas/sft.json"];
    const { plan, recipe } = prepare(`${swift}max_steps: 1000\noutput_dir: ./ckpt/sft\nadd_version: false\n`, files);
    expect(recipe.id).toBe("gelab");
    expect(line(plan)).toBe(
      "swift sft {config} && python eval/interactive_eval.py --model_path ./ckpt/sft/checkpoint-1000 --ui_structure demo/ui_structure.json --images_dir datas/images --output {out}/interactive.json --verbose --subtrees 4",
    );
    expect(plan.inputs).toEqual(["datas/sft.json"]);
    expect(prepare(swift, files).plan.commands).toHaveLength(1);
  });

  it("runs an evaluation alone, with the option that the program has", () => {
    const text =
      "model_path: ckpt\nui_structure: demo/ui_structure.json\nimages_dir: datas/images\nsubtrees: [0, 4]\nlimit: 10\n";
    expect(line(prepare(text, ["eval/interactive_eval.py"]).plan)).toBe(
      "python eval/interactive_eval.py --model_path ckpt --ui_structure demo/ui_structure.json --images_dir datas/images --subtrees 0 4 --limit 10 --output {out}/interactive.json --verbose",
    );
    expect(() => prepare(text)).toThrow(/needs eval\/interactive_eval\.py/);
  });
});

describe("facts", () => {
  const facts = (text: string): unknown => {
    const file = readConfig("a.yaml", text, () => false);
    return matchRecipes(file)[0]?.recipe.facts?.(file);
  };

  it("say what runs are compared by, and the key that holds it", () => {
    expect(facts(job)).toEqual({
      beta: { key: "env_vars.KL_COEFF", value: 0.1 },
      groupSize: { key: null, value: 4 },
      dataset: { key: "env_vars.TRAIN_FILE", value: "data/train.jsonl" },
    });
    expect(facts(`${trl}beta: 1e-3\nnum_generations: 8\nseed: 5\n`)).toEqual({
      seed: { key: "seed", value: 5 },
      learningRate: { key: "learning_rate", value: 2e-5 },
      beta: { key: "beta", value: 1e-3 },
      groupSize: { key: "num_generations", value: 8 },
      model: { key: "model_name_or_path", value: "Qwen/Qwen3-0.6B" },
      dataset: { key: "dataset_name", value: "trl-lib/Capybara" },
    });
    expect(facts(ppo)).toMatchObject({
      learningRate: { key: "actor_rollout_ref.actor.optim.lr", value: 1e-6 },
      groupSize: { value: 8 },
      dataset: { value: "/d/train.parquet" },
    });
    expect(facts(axolotl)).toMatchObject({ dataset: { key: "datasets", value: "data/a.jsonl" } });
    const roles =
      "run: {name: x}\nroles: [{name: rollout}, {name: trainer, config: {optimizer: {lr: 5e-6}}}]\ntraining: {}\n";
    expect(facts(roles)).toEqual({ learningRate: { key: "roles.1.config.optimizer.lr", value: 5e-6 } });
  });

  it("never throw, whatever the config is", () => {
    for (const text of ["", "[1]", "x", "roles: 3", "env_vars: 1\nentrypoint: [1]", "datasets: {a: 1}\nmodel: [[1]]"]) {
      const file = readConfig("a.yaml", text, () => true);
      for (const recipe of builtinRecipes) expect(() => recipe.facts?.(file)).not.toThrow();
    }
  });
});

describe("other YAML", () => {
  it.each([
    ["docker-compose.yml", "services:\n  a: {image: b, entrypoint: sh -c x}\n"],
    [
      "k8s/job.yaml",
      "apiVersion: batch/v1\nkind: Job\nmetadata: {name: train}\nspec: {template: {spec: {containers: []}}}\n",
    ],
    [".github/workflows/ci.yml", "name: ci\non: push\njobs: {train: {runs-on: x, steps: []}}\n"],
    ["mkdocs.yml", "site_name: x\nnav: []\ntheme: {name: material}\n"],
    ["pre-commit.yaml", "repos: [{repo: x, rev: y, hooks: []}]\n"],
    ["tasks/mine.yaml", "task: mine\ndataset_path: x\noutput_type: generate_until\nmetric_list: []\n"],
    ["conda.yaml", "name: env\nchannels: [x]\ndependencies: [python]\n"],
    ["openapi.yaml", "openapi: 3.0.0\npaths: {}\ninfo: {title: model}\n"],
    ["data.yaml", "train: images/train\nval: images/val\nnames: [a]\n"],
    ["playbook.yaml", "- hosts: all\n  tasks: []\n"],
    ["Taskfile.yml", "version: 3\ntasks: {build: {cmds: [go build]}}\n"],
  ])("%s fits no recipe", (path, text) => {
    expect(matchRecipes(readConfig(path, text, () => true))).toEqual([]);
  });
});

describe.skipIf(missing)("real job files", () => {
  const read = (name: string): string => readFileSync(new URL(`openbrowser/${name}`, fixtures), "utf8");
  const names = missing ? [] : readdirSync(new URL("openbrowser/", fixtures)).filter((name) => name.endsWith(".yaml"));

  it.each(names)("anyscale-job runs %s", (name) => {
    const module = /-m (infra\.training\.[\w.]+)/.exec(read(name))?.[1] ?? "";
    const files = [`${module.replaceAll(".", "/")}.py`];
    const { plan, recipe, text } = prepare(read(name), files, { path: `infra/training/anyscale/${name}` });
    expect(recipe.id).toBe("anyscale-job");
    expect(plan.commands[0]?.[2]).toBe(/^entrypoint: (.*)$/m.exec(text)?.[1]);
    expect({
      commands: plan.commands,
      env: plan.env,
      watch: plan.alsoWatch,
      total: plan.progress.total,
    }).toMatchSnapshot();
  });

  it("one recipe is surest of every config, and it is its own", () => {
    const folders: Record<string, string> = {
      openbrowser: "anyscale-job",
      rlvr: "rlvr",
      "openadapt/configs": "openadapt",
    };
    for (const [folder, id] of Object.entries(folders)) {
      for (const name of readdirSync(new URL(`${folder}/`, fixtures)).filter((each) => each.endsWith(".yaml"))) {
        const file = readConfig(name, readFileSync(new URL(`${folder}/${name}`, fixtures), "utf8"), () => false);
        const [best, next] = matchRecipes(file);
        expect([name, best?.recipe.id, (next?.confidence ?? 0) < 0.5]).toEqual([name, id, true]);
      }
    }
  });
});
