// The three trace files of a GRPO run: events over time, the life of each prompt, and every group of completions.

import { join } from "node:path";

import { stepName } from "./episode";
import { finishReason } from "./forms";
import type { Group, GrpoStep, Timed } from "./grpo";
import { JsonLines } from "./jsonl";
import { mean } from "./metrics";
import { userPrompt } from "./prompt";
import type { ScreenStore } from "./screenStore";

/** Name of the data set in every event. */
export const DATASET = "login";

/** What a step's progress line shows. */
export interface RewardSummary {
  /** Mean over the groups that were trained on. */
  readonly used: number;
  /** Mean over everything sampled in the step. */
  readonly overall: number;
}

export class RunTrace {
  readonly path: string;
  private readonly startedAt = performance.now();
  private readonly trace: JsonLines;
  private readonly samples: JsonLines;
  private readonly rollouts: JsonLines;

  constructor(
    outDir: string,
    private readonly screens: ScreenStore,
  ) {
    this.path = join(outDir, "traces", "trace.jsonl");
    this.trace = new JsonLines(this.path);
    this.samples = new JsonLines(join(outDir, "traces", "samples.jsonl"));
    this.rollouts = new JsonLines(join(outDir, "traces", "rollouts.jsonl"));
  }

  /** Seconds since the trace began. */
  private now(): number {
    return (performance.now() - this.startedAt) / 1000;
  }

  meta(values: object): void {
    this.trace.add({ type: "meta", ts: this.now(), ...values });
    this.trace.flush();
  }

  /** Runs a phase and records it as a span. */
  readonly timed: Timed = (phase, work) => {
    const ts = this.now();
    const result = work();
    this.trace.add({ type: "span", name: phase, ts, dur: this.now() - ts });
    return result;
  };

  private counter(name: string, values: object): void {
    this.trace.add({ type: "counter", name, ts: this.now(), ...values });
  }

  /** Writes everything about one step and flushes it, so that a watcher sees whole steps. */
  step(step: GrpoStep): RewardSummary {
    const version = step.step - 1;
    for (const group of step.groups) this.group(group, step.step, version);
    const kept = step.groups.filter((group) => group.kept);
    const all = step.groups.flatMap(rewardsOf);
    const overall = mean(all) ?? 0;
    const used = mean(kept.flatMap(rewardsOf)) ?? overall;
    this.batchCounters(kept, step.step);
    this.counter("metrics", {
      loss: step.loss,
      grad_norm: step.gradNorm,
      avg_reward: used,
      lr: step.learningRate,
    });
    const { klMean, klMax, ratioMax, entropyMean, clipFrac } = step.diagnostics;
    this.counter("grpo.debug", {
      kl_mean: klMean,
      kl_max: klMax,
      ratio_max: ratioMax,
      entropy_mean: entropyMean,
      clip_frac: clipFrac,
    });
    this.counter("reward_stats", {
      reward_used: used,
      reward_overall: overall,
      frac_all_correct: groupShare(step.groups, (rewards) => (rewards[0] ?? 0) > 0.5),
      frac_all_wrong: groupShare(step.groups, (rewards) => (rewards[0] ?? 0) <= 0.5),
    });
    this.rewardParts(step.groups);
    for (const file of [this.rollouts, this.samples, this.trace]) file.flush();
    return { used, overall };
  }

  close(): void {
    for (const file of [this.rollouts, this.samples, this.trace]) file.close();
  }

