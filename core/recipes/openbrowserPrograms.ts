// What openbrowser-ai's programs do where their environment says nothing: output folders and defaults (formats/rlvr-openbrowser.md B1.3, B1.4).
import type { Facts } from "./facts";

/** The program of `python -m infra.training.<package>.<name>`; null for somebody else's module. */
export const openbrowserProgram = (module: string | null): string | null =>
  /^infra\.training\.\w+\.(\w+)$/.exec(module ?? "")?.[1] ?? null;

const folders: Readonly<Record<string, string>> = {
  sft_trainer: "finetuning_sft",
  grpo_trainer: "finetuning_grpo",
  online_grpo_trainer: "finetuning_online_grpo",
  flow_llm_sft_trainer: "flow_llm_sft",
  fsdfm_sft_trainer: "fsdfm_sft",
  flow_sft_trainer: "flow_matching_sft",
};

/** Where it writes, relative to its root; every run overwrites the last one's. */
export function openbrowserOutputs(module: string | null, env: Readonly<Record<string, string>>): string[] {
  const name = openbrowserProgram(module);
  if (name === null) return [];
  const evaluates = /^eval_(\w+)$/.exec(name)?.[1];
  if (evaluates !== undefined) {
    const label = env["EVAL_LABEL"]?.toLowerCase().replaceAll(" ", "_");
    return [`outputs/eval_${label ?? evaluates}`];
  }
  return [`outputs/${folders[name] ?? name.replace(/_trainer$/, "")}`];
}

/** Learning rate, KL coefficient and group size of the programs' own dictionaries; absent where they state none. */
const defaults: readonly (readonly [RegExp, lr: number | null, beta: number | null, group: number | null])[] = [
  [/^sft_trainer$/, 2e-4, null, null],
  [/^grpo_trainer$/, 5e-5, 0.1, 4],
  [/^online_grpo_trainer$/, null, 0.1, 4],
  [/^(?:espo|cjgrpo|mdpo)_\w+_trainer$/, 1e-5, 3e-3, 4],
  [/^(?:refusion|fsdfm)_flow_grpo_trainer$/, 5e-5, 0.04, 4],
];

/** What a job is compared by where it leaves the value to its program: facts without a key. */
export function openbrowserDefaults(module: string | null): Facts {
  const name = openbrowserProgram(module);
  const found = name === null ? undefined : defaults.find(([pattern]) => pattern.test(name));
  if (!found) return {};
  const [, lr, beta, group] = found;
  return {
    ...(lr === null ? {} : { learningRate: { key: null, value: lr } }),
    ...(beta === null ? {} : { beta: { key: null, value: beta } }),
    ...(group === null ? {} : { groupSize: { key: null, value: group } }),
  };
}
