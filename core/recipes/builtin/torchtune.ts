// torchtune: `tune run RECIPE --config C.yaml key=value`; the file does not name its recipe, its header comment mostly does.
import { numberAt, stringAt, valueAt } from "../configText";
import { factsAt } from "../facts";
import type { ConfigFile, Recipe } from "../recipe";
import { outputNote, planOf, stepsAt } from "../trainers";

export const torchtune: Recipe = {
  id: "torchtune",
  title: "torchtune",

  match({ doc }) {
    const components = ["model", "tokenizer", "dataset", "checkpointer"].map((key) =>
      stringAt(doc, `${key}._component_`),
    );
    return components.some((each) => each?.startsWith("torchtune.")) ? 0.95 : 0;
  },

  plan(file, { seed }) {
    const { doc } = file;
    const { recipe, processes, why } = recipeOf(file);
    // Mostly `${output_dir}`, which is the run's own folder.
    const kept = stringAt(doc, "checkpointer.output_dir");
    const perEpoch = stepsAt(doc, "max_steps_per_epoch");
    return planOf(
      [
        [
          ...["tune", "run", ...(processes === null ? [] : ["--nproc_per_node", processes]), recipe],
          ...["--config", "{config}", "output_dir={out}", ...(seed === null ? [] : ["seed={seed}"])],
        ],
      ],
      {
        progress: {
          pattern: "^(?:[^\\n]*\\r)?\\s*\\d+\\|(?<step>\\d+)\\|Loss",
          total: perEpoch === null ? null : perEpoch * (numberAt(doc, "epochs") ?? 1),
        },
        alsoWatch: kept === null || kept.includes("${") ? [] : [kept],
        expects: ["**/*.{safetensors,pt,bin}"],
        seed: seed ?? numberAt(doc, "seed"),
        note: [`Runs the recipe ${recipe}: ${why}.`, outputNote(doc, "output_dir")]
          .filter((each) => each !== null)
          .join(" "),
      },
    );
  },

  facts: ({ doc }) =>
    factsAt(doc, {
      seed: ["seed"],
      learningRate: ["optimizer.lr"],
      beta: ["loss.beta", "kl_loss_coeff"],
      groupSize: ["grpo_samples"],
      model: ["checkpointer.checkpoint_dir", "model._component_"],
      dataset: ["dataset.source", "dataset._component_", "dataset"],
    }),
};

interface Chosen {
  recipe: string;
  /** As `torchrun` takes it; null for a recipe of one device. */
  processes: string | null;
  why: string;
}

function recipeOf({ doc, text }: ConfigFile): Chosen {
  const named = /^#.*\btune run\b((?:[ \t]+--[\w-]+(?:[= \t]+\d+)?)*)[ \t]+([a-z][\w/.]*)/m.exec(text);
  if (named) {
    const processes = /--nproc[_-]per[_-]node[= \t]+(\d+)/.exec(named[1] ?? "")?.[1] ?? null;
    return { recipe: named[2] ?? "", processes, why: "its comment says so" };
  }
  const lora = /lora|dora/.test(stringAt(doc, "model._component_") ?? "");
  const loss = stringAt(doc, "loss._component_") ?? "";
  // These two have no recipe for one device: they take every GPU that the run is given.
  if (/GRPO/i.test(loss) || valueAt(doc, "grpo_samples") !== undefined) {
    const why = /GRPO/i.test(loss) ? `its loss is ${loss}` : "grpo_samples is set";
    return { recipe: "dev/grpo_full_finetune_distributed", processes: "gpu", why };
  }
  if (/DPO|RSO|Simpo/i.test(loss)) {
    return lora
      ? { recipe: "lora_dpo_single_device", processes: null, why: `its loss is ${loss}` }
      : {
          recipe: "full_dpo_distributed",
          processes: "gpu",
          why: `its loss is ${loss}, and its model has no LoRA layers`,
        };
  }
  if (valueAt(doc, "teacher_model") !== undefined) {
    return { recipe: "knowledge_distillation_single_device", processes: null, why: "it has a teacher_model" };
  }
  return lora
    ? { recipe: "lora_finetune_single_device", processes: null, why: "its model has LoRA layers" }
    : { recipe: "full_finetune_single_device", processes: null, why: "its model has no LoRA layers" };
}
