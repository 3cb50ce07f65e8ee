// OpenAdapt-ML's synthetic login benchmark: LoRA training of a Qwen-VL model, then evals of base and fine-tuned model.
import { isMapping, keysOf, numberAt, stringAt, valueAt } from "../configText";
import { nearestWith } from "../places";
import { factsAt } from "../facts";
import type { Recipe } from "../recipe";

const scripts = "openadapt_ml.scripts";
const root = ["openadapt_ml/scripts/train.py", "pyproject.toml"];

export const openadapt: Recipe = {
  id: "openadapt",
  title: "OpenAdapt-ML login benchmark",

  match: ({ doc }) => {
    const trains = isMapping(valueAt(doc, "synthetic_data")) || isMapping(valueAt(doc, "training"));
    return stringAt(doc, "model.name") !== null && keysOf(doc, "lora").length > 0 && trains ? 0.9 : 0;
  },

  plan(file) {
    const { doc } = file;
    const weights = stringAt(doc, "lora.weights_path");
    const synthetic = isMapping(valueAt(doc, "synthetic_data"));
    const evaluates = synthetic && weights !== null;
    const screens = stringAt(doc, "synthetic_data.output_dir") ?? "synthetic/train";
    const watch = [screens, `${screens}_eval`, weights, stringAt(doc, "training.output_dir") ?? "training_output"];
    return {
      commands: evaluates ? benchmark(doc) : [module("train", "--config", "{config}")],
      cwd: nearestWith(file, root) ?? "",
      env: { PYTHONUNBUFFERED: "1" },
      progress: { pattern: "\\bstep=(?<step>\\d+)", total: steps(doc) },
      outputFromLog: null,
      alsoWatch: [...new Set(watch.filter((path) => path !== null))],
      expects: evaluates ? ["eval/eval_*.json"] : [weights === null ? "**/training_log.json" : "adapter_config.json"],
      inputs: [],
      seed: numberAt(doc, "synthetic_data.seed"),
      note: explain(doc, evaluates, synthetic),
    };
  },

  seedKey: () => "synthetic_data.seed",

  facts: ({ doc }) =>
    factsAt(doc, {
      seed: ["synthetic_data.seed"],
      learningRate: ["training.learning_rate"],
      model: ["model.name"],
      dataset: ["synthetic_data.scenario", "synthetic_data.output_dir"],
    }),
};

const module = (name: string, ...options: string[]): string[] => [
  "uv",
  "run",
  "python",
  "-m",
  `${scripts}.${name}`,
  ...options,
];

/**
 * The benchmark writes no per-step file and always evaluates in coordinates, so both models are evaluated once more
 * with samples logged and with the dialect and the scenario that the config trains.
 */
function benchmark(doc: unknown): string[][] {
  const backend = /qwen2[._]5/i.test(stringAt(doc, "model.name") ?? "") ? "qwen2_5" : "qwen3";
  const scenario = stringAt(doc, "synthetic_data.scenario");
  const evaluate = (who: string, ...options: string[]): string[] => [
    ...module("eval_policy", "--config", "{config}", "--backend", backend),
    ...["--output-json", `{out}/eval/eval_${who}_logged.json`, "--log-samples", `{out}/eval/eval_${who}_samples.jsonl`],
    ...(valueAt(doc, "synthetic_data.use_som") === true ? ["--dsl-mode", "som"] : []),
    ...(scenario !== null && scenario !== "login" ? ["--scenario", scenario] : []),
    ...options,
  ];
  return [
    module("run_qwen_login_benchmark", "--config", "{config}", "--out-dir", "{out}"),
    evaluate("qwen_base", "--ignore-lora"),
    evaluate("qwen_ft"),
  ];
}

/** The log counts batches, however many of them make an optimiser step. A login has 6 samples, a registration 12. */
function steps(doc: unknown): number | null {
  const sessions = numberAt(doc, "synthetic_data.num_sessions") ?? 10;
  const samples = sessions * (stringAt(doc, "synthetic_data.scenario") === "registration" ? 12 : 6);
  const batch = numberAt(doc, "training.per_device_train_batch_size") ?? 1;
  const epochs = numberAt(doc, "training.num_train_epochs") ?? 1;
  return batch > 0 ? Math.ceil(samples / batch) * epochs : null;
}

function explain(doc: unknown, evaluates: boolean, synthetic: boolean): string {
  const head = "openadapt-ml fails at import since its commit 8c3d7c9; b24ea42 is the last that runs.";
  if (evaluates) return `Trains, then evaluates base and fine-tuned model with every step logged. ${head}`;
  if (!synthetic) {
    return `Trains on its default synthetic login, because the config names no data; a recipe with --capture trains on a recording. ${head}`;
  }
  const why = stringAt(doc, "model.name") ?? "the model";
  return `Trains only: without lora.weights_path the adapter of ${why} is not kept, so there is nothing to evaluate. ${head}`;
}
