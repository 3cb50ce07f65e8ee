// Axolotl: one YAML per run, `axolotl train C.yml`; every field is an option of the command too, with dashes.
import { numberAt, stringAt } from "../configText";
import { factsAt } from "../facts";
import type { Recipe } from "../recipe";
import { folderWith, has, inputsIn, isText, localPaths, outputNote, planOf, stepsAt } from "../trainers";

const own = ["micro_batch_size", "adapter", "sequence_len", "sample_packing", "val_set_size", "dataset_prepared_path"];

export const axolotl: Recipe = {
  id: "axolotl",
  title: "Axolotl",

  match: ({ doc }) =>
    isText(doc, "base_model") && has(doc, "datasets", "pretraining_dataset") && has(doc, ...own) ? 0.9 : 0,

  plan(file, { seed }) {
    const { doc } = file;
    const paths = localPaths(doc, "datasets.0.path", "datasets.1.path", "datasets.0.data_files", "deepspeed");
    const cwd = folderWith(file, paths);
    return planOf(
      [["axolotl", "train", "{config}", "--output-dir", "{out}", ...(seed === null ? [] : ["--seed", "{seed}"])]],
      {
        cwd,
        progress: { ...planOf([]).progress, total: stepsAt(doc, "max_steps") },
        expects: ["*model*.safetensors"],
        inputs: inputsIn(file, cwd, paths),
        seed: seed ?? numberAt(doc, "seed") ?? 42,
        note: outputNote(doc, "output_dir"),
      },
    );
  },

  facts({ doc }) {
    const rl = stringAt(doc, "rl") === "grpo" ? "trl" : "";
    return factsAt(doc, {
      seed: ["seed"],
      learningRate: ["learning_rate"],
      beta: rl === "" ? ["rl_beta", "dpo_beta"] : ["trl.beta", "rl_beta"],
      groupSize: ["trl.num_generations"],
      model: ["base_model"],
      dataset: ["datasets", "pretraining_dataset"],
    });
  },
};
