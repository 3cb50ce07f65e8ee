// rlvr-experiments: one YAML per run, whose script follows from its keys; it names its own output folder in its log.
import { badConfig } from "../../base/errors";
import { isMapping, keysOf, lineOfKey, numberAt, stringAt, valueAt } from "../configText";
import { joined, nameOf, nearestWith } from "../places";
import { factsAt } from "../facts";
import type { ConfigFile, LaunchPlan, Recipe } from "../recipe";
import { inputsIn } from "../trainers";

type Kind = "train" | "eval" | "writeup";

interface Choice {
  script: string;
  why: string;
}

const legacy = "train_grpo_LEGACY_DO_NOT_USE.py";
/** What the scripts were called before; README and launchers of the project still use the old name. */
const formerly: Record<string, string> = { [legacy]: "train_grpo.py" };
/** Read with brackets, so a config without them dies at the first step, minutes after the models were loaded. */
const needed: Record<string, string[]> = {
  "train_grpo_sft.py": ["training.alpha_grpo", "training.alpha_sft", "training.max_steps"],
};

export const rlvr: Recipe = {
  id: "rlvr",
  title: "RLVR experiment",

  match: ({ doc }) => ({ train: 0.9, eval: 0.8, writeup: 0.5, none: 0 })[kindOf(doc) ?? "none"],

  plan(file, { seed }) {
    const kind = kindOf(file.doc);
    if (kind === "writeup") {
      throw badConfig(
        file.path,
        lineOfKey(file.text, "runs"),
        "it describes plots of finished runs, which is no training and no eval",
      );
    }
    return kind === "eval" ? planEval(file, seed) : planTraining(file, seed);
  },

  seedKey: ({ doc }) => (kindOf(doc) === "eval" ? "seed" : "run.seed"),

  facts({ doc }) {
    if (kindOf(doc) === "eval")
      return factsAt(doc, { seed: ["seed"], model: ["checkpoints.0.path"], dataset: ["benchmarks.0.task"] });
    const roles = valueAt(doc, "roles");
    // The learning rate lives with the trainer's role, and the order of roles is not fixed.
    const trainer = Array.isArray(roles) ? roles.findIndex((role) => stringAt(role, "name") === "trainer") : -1;
    return factsAt(doc, {
      seed: ["run.seed"],
      learningRate: [`roles.${String(trainer)}.config.optimizer.lr`],
      beta: ["loss.beta"],
      groupSize: ["sampling.n"],
      model: ["model.path"],
      dataset: ["data.dataset", "sft_data.path", "sft_data.dataset"],
    });
  },
};

function kindOf(doc: unknown): Kind | null {
  if (Array.isArray(valueAt(doc, "roles")) && valueAt(doc, "run") !== undefined) return "train";
  const evaluates = ["checkpoints", "watch", "vllm"].some((key) => valueAt(doc, key) !== undefined);
  if (Array.isArray(valueAt(doc, "benchmarks")) && evaluates) return "eval";
  return Array.isArray(valueAt(doc, "runs")) && stringAt(doc, "html_prefix") !== null ? "writeup" : null;
}

/** Which script a training config needs; the order of the tests is part of the answer. */
export function chooseScript(doc: unknown, path: string): Choice {
  const roles = valueAt(doc, "roles");
  const names = Array.isArray(roles) ? roles.map((role) => stringAt(role, "name")) : [];
  const wiring = valueAt(doc, "sync.wiring");
  const unwired = wiring === undefined || (Array.isArray(wiring) && wiring.length === 0);
  if (
    valueAt(doc, "sft_data") !== undefined &&
    valueAt(doc, "data") === undefined &&
    names.join() === "trainer" &&
    unwired
  ) {
    return { script: "train_sft_only.py", why: "it has sft_data, no data, and a trainer alone" };
  }
  const training = keysOf(doc, "training");
  if (training.includes("alpha_gkd")) return { script: "train_grpo_gkd.py", why: "training.alpha_gkd is set" };
  if (stringAt(doc, "loss.name") === "opsd") {
    const other = "the keys alone cannot tell train_opsd.py from train_gkd.py";
    return /gkd-(?:only|sync)/.test(nameOf(path))
      ? { script: "train_gkd.py", why: `loss.name is opsd and the file's name says gkd; ${other}` }
      : { script: "train_opsd.py", why: `loss.name is opsd; ${other}` };
  }
  if (training.includes("alpha_sft")) return { script: "train_grpo_sft.py", why: "training.alpha_sft is set" };
  return { script: legacy, why: "no training.alpha_* and no opsd loss: the older GRPO loop" };
}

