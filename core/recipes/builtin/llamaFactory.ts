// LLaMA-Factory: a flat YAML with `stage`, run by `llamafactory-cli train`, which takes key=value behind it.
import { badConfig } from "../../base/errors";
import { lineOfKey, numberAt, stringAt, valueAt } from "../configText";
import { factsAt } from "../facts";
import type { Recipe } from "../recipe";
import { has, isText, outputNote, planOf, stepsAt } from "../trainers";

const stages = new Set(["pt", "sft", "rm", "ppo", "dpo", "kto"]);

export const llamaFactory: Recipe = {
  id: "llama-factory",
  title: "LLaMA-Factory",

  match({ doc }) {
    if (!isText(doc, "model_name_or_path")) return 0;
    const staged = stages.has(stringAt(doc, "stage") ?? "");
    return staged || has(doc, "finetuning_type") || (has(doc, "template") && has(doc, "export_dir", "infer_backend"))
      ? 0.9
      : 0;
  },

  plan(file, { seed }) {
    const { doc, path, text } = file;
    for (const [key, what] of [
      ["export_dir", "merges and exports a model"],
      ["infer_backend", "is for chatting with a model"],
    ] as const) {
      if (valueAt(doc, key) !== undefined && valueAt(doc, "do_train") === undefined) {
        throw badConfig(path, lineOfKey(text, key), `it ${what}, which is no training`);
      }
    }
    const trains = valueAt(doc, "do_train") === true || valueAt(doc, "do_train") === undefined;
    return planOf(
      [["llamafactory-cli", "train", "{config}", "output_dir={out}", ...(seed === null ? [] : ["seed={seed}"])]],
      {
        progress: { ...planOf([]).progress, total: stepsAt(doc, "max_steps") },
        expects: trains ? ["trainer_state.json"] : [],
        seed: seed ?? numberAt(doc, "seed") ?? 42,
        note: outputNote(doc, "output_dir"),
      },
    );
  },

  facts: ({ doc }) =>
    factsAt(doc, {
      seed: ["seed"],
      learningRate: ["learning_rate"],
      beta: ["pref_beta", "kl_beta"],
      model: ["model_name_or_path"],
      dataset: ["dataset"],
    }),
};
