// lm-evaluation-harness with a YAML of its options: `lm_eval run --config`, options behind it win (its docs/config_files.md).
import { numberAt } from "../configText";
import { factsAt } from "../facts";
import type { Recipe } from "../recipe";
import { has, isText, outputNote, planOf } from "../trainers";

const notHere = ["benchmarks", "learning_rate", "dataset", "datasets", "roles", "services", "jobs", "task"];

export const lmEval: Recipe = {
  id: "lm-eval",
  title: "lm-evaluation-harness",

  match({ doc }) {
    const model =
      has(doc, "model_args") || (isText(doc, "model") && has(doc, "num_fewshot", "gen_kwargs", "log_samples"));
    return has(doc, "tasks") && model && !has(doc, ...notHere) ? 0.8 : 0;
  },

  plan({ doc }, { seed }) {
    return planOf(
      [
        [
          ...["lm_eval", "run", "--config", "{config}", "--output_path", "{out}", "--log_samples"],
          ...(seed === null ? [] : ["--seed", "{seed}"]),
        ],
      ],
      {
        progress: { pattern: "\\brequests: *\\d+%\\|[^|]*\\|\\s*(?<step>\\d+)/(?<total>\\d+) ?\\[", total: null },
        expects: ["**/results_*.json"],
        seed: seed ?? numberAt(doc, "seed"),
        note: ["Keeps every sample, so that answers can be judged again.", outputNote(doc, "output_path")]
          .filter((each) => each !== null)
          .join(" "),
      },
    );
  },

  facts: ({ doc }) =>
    factsAt(doc, {
      seed: ["seed"],
      model: ["model_args.pretrained", "model_args.model", "model_args", "model"],
      dataset: ["tasks"],
    }),
};
