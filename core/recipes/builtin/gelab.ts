// GE-Lab: ms-swift training with the interactive evaluation behind it, or that evaluation alone (formats/gui-and-trainers.md 2).
import { badConfig } from "../../base/errors";
import { lineOfKey, numberAt, stringAt, valueAt } from "../configText";
import { factsAt } from "../facts";
import { joined, nearestWith } from "../places";
import type { ConfigFile, LaunchPlan, Recipe } from "../recipe";
import { has, isText, planOf, stepsAt } from "../trainers";
import { isSwift, swiftFacts, swiftPlan } from "./swift";

const rewards = /\b(?:web_(?:action|coordinate|intent)_match|a2b|gelab_multi_turn)\b/;
const scripts = ["eval/interactive_eval.py", "interactive_eval.py"];
const options = ["model_path", "ui_structure", "images_dir", "subtrees", "max_steps", "num_attempts", "limit"];

export const gelab: Recipe = {
  id: "gelab",
  title: "GE-Lab (GUI navigation)",

  match(file) {
    if (isEval(file.doc)) return 0.9;
    if (!isSwift(file.doc)) return 0;
    const rewarded = rewards.test(
      JSON.stringify([valueAt(file.doc, "reward_funcs"), valueAt(file.doc, "multi_turn_func")]),
    );
    return rewarded || scriptOf(file) !== null ? 0.9 : 0;
  },

  plan: (file, { seed }) => (isEval(file.doc) ? planEval(file) : planTraining(file, seed)),
  seedKey: ({ doc }) => (isEval(doc) ? null : "seed"),
  facts: ({ doc }) =>
    isEval(doc) ? factsAt(doc, { model: ["model_path"], dataset: ["ui_structure"] }) : swiftFacts(doc),
};

const isEval = (doc: unknown): boolean =>
  isText(doc, "model_path") && isText(doc, "ui_structure") && has(doc, "images_dir");

function scriptOf(file: ConfigFile): { folder: string; script: string } | null {
  const folder = nearestWith(file, scripts);
  const script = scripts.find((each) => folder !== null && file.exists(joined(folder, each)));
  return folder === null || script === undefined ? null : { folder, script };
}

/** The seeds' notes write --output_file; the program takes --output and ends with exit code 2 on anything else. */
const evaluation = (script: string, given: readonly string[]): string[] => [
  ...["python", script, ...given, "--output", "{out}/interactive.json", "--verbose"],
];

function planEval(file: ConfigFile): LaunchPlan {
  const found = scriptOf(file);
  if (!found) throw badConfig(file.path, null, "it needs eval/interactive_eval.py, which is not in this workspace");
  const given = options.flatMap((key) => {
    const value = valueAt(file.doc, key);
    if (value === undefined || value === null) return [];
    const values: unknown[] = Array.isArray(value) ? value : [value];
    if (!values.every((each) => typeof each === "string" || typeof each === "number")) {
      throw badConfig(file.path, lineOfKey(file.text, key), `"${key}" is no text or number`);
    }
    return [`--${key}`, ...values.map(String)];
  });
  return planOf([evaluation(found.script, given)], {
    cwd: found.folder,
    progress: { pattern: null, total: null },
    expects: ["interactive.json"],
    seed: numberAt(file.doc, "seed"),
    note: "Writes its one result file at the end; until then there is only its log.",
  });
}

function planTraining(file: ConfigFile, seed: number | null): LaunchPlan {
  const plan = swiftPlan(file, seed);
  const found = scriptOf(file);
  const checkpoint = lastCheckpoint(file.doc);
  if (!found || checkpoint === null) {
    const why = found ? "the config does not fix where its last checkpoint will be" : "there is no interactive_eval.py";
    return { ...plan, note: `${plan.note ?? ""} No interactive evaluation follows: ${why}.` };
  }
  const folder = plan.cwd === "" ? found.folder : plan.cwd;
  const given = [
    "--model_path",
    checkpoint,
    "--ui_structure",
    "demo/ui_structure.json",
    "--images_dir",
    "datas/images",
  ];
  return {
    ...plan,
    cwd: folder,
    commands: [...plan.commands, [...evaluation(found.script, given), "--subtrees", "4"]],
    note: `${plan.note ?? ""} Then evaluates ${checkpoint} by walking through the app.`,
  };
}

/** Known before the run where no version folder is made and the steps are fixed; an adapter is no model to load by itself. */
function lastCheckpoint(doc: unknown): string | null {
  const steps = stepsAt(doc, "max_steps");
  const output = stringAt(doc, "output_dir");
  const full = (stringAt(doc, "train_type") ?? stringAt(doc, "tuner_type")) === "full";
  return steps === null || output === null || !full || valueAt(doc, "add_version") !== false
    ? null
    : `${output.replace(/\/$/, "")}/checkpoint-${String(steps)}`;
}
