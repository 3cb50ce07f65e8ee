// ms-swift from a YAML (4.1 and later): flat keys become options (formats/gui-and-trainers.md 3.3).
import { numberAt, stringAt } from "../configText";
import { factsAt } from "../facts";
import type { ConfigFile, LaunchPlan, Recipe } from "../recipe";
import { folderWith, has, inputsIn, isText, localPaths, planOf, stepsAt } from "../trainers";

const own = [
  ...[
    "train_type",
    "tuner_type",
    "rlhf_type",
    "target_modules",
    "freeze_vit",
    "torch_dtype",
    "lora_rank",
    "model_type",
  ],
  ...["reward_funcs", "external_plugins", "add_version", "ENV", "split_dataset_ratio"],
];

export const swift: Recipe = {
  id: "ms-swift",
  title: "ms-swift",
  match: ({ doc }) => (isSwift(doc) ? 0.8 : 0),
  plan: (file, { seed }) => swiftPlan(file, seed),
  // Only the config is sure to reach the program: what stands behind it is not said to win.
  seedKey: () => "seed",
  facts: ({ doc }) => swiftFacts(doc),
};

export const isSwift = (doc: unknown): boolean => isText(doc, "model") && has(doc, "dataset") && has(doc, ...own);

export function swiftPlan(file: ConfigFile, seed: number | null): LaunchPlan {
  const { doc } = file;
  const rlhf = stringAt(doc, "rlhf_type");
  const paths = localPaths(doc, "dataset", "val_dataset", "external_plugins", "deepspeed");
  const cwd = folderWith(file, paths);
  const output = stringAt(doc, "output_dir");
  return planOf([["swift", rlhf === null ? "sft" : "rlhf", "{config}"]], {
    cwd,
    progress: { ...planOf([]).progress, total: stepsAt(doc, "max_steps") },
    // It makes a folder v0-<time> of its own and names its log there.
    outputFromLog: "logging file will be saved in: (?<path>\\S.*?)/logging\\.jsonl",
    alsoWatch: [output ?? "output"],
    expects: ["**/logging.jsonl"],
    inputs: inputsIn(file, cwd, paths),
    seed: seed ?? numberAt(doc, "seed") ?? 42,
    note: `Runs swift ${rlhf === null ? "sft: no rlhf_type is set" : `rlhf: rlhf_type is ${rlhf}`}. A YAML needs ms-swift 4.1 or later; 3.5 has none.`,
  });
}

export const swiftFacts = (doc: unknown): ReturnType<typeof factsAt> =>
  factsAt(doc, {
    seed: ["seed"],
    learningRate: ["learning_rate"],
    beta: ["beta"],
    groupSize: ["num_generations"],
    model: ["model"],
    dataset: ["dataset"],
  });