function planTraining(file: ConfigFile, seed: number | null): LaunchPlan {
  const { doc, path, text } = file;
  if (!isMapping(valueAt(doc, "training")))
    throw badConfig(path, lineOfKey(text, "training"), '"training" is not a mapping');
  const { script, why } = chooseScript(doc, path);
  const missing = (needed[script] ?? []).filter((key) => valueAt(doc, key) === undefined);
  if (missing.length > 0) {
    throw badConfig(path, lineOfKey(text, "training"), `${script} needs ${missing.join(" and ")}`);
  }
  const { folder, name } = findScript(file, script);
  const steps = numberAt(doc, "training.max_steps");
  const endless = script === "train_grpo_sft.py" && !valueAt(doc, "training.max_steps");
  return {
    ...common(folder, name),
    progress: {
      pattern: "^(?:\\[epoch (?<epoch>\\d+)\\] )?(?:optim_)?step=(?<step>\\d+)(?: [a-z_]+=\\S+)+$",
      total: steps !== null && steps > 0 ? steps : null,
    },
    // The line names the trace file; the run's folder is two levels above it.
    outputFromLog: "^\\[runtime\\] tracing to (?<path>\\S+?)(?:/traces/[^/\\s]+)?$",
    expects: ["traces/trace.jsonl"],
    // The trainer's own default where no config sets it.
    seed: seed ?? numberAt(doc, "run.seed") ?? 42,
    inputs: inputsIn(file, folder, [...dataFiles(valueAt(doc, "data")), ...sectionFiles(doc)]),
    note: [
      `Runs ${name}: ${why}. A Ray cluster must be up on the box (ray start --head).`,
      ...(endless ? [`Runs until it is stopped: training.max_steps sets no end, and ${name} counts no epochs.`] : []),
    ].join(" "),
  };
}

/** Curricula and data that its repository ignores by their endings: the run would end at the first of them. */
const sectionFiles = (doc: unknown): string[] =>
  ["data_iter.order", "sft_data.path", "sft_data_iter.order"]
    .map((key) => stringAt(doc, key))
    .filter((each) => each !== null);

function dataFiles(data: unknown, depth = 0): string[] {
  const own = ["order", "path"].map((key) => stringAt(data, key)).filter((each) => each !== null);
  const inner = valueAt(data, "datasets");
  return [...own, ...(Array.isArray(inner) && depth < 4 ? inner.flatMap((each) => dataFiles(each, depth + 1)) : [])];
}

function planEval(file: ConfigFile, seed: number | null): LaunchPlan {
  const { folder, name } = findScript(file, "eval_benchmarks.py");
  const output = stringAt(file.doc, "output_dir");
  return {
    ...common(folder, name),
    alsoWatch: output === null ? [] : [output],
    expects: output === null ? [] : ["**/results_*.json"],
    seed: seed ?? numberAt(file.doc, "seed"),
    note: valueAt(file.doc, "watch.enable") === true ? "Waits for new checkpoints until it is stopped." : null,
  };
}

const common = (cwd: string, script: string): LaunchPlan => ({
  commands: [["python", `entrypoints/${script}`, "{config}"]],
  cwd,
  env: { PYTHONUNBUFFERED: "1" },
  progress: { pattern: null, total: null },
  outputFromLog: null,
  alsoWatch: [],
  expects: [],
  inputs: [],
  seed: null,
  note: null,
});

/** A config without its script would fail on the box after the upload; said here instead. */
function findScript(file: ConfigFile, script: string): { folder: string; name: string } {
  const names = [script, formerly[script]].filter((name) => name !== undefined);
  const folder = nearestWith(
    file,
    names.map((name) => `entrypoints/${name}`),
  );
  const name = names.find((each) => folder !== null && file.exists(joined(folder, `entrypoints/${each}`)));
  if (folder === null || name === undefined) {
    throw badConfig(
      file.path,
      null,
      `it needs entrypoints/${names.join(" or entrypoints/")}, which is not in this workspace`,
    );
  }
  return { folder, name };
}
