// Raw metric names -> canonical ones, so that curves of different trainers meet. The raw name always stays visible.
// The table follows the trainers' own outputs: TRL, ms-swift, verl, RLVR experiments, OpenRLHF, prime-rl.
const synonyms: Record<string, readonly string[]> = {
  reward: [
    "reward",
    "reward_all",
    "reward_overall",
    "rewards/mean",
    "mean_reward",
    "critic/score/mean",
    "objective/scores",
    "env/reward",
    "reward_mean",
    "reward/mean",
    "reward/all/mean",
  ],
  reward_shaped: ["critic/rewards/mean", "objective/rlhf_reward"],
  reward_std: ["reward_std", "critic/score/std"],
  zero_std_frac: ["frac_reward_zero_std", "frac_zero_std", "reward/zero_std"],
  kl: ["kl", "kl_mean", "objective/kl", "actor/kl_loss", "actor/reward_kl_penalty"],
  kl_old: ["actor/ppo_kl", "approxkl", "policy/approxkl_avg"],
  kl_rollout: [
    "rollout_corr/kl",
    "sampling/sampling_logp_difference/mean",
    "training/rollout_probs_diff_mean",
    "mismatch_kl/all/mean",
    "mismatch_kl/mean",
  ],
  entropy: [
    "entropy",
    "entropy_mean",
    "entropy/mean",
    "actor/entropy",
    "actor/entropy_loss",
    "policy/entropy_avg",
    "entropy/all/mean",
  ],
  clip_frac: ["clip_frac", "clip_ratio", "clip_ratio/region_mean", "actor/pg_clipfrac", "policy/clipfrac_avg"],
  completion_length: ["completion_length", "completions/mean_length", "response_length/mean", "response_length"],
  truncated_frac: ["completions/clipped_ratio", "response_length/clip_ratio", "clipped_ratio", "is_truncated/all/mean"],
  loss: ["loss", "train_loss", "loss/mean"],
  "loss/pg": ["policy_loss", "actor/pg_loss"],
  "loss/value": ["critic/vf_loss"],
  grad_norm: ["grad_norm", "actor/grad_norm", "optim/grad_norm"],
  lr: ["learning_rate", "lr", "actor/lr", "optim/lr"],
  token_accuracy: ["token_acc", "token_accuracy", "mean_token_accuracy"],
  step_time: ["step_time", "timing_s/step", "perf/time_per_step", "train_speed(s/it)", "time/step"],
  tokens: ["num_tokens", "num_input_tokens_seen", "perf/total_num_tokens", "train/global_tokens"],
};

const canonicalOf = new Map(Object.entries(synonyms).flatMap(([name, raws]) => raws.map((raw) => [raw, name])));

/** prime-rl's `train/agg/effective/<agent>/...`, of all environments and without the episodes that failed. */
const ofEpisodes = new Map([
  ["reward/mean", "reward"],
  ["is_truncated/mean", "truncated_frac"],
  ["num_output_tokens/mean", "completion_length"],
]);

/** Some write `Loss`. */
const known = (raw: string): string | undefined => canonicalOf.get(raw) ?? canonicalOf.get(raw.toLowerCase());

export function canonicalName(raw: string): string {
  const exact = known(raw);
  if (exact) return exact;
  const episodes = /^train\/agg\/effective\/[^/]+\/(.+)$/.exec(raw)?.[1];
  const ofEpisode = episodes === undefined ? undefined : ofEpisodes.get(episodes);
  if (ofEpisode) return ofEpisode;
  const trainless = raw.replace(/^train\//i, "");
  const bare = known(trainless);
  if (bare) return bare;
  if (/^rewards\/[^/]+(\/mean)?$/.test(raw)) return `reward/${raw.split("/")[1] ?? raw}`;
  // A measure has the same name where it is taken while training and where it is taken in an evaluation.
  const measured = /^(?:eval_|eval\/|val(?:-core)?\/)(.+)$/.exec(raw)?.[1];
  return measured === undefined ? trainless : `eval/${known(measured) ?? measured}`;
}

/**
 * verl up to 0.4 told a rate's unit in its name, as in `critic/lr(1e-4)`, which TensorBoard makes `critic/lr_1e-4_`: the plain name,
 * and what to multiply with.
 */
export function scaledRate(raw: string): { name: string; factor: number } | null {
  const [, name, factor] = /^((?:.*\/)?lr)[(_](1e-\d+)[)_]$/.exec(raw) ?? [];
  return name === undefined ? null : { name, factor: Number(factor) };
}

/** What to show first: reward, then loss, KL, entropy, gradient norm, then the rest by name. */
const order = ["reward", "loss", "kl", "entropy", "grad_norm", "reward_used", "avg_reward", "lr"];

export function seriesRank(name: string): number {
  const at = order.indexOf(name);
  return at >= 0 ? at : name.startsWith("reward") ? order.length : order.length + 1;
}
