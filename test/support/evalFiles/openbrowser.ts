// What OpenBrowser's form evaluation leaves (eval_sft.py; formats/rlvr-openbrowser.md B2.3): results.json, and the lines of its log.
import { join } from "node:path";
import { indented, spread, write } from "./counts";

export interface FormEvaluation {
  /** `Pear-8B SFT`: heads the log's block, and names the folder. */
  label: string;
  prompts: number;
  /** How many prompts earn something. */
  nonzero: number;
  /** Mean reward of all prompts. */
  average: number;
}

interface Prompt {
  prompt_idx: number;
  reward: number;
  actions: number;
  executed?: number;
  success_page?: boolean;
}

/** `reward = .4 success + .4 fields + .2 executed/actions`: a third of the prompts parse to nothing where they earn nothing. */
function promptsOf({ prompts, nonzero, average }: FormEvaluation): Prompt[] {
  const earns = spread(prompts, nonzero);
  let earned = 0;
  return earns.map((one, i): Prompt => {
    const actions = 4 + (i % 9);
    if (!one) return i % 3 === 0 ? { prompt_idx: i, reward: 0, actions: 0 } : { ...idle(i, actions) };
    const reward = rewardOf(earned++, nonzero, (average * prompts) / nonzero);
    const success = reward > 0.55 && i % 2 === 0;
    const executed = Math.min(actions, Math.floor(((reward - (success ? 0.4 : 0)) / 0.2) * actions * 0.5));
    return { prompt_idx: i, reward, actions, executed, success_page: success };
  });
}

const idle = (i: number, actions: number): Prompt => ({
  prompt_idx: i,
  reward: 0,
  actions,
  executed: 0,
  success_page: false,
});

/** Pairs around the mean, so that the sum is what it should be; an odd one out is the mean itself. */
function rewardOf(nth: number, of: number, mean: number): number {
  const width = Math.min(mean, 1 - mean) * 0.8 * ((nth >> 1) / of);
  if (nth === of - 1 && of % 2 === 1) return mean;
  return nth % 2 === 0 ? mean - width : mean + width;
}

/** Writes `eval_<label>/results.json` and `eval_<label>.log` below `folder`. */
export function writeFormEvaluation(folder: string, evaluation: FormEvaluation): void {
  const { label } = evaluation;
  const prompts = promptsOf(evaluation);
  const rewards = prompts.map((prompt) => prompt.reward);
  const nonzero = rewards.filter((reward) => reward > 0).length;
  const average = rewards.reduce((a, b) => a + b, 0) / rewards.length;
  const name = `eval_${label.toLowerCase().replaceAll(" ", "_")}`;
  const results = {
    model: "pear/Pear-8B",
    checkpoint: `/mnt/user_storage/forms/checkpoints/${name.slice("eval_".length)}`,
    prompts_evaluated: prompts.length,
    nonzero_count: nonzero,
    nonzero_rate: nonzero / prompts.length,
    avg_reward: average,
    per_prompt: prompts,
  };
  write(join(folder, name, "results.json"), indented(results));
  const lines = prompts.map((prompt, i) =>
    prompt.actions === 0
      ? `Prompt ${String(i)}: no valid actions parsed`
      : `  Prompt ${String(i + 1)}/${String(prompts.length)}: reward=${prompt.reward.toFixed(4)}, actions=${String(prompt.actions)}, ` +
        `executed=${String(prompt.executed)}, success=${prompt.success_page ? "True" : "False"}`,
  );
  const share = ((nonzero / prompts.length) * 100).toFixed(1);
  const block = [
    "=".repeat(60),
    `${label.toUpperCase()} EVALUATION RESULTS`,
    `  Prompts evaluated: ${String(prompts.length)}`,
    `  Nonzero reward rate: ${String(nonzero)}/${String(prompts.length)} (${share}%)`,
    `  Average reward: ${average.toFixed(4)}`,
    `Results saved to outputs/${name}/results.json`,
  ];
  const log = [...lines, ...block].map((line) => `2026-03-04 10:00:00,123 - __main__ - INFO - ${line}\n`).join("");
  write(join(folder, `${name}.log`), log);
}
