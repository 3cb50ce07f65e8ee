// Trainers whose configs do not name their program: which of its methods is run, and what a launch leaves of the config's own choices.
import { describe, expect, it } from "vitest";
import { prepareLaunch, type PreparedLaunch } from "../../../core/recipes/launch";
import { parseAssignment } from "../../../core/recipes/overrides";

const prepare = (path: string, text: string, set: string[] = []): PreparedLaunch =>
  prepareLaunch({ path, text, exists: () => false, set: set.map(parseAssignment) });
const line = ({ plan }: PreparedLaunch): string => plan.commands.map((argv) => argv.join(" ")).join(" && ");

describe("TRL", () => {
  const base = "model_name_or_path: m\ndataset_name: d\noutput_dir: out\nlearning_rate: 2.0e-5\n";

  it.each([
    ["grpo.yaml", "beta: 0.04\nreward_model_name_or_path: r\n", "grpo"],
    ["a.yaml", "beta: 0.04\nreward_model_name_or_path: r\n", "grpo"],
    ["kto.yaml", "beta: 0.1\n", "kto"],
    ["rloo.yaml", "reward_funcs: [a.f]\nnum_generations: 4\nbeta: 0.05\n", "rloo"],
    ["train_sft.yaml", "label_smoothing: 0.1\n", "sft"],
    ["grpo_reward_model.yaml", "reward_funcs: [a.f]\n", "grpo"],
    ["reward.yaml", "max_steps: 3\n", "reward"],
    ["sft_or_dpo.yaml", "beta: 0.1\n", "dpo"],
    ["kto.yaml", "rpo_alpha: 1.0\n", "dpo"],
    ["sft.yaml", "desirable_weight: 1.0\n", "kto"],
    ["a.yaml", "beta: 0.1\n", "dpo"],
    ["a.yaml", "sync_ref_model: true\nreward_funcs: [a.f]\n", "grpo"],
    ["a.yaml", "", "sft"],
  ])("%s with %j is trl %s", (path, more, method) => {
    expect(line(prepare(path, base + more))).toBe(`trl ${method} --config {config} --output_dir {out}`);
  });
});

describe("torchtune", () => {
  const base = (model: string): string => `model: {_component_: torchtune.models.qwen2_5.${model}}\n`;

  it.each([
    [
      "qwen2_5_1_5b",
      "loss: {_component_: torchtune.dev.grpo.loss.GRPOSimpleLoss}\n",
      "--nproc_per_node gpu dev/grpo_full_finetune_distributed",
    ],
    ["qwen2_5_1_5b", "grpo_samples: 8\n", "--nproc_per_node gpu dev/grpo_full_finetune_distributed"],
    ["qwen2_5_1_5b", "loss: {_component_: torchtune.rlhf.loss.DPOLoss}\n", "--nproc_per_node gpu full_dpo_distributed"],
    ["lora_qwen2_5_1_5b", "loss: {_component_: torchtune.rlhf.loss.DPOLoss}\n", "lora_dpo_single_device"],
  ])("%s with %j is %s", (model, more, recipe) => {
    expect(line(prepare("a.yaml", base(model) + more))).toBe(`tune run ${recipe} --config {config} output_dir={out}`);
  });

  it("promises weights, in the folder of its checkpointer too", () => {
    const kept = (folder: string): PreparedLaunch["plan"] =>
      prepare("a.yaml", `${base("qwen2_5_1_5b")}checkpointer: {output_dir: ${folder}}\n`).plan;
    expect(kept('"${output_dir}"')).toMatchObject({ alsoWatch: [], expects: ["**/*.{safetensors,pt,bin}"] });
    expect(kept("/tmp/ckpt")).toMatchObject({ alsoWatch: ["/tmp/ckpt"], expects: ["**/*.{safetensors,pt,bin}"] });
  });
});

describe("ms-swift", () => {
  const plain =
    "model: Qwen/Qwen3-0.6B\ndataset: [AI-ModelScope/alpaca]\nlearning_rate: 1.0e-4\noutput_dir: output\nnum_train_epochs: 1\n";

  it("is known by what stands in every config of its kind, less surely than by its own fields", () => {
    expect(prepare("a.yaml", plain).recipe.id).toBe("ms-swift");
    expect(line(prepare("a.yaml", plain))).toBe("swift sft {config}");
    const beside = prepareLaunch({ path: "a.yaml", text: plain, exists: (path) => path === "train.py" });
    expect(line(beside)).toBe("python train.py --config {config}");
    const other = plain.replace("model: Qwen/Qwen3-0.6B", "model: {name: x}");
    expect(() => prepare("a.yaml", other)).toThrow(/name its program in \.runside/);
  });
});

describe("verl", () => {
  const ppo = (logger: string): string =>
    `actor_rollout_ref: {model: {path: m}, actor: {optim: {lr: 1e-6}}}\ndata: {train_files: t}\ntrainer: {logger: ${logger}}\n`;

  it.each([
    ["[console, wandb]", '["console","wandb","file"]'],
    ["console", '["console","file"]'],
    ["[file, tensorboard]", '["file","tensorboard"]'],
    ["[]", '["console","file"]'],
  ])("keeps the loggers %s, and adds its own", (given, logger) => {
    const prepared = prepare("a.yaml", ppo(given));
    expect(prepared.plan.commands[0]?.filter((each) => each.startsWith("++trainer.logger=")).at(-1)).toBe(
      `++trainer.logger=${logger}`,
    );
    expect(prepared.plan.note).toContain(`its loggers are ${(JSON.parse(logger) as string[]).join(", ")}.`);
  });

  it("is not warned of a number that reaches it as one", () => {
    expect(prepare("a.yaml", ppo("[console]")).notes).toEqual([]);
    expect(line(prepare("a.yaml", ppo("[console]")))).toContain("++actor_rollout_ref.actor.optim.lr=0.000001");
  });
});
