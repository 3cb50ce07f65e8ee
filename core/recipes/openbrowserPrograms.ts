// What openbrowser-ai's programs do where their environment says nothing: output folders, what lies in them at the end, defaults and
// the number of their steps (formats/rlvr-openbrowser.md B1.3, B1.4).
import type { Facts } from "./facts";

type Env = Readonly<Record<string, string>>;

/** The program of `python -m infra.training.<package>.<name>`; null for somebody else's module. */
export const openbrowserProgram = (module: string | null): string | null =>
  /^infra\.training\.\w+\.(\w+)$/.exec(module ?? "")?.[1] ?? null;

export const evaluates = (name: string | null): boolean => name?.startsWith("eval_") === true;

/** Drawn by Hugging Face's Trainer; the other SFT programs log their steps themselves. */
export const drawsBar = (name: string | null): boolean => name === "sft_trainer";

interface Program {
  /** Under outputs/; the name without `_trainer` where it is not given. */
  folder?: string;
  /** What it has written there when it has trained. */
  leaves?: string;
  lr?: number;
  beta?: number;
  group?: number;
  /** Where EARLY_STOP_MAX_STEPS is not set. */
  steps?: number;
}

const programs: readonly (readonly [RegExp, Program])[] = [
  [/^sft_trainer$/, { folder: "finetuning_sft", leaves: "{final,checkpoint-*}/**", lr: 2e-4 }],
  [
    /^grpo_trainer$/,
    { folder: "finetuning_grpo", leaves: "{final,best,checkpoint-*}/**", lr: 5e-5, beta: 0.1, group: 4 },
  ],
  [
    /^online_grpo_trainer$/,
    { folder: "finetuning_online_grpo", leaves: "{final,best,checkpoint-*}/**", beta: 0.1, group: 4 },
  ],
  [
    /^(?:espo|cjgrpo|mdpo)_\w+_trainer$/,
    { leaves: "{final,best,step_*}/**", lr: 1e-5, beta: 3e-3, group: 4, steps: 40 },
  ],
  [/^refusion_flow_grpo_trainer$/, { leaves: "final/**", lr: 5e-5, beta: 0.04, group: 4 }],
  [/^fsdfm_flow_grpo_trainer$/, { lr: 5e-5, beta: 0.04, group: 4 }],
  [/^flow_llm_sft_trainer$/, { leaves: "adapter/**" }],
  [/^fsdfm_sft_trainer$/, { leaves: "lora_adapter/lora_weights.pt" }],
  [/^flow_sft_trainer$/, { folder: "flow_matching_sft", leaves: "model.pt" }],
  [/^eval_/, { leaves: "results.json" }],
];

const programOf = (name: string | null): Program =>
  name === null ? {} : (programs.find(([pattern]) => pattern.test(name))?.[1] ?? {});

/** Where it writes, relative to its root; every run overwrites the last one's. */
export function openbrowserOutputs(name: string | null, env: Env): string[] {
  if (name === null) return [];
  // The evals of the flow models have fixed folders, whatever their label.
  const label = name === "eval_sft" ? env["EVAL_LABEL"]?.toLowerCase().replaceAll(" ", "_") : undefined;
  if (label !== undefined && label !== "") return [`outputs/eval_${label}`];
  return [`outputs/${programOf(name).folder ?? name.replace(/_trainer$/, "")}`];
}

export function openbrowserLeaves(name: string | null): string[] {
  const { leaves } = programOf(name);
  return leaves === undefined ? [] : [leaves];
}

/** What a job is compared by where it leaves the value to its program: facts without a key. */
export function openbrowserDefaults(name: string | null): Facts {
  const { lr, beta, group } = programOf(name);
  return {
    ...(lr === undefined ? {} : { learningRate: { key: null, value: lr } }),
    ...(beta === undefined ? {} : { beta: { key: null, value: beta } }),
    ...(group === undefined ? {} : { groupSize: { key: null, value: group } }),
  };
}

/** One step for each prompt and epoch, unless something ends it earlier; null where only its log will say it. */
export function openbrowserSteps(name: string | null, env: Env): number | null {
  const given = (key: string): number | null => {
    const value = Number(env[key] ?? "");
    return value > 0 ? value : null;
  };
  const limit = given("MAX_STEPS");
  if (limit !== null || evaluates(name) || name?.endsWith("sft_trainer")) return limit;
  const early =
    env["EARLY_STOP_MAX_STEPS"] === undefined ? (programOf(name).steps ?? null) : given("EARLY_STOP_MAX_STEPS");
  const samples = given("MAX_TRAIN_SAMPLES");
  // Of a program that is nobody's here, a rate of its own may mean batches.
  const batched = name === null && (env["GROUP_SIZE"] !== undefined || env["LEARNING_RATE"] !== undefined);
  const prompts = samples === null || batched ? null : samples * (given("NUM_EPOCHS") ?? 1);
  return early !== null && prompts !== null ? Math.min(early, prompts) : (early ?? prompts);
}
