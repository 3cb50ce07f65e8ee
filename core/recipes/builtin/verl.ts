// verl: Hydra configs of its PPO/GRPO and SFT trainers (formats/gui-and-trainers.md 3.4).
import { badConfig } from "../../base/errors";
import { isMapping, keysOf, lineOfKey, numberAt, valueAt } from "../configText";
import { factsAt } from "../facts";
import { hasPlaceholder } from "../placeholders";
import type { ConfigFile, Recipe } from "../recipe";
import { has, isText, planOf, stepsAt } from "../trainers";

export const verl: Recipe = {
  id: "verl",
  title: "verl",

  match({ doc }) {
    const rl = isMapping(valueAt(doc, "actor_rollout_ref")) || isText(doc, "algorithm.adv_estimator");
    return rl || isSft(doc) ? 0.9 : 0;
  },

  plan(file, { seed }) {
    const { doc } = file;
    const sft = isSft(doc);
    const processes = String(numberAt(doc, "trainer.n_gpus_per_node") ?? 1);
    const program = sft
      ? ["torchrun", "--standalone", `--nproc_per_node=${processes}`, "-m", "verl.trainer.fsdp_sft_trainer"]
      : ["python3", "-m", "verl.trainer.main_ppo", ...baseOf(file)];
    const loggers = loggersOf(doc);
    const ours = [
      "++trainer.default_local_dir={out}/checkpoints",
      ...(sft ? [] : ["++trainer.rollout_data_dir={out}/rollouts", "++trainer.validation_data_dir={out}/validation"]),
      `++trainer.logger=${JSON.stringify(loggers)}`,
    ];
    return planOf([[...program, ...overridesOf(file), ...ours, ...(seed === null ? [] : ["++data.seed={seed}"])]], {
      env: { PYTHONUNBUFFERED: "1", VERL_FILE_LOGGER_PATH: "{out}/metrics.jsonl", HYDRA_FULL_ERROR: "1" },
      progress: { pattern: "(?:^|\\s)step:(?<step>\\d+) - ", total: stepsAt(doc, "trainer.total_training_steps") },
      expects: ["metrics.jsonl"],
      seed: seed ?? numberAt(doc, "data.seed"),
      note: `Gives every value of the config as an override of verl's own defaults, and keeps its rollouts and metrics in the run's folder; its loggers are ${loggers.join(", ")}.`,
    });
  },

  facts: ({ doc }) =>
    factsAt(doc, {
      seed: ["data.seed"],
      learningRate: ["actor_rollout_ref.actor.optim.lr", "optim.lr"],
      beta: ["actor_rollout_ref.actor.kl_loss_coef", "algorithm.kl_ctrl.kl_coef"],
      groupSize: ["actor_rollout_ref.rollout.n"],
      model: ["actor_rollout_ref.model.path", "model.partial_pretrain"],
      dataset: ["data.train_files"],
    }),
};

const isSft = (doc: unknown): boolean => isText(doc, "model.partial_pretrain") && has(doc, "data.train_files");

/** Another of verl's own configs, where `defaults` names one. */
function baseOf({ doc, path, text }: ConfigFile): string[] {
  const defaults = valueAt(doc, "defaults");
  const names = (Array.isArray(defaults) ? (defaults as unknown[]) : []).filter((each) => each !== "_self_");
  const [base] = names;
  if (base === undefined || base === "ppo_trainer") return [];
  if (names.length > 1 || typeof base !== "string" || !/^[\w/-]+$/.test(base)) {
    throw badConfig(
      path,
      lineOfKey(text, "defaults"),
      "its defaults combine several configs; name its command in .runside/recipes.yaml",
    );
  }
  return ["--config-name", base];
}

/** The config's own, and the one whose file is read here. */
function loggersOf(doc: unknown): string[] {
  const given = valueAt(doc, "trainer.logger");
  const own = (Array.isArray(given) ? (given as unknown[]) : [given]).filter((each) => typeof each === "string");
  return [...new Set([...(own.length === 0 ? ["console"] : own), "file"])];
}

const most = 500;

/**
 * Each value as Hydra's `++key=value`. A config path would do too, but Hydra wants the folder of the file, and a launch with
 * changed values runs a copy that lies elsewhere.
 */
function overridesOf(file: ConfigFile): string[] {
  const { doc, path, text } = file;
  const out: string[] = [];
  const open = keysOf(doc)
    .filter((key) => key !== "defaults" && key !== "hydra")
    .reverse();
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    const value = valueAt(doc, key);
    if (isMapping(value) && Object.keys(value).length > 0) {
      open.push(
        ...Object.keys(value)
          .map((name) => `${String(key)}.${name}`)
          .reverse(),
      );
      continue;
    }
    const override = `++${key}=${written(value)}`;
    if (hasPlaceholder(override) || override.includes("\0") || !/^[\w.@/-]+$/.test(key)) {
      throw badConfig(path, lineOfKey(text, key), `"${key}" cannot be given to Hydra on a command line`);
    }
    if (out.push(override) > most) throw badConfig(path, null, `it has more than ${String(most)} values`);
  }
  return out;
}

/** A value in Hydra's override grammar. */
function written(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "string") return `'${value.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  if (Array.isArray(value)) return `[${value.map(written).join(",")}]`;
  if (isMapping(value))
    return `{${Object.entries(value)
      .map(([key, each]) => `${key}:${written(each)}`)
      .join(",")}}`;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "null";
}
