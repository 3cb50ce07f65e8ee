// TRL's command line: `trl sft|grpo|... --config C.yaml`, a flat YAML of its dataclasses' fields (formats/gui-and-trainers.md 3.2).
import { badConfig } from "../../base/errors";
import { numberAt, stringAt, valueAt } from "../configText";
import { factsAt } from "../facts";
import { nameOf } from "../places";
import type { ConfigFile, Recipe } from "../recipe";
import { folderWith, has, inputsIn, isText, localPaths, outputNote, planOf, stepsAt } from "../trainers";

type Method = "sft" | "grpo" | "dpo" | "kto" | "reward" | "rloo";

type Marks = readonly (readonly [Method, readonly string[]])[];

/** Fields that only one method has. */
const marks: Marks = [
  ["rloo", ["rloo_k", "token_level_kl"]],
  ["grpo", ["epsilon_high", "scale_rewards"]],
  ["kto", ["desirable_weight", "undesirable_weight"]],
  ["reward", ["center_rewards_coefficient"]],
  ["dpo", ["rpo_alpha"]],
];
/** Fields that several have, with the one that most people mean, in the order in which they are asked for. */
const sharedMarks: Marks = [
  [
    "grpo",
    ["reward_funcs", "reward_model_name_or_path", "num_generations", "max_completion_length", "log_completions"],
  ],
  ["dpo", ["precompute_ref_log_probs", "ref_model_mixup_alpha", "label_smoothing", "sync_ref_model", "beta"]],
];
const methods: readonly Method[] = ["sft", "grpo", "dpo", "kto", "reward", "rloo"];
const foreign = ["stage", "finetuning_type", "template", "base_model", "actor_rollout_ref", "roles"];
const training = ["output_dir", "learning_rate", "per_device_train_batch_size", "max_steps", "num_train_epochs"];

export const trl: Recipe = {
  id: "trl",
  title: "TRL (Hugging Face)",

  match({ doc }) {
    const data = has(doc, "dataset_name", "datasets") && isText(doc, "model_name_or_path");
    return data && has(doc, ...training) && !has(doc, ...foreign) ? 0.8 : 0;
  },

  plan(file, { seed }) {
    const { doc } = file;
    const { method, why } = methodOf(file);
    if ((method === "grpo" || method === "rloo") && !has(doc, "reward_funcs", "reward_model_name_or_path")) {
      throw badConfig(
        file.path,
        null,
        `\`trl ${method}\` needs reward_funcs or reward_model_name_or_path; a script with rewards of its own needs a recipe in .runside/recipes.yaml`,
      );
    }
    const paths = localPaths(doc, "dataset_name", "reward_funcs");
    const cwd = folderWith(file, paths);
    const note = [`Runs trl ${method}: ${why}.`, outputNote(doc, "output_dir")]
      .filter((each) => each !== null)
      .join(" ");
    return planOf(
      [
        [
          ...["trl", method, "--config", "{config}", "--output_dir", "{out}"],
          ...(seed === null ? [] : ["--seed", "{seed}"]),
        ],
      ],
      {
        cwd,
        progress: { ...planOf([]).progress, total: stepsAt(doc, "max_steps") },
        expects: ["*model*.safetensors"],
        inputs: inputsIn(file, cwd, paths),
        // TrainingArguments' own default.
        seed: seed ?? numberAt(doc, "seed") ?? 42,
        note,
      },
    );
  },

  facts: ({ doc }) =>
    factsAt(doc, {
      seed: ["seed"],
      learningRate: ["learning_rate"],
      beta: ["beta"],
      groupSize: ["num_generations"],
      model: ["model_name_or_path"],
      dataset: ["dataset_name", "datasets"],
    }),
};

/** The YAML does not name its method: its own fields do, then its file's name, then fields that several methods have. */
function methodOf({ doc, path }: ConfigFile): { method: Method; why: string } {
  const marked = (among: Marks): { method: Method; why: string } | null => {
    for (const [method, keys] of among) {
      const key = keys.find((each) => valueAt(doc, each) !== undefined);
      if (key !== undefined) return { method, why: `${key} is set` };
    }
    return null;
  };
  const named = methods.filter((method) => new RegExp(`(?:^|[^a-z])${method}(?:[^a-z]|$)`, "i").test(nameOf(path)));
  // `grpo_reward_model.yaml` says with what it trains, too.
  const one = named.length === 2 ? named.filter((method) => method !== "reward") : named;
  const [method] = one;
  const byName = method === undefined ? null : { method, why: "its file's name says so" };
  return (
    marked(marks) ??
    (one.length === 1 ? byName : null) ??
    marked(sharedMarks) ??
    byName ?? {
      method: "sft",
      why: `nothing in it says how ${stringAt(doc, "model_name_or_path") ?? "the model"} is trained otherwise`,
    }
  );
}
