// ms-swift from a YAML (4.1 and later): flat keys become options (formats/gui-and-trainers.md 3.3).
import { numberAt, stringAt, valueAt } from "../configText";
import { factsAt } from "../facts";
import type { ConfigFile, LaunchPlan, Recipe } from "../recipe";
import { programNear } from "./genericPython";
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
  match: (file) => (isSwift(file.doc) ? 0.8 : isPlain(file.doc) && programNear(file) === null ? 0.5 : 0),
  plan: (file, { seed }) => swiftPlan(file, seed),
  // Only the config is sure to reach the program: what stands behind it is not said to win.
  seedKey: () => "seed",
  facts: ({ doc }) => swiftFacts(doc),
};

export const isSwift = (doc: unknown): boolean => isText(doc, "model") && has(doc, "dataset") && has(doc, ...own);

/** Keys that other programs have too, though seldom all of them at the top: not where one of those lies beside it. */
const isPlain = (doc: unknown): boolean =>
  isText(doc, "model") &&
  datasets(doc).length > 0 &&
  ["learning_rate", "output_dir", "num_train_epochs"].every((key) => has(doc, key));

const datasets = (doc: unknown): string[] => {
  const value = valueAt(doc, "dataset");
  const all: unknown[] = Array.isArray(value) ? value : [value];
  return all.filter((each) => typeof each === "string");
};

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