  private group(group: Group, step: number, version: number): void {
    const prompt = userPrompt(group.episode, group.step);
    const promptId = stepName(group.episode, group.step);
    const completions = group.completions.map(({ text }) => text);
    this.rollouts.add({
      prompt_id: promptId,
      prompt,
      completions,
      rewards: rewardsOf(group),
      generated_at_version: version,
      trainer_version_after: version,
      dataset: DATASET,
      // Beyond the usual keys: how each completion ended and what its reward is made of; then the screen the policy
      // saw, relative to the run folder, and what was right there.
      finish_reasons: group.completions.map(({ choice }) => finishReason(choice.form)),
      completion_tokens: completions.map(countTokens),
      reward_parts: {
        format: group.completions.map(({ reward }) => reward.format),
        action_type: group.completions.map(({ reward }) => reward.type),
        target: group.completions.map(({ reward }) => reward.target),
      },
      images: [this.screens.path(group.episode, group.step)],
      target: group.episode.targets[group.step],
    });
    const ts = this.now();
    this.samples.add({ event: "in_flight", ts, prompt_id: promptId });
    if (!group.kept) {
      const reason = "zero_variance";
      this.samples.add({ event: "filtered", ts, prompt_id: promptId, version, reason, dataset: DATASET });
      return;
    }
    this.samples.add({ event: "buffered", ts, prompt_id: promptId, version, dataset: DATASET });
    this.samples.add({
      event: "trained",
      ts,
      prompt_id: promptId,
      trained_at_step: step,
      trainer_version: version,
      dataset: DATASET,
      n_tokens: completions.reduce((sum, text) => sum + countTokens(text), countTokens(prompt)),
    });
  }

  /** The counters about the shape of the trained batch, in the order readers expect. */
  private batchCounters(kept: readonly Group[], step: number): void {
    const completionLens = kept.flatMap(({ completions }) => completions.map(({ text }) => countTokens(text)));
    const seqLens = kept.flatMap(({ episode, step: at, completions }) => {
      const promptLength = countTokens(userPrompt(episode, at));
      return completions.map(({ text }) => promptLength + countTokens(text));
    });
    const seq = padding(seqLens);
    const completion = padding(completionLens);
    this.counter("batch.padding", {
      seq_padding_pct: seq.percent,
      completion_padding_pct: completion.percent,
      padded_seq_len: seq.length,
      padded_completion_len: completion.length,
      seq_lens: seqLens,
      completion_lens: completionLens,
      seq_padding_tokens: seq.tokens,
      completion_padding_tokens: completion.tokens,
      step,
    });
    const reasons: Record<string, number> = {};
    for (const { choice } of kept.flatMap(({ completions }) => completions)) {
      const reason = finishReason(choice.form);
      reasons[reason] = (reasons[reason] ?? 0) + 1;
    }
    this.counter("batch.finish_reasons", reasons);
    const rewards = kept.flatMap(rewardsOf);
    const datasets = rewards.map(() => DATASET);
    this.counter("batch.reward_vs_len", { rewards, completion_lens: completionLens, datasets, step });
    this.counter("rewards", {
      mean: mean(rewards) ?? 0,
      max: rewards.length > 0 ? Math.max(...rewards) : 0,
      num_positive: rewards.filter((reward) => reward > 0).length,
    });
  }

  /** What the verifier's parts were worth on average, over everything sampled. */
  private rewardParts(groups: readonly Group[]): void {
    const rewards = groups.flatMap(({ completions }) => completions.map(({ reward }) => reward));
    this.counter("reward_parts", {
      format: mean(rewards.map(({ format }) => format)),
      action_type: mean(rewards.map(({ type }) => type)),
      target: mean(rewards.map(({ target }) => target)),
    });
  }
}

/** Rounded, so that a sum of parts reads 0.3 and not 0.30000000000000004. */
function rewardsOf(group: Group): number[] {
  return group.completions.map(({ reward }) => Math.round(reward.total * 1e6) / 1e6);
}

/** Share of groups whose rewards are all equal and meet a condition. */
function groupShare(groups: readonly Group[], condition: (rewards: number[]) => boolean): number {
  const meets = groups.filter((group) => !group.kept && condition(rewardsOf(group)));
  return groups.length > 0 ? meets.length / groups.length : 0;
}

/** What padding a batch to its longest sequence costs. */
function padding(lengths: readonly number[]): { length: number; tokens: number[]; percent: number } {
  const length = Math.max(0, ...lengths);
  const tokens = lengths.map((own) => length - own);
  const wasted = tokens.reduce((sum, count) => sum + count, 0);
  return { length, tokens, percent: wasted === 0 ? 0 : (100 * wasted) / (length * lengths.length) };
}

/** Words, numbers and single signs: close enough to a tokenizer's count. */
function countTokens(text: string): number {
  return text.match(/[A-Za-z]+|\d+|[^\sA-Za-z\d]/g)?.length ?? 0;
}
