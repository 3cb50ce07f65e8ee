// Group-relative policy optimisation. Each step samples a group of texts for every prompt, scores them with the
// verifier, and pushes the policy towards what beat its group's mean, held near the SFT policy by a KL penalty.

import type { GrpoConfig } from "./config";
import { targetAt } from "./episode";
import type { Episode } from "./episode";
import { writeText } from "./forms";
import { mean } from "./metrics";
import { Adam, entropy, logSoftmax } from "./nn";
import type { Choice, LoginPolicy } from "./policy";
import { rewardOf } from "./reward";
import type { Reward } from "./reward";
import { shuffledRange } from "./rng";
import type { Rng } from "./rng";
import type { ScreenStore } from "./screenStore";
import { warmup } from "./sft";

interface Completion {
  readonly choice: Choice;
  readonly text: string;
  readonly reward: Reward;
  /** Log-probability of every slot under the policy that wrote it. */
  readonly oldLogProbs: readonly number[];
}

/** All completions of one prompt: one screen of one episode. */
export interface Group {
  readonly episode: Episode;
  readonly step: number;
  readonly completions: readonly Completion[];
  /** (reward − group mean) / group standard deviation, one per completion. All zero where all rewards are equal. */
  readonly advantages: readonly number[];
  /** False for groups without variance: they teach nothing and are left out of the update. */
  readonly kept: boolean;
}

export interface GrpoDiagnostics {
  readonly klMean: number;
  readonly klMax: number;
  readonly ratioMax: number;
  readonly entropyMean: number;
  readonly clipFrac: number;
}

export interface GrpoStep {
  /** From 1. */
  readonly step: number;
  readonly groups: readonly Group[];
  readonly loss: number;
  readonly gradNorm: number;
  readonly learningRate: number;
  readonly diagnostics: GrpoDiagnostics;
}

/** Called with a phase's name around its work, so that the caller can time it. */
export type Timed = <T>(phase: string, work: () => T) => T;

/** Trains in place; yields after every step so that the caller can write, and stop. */
export function* trainGrpo(
  policy: LoginPolicy,
  reference: LoginPolicy,
  episodes: readonly Episode[],
  screens: ScreenStore,
  config: GrpoConfig,
  rng: Rng,
  timed: Timed,
): Generator<GrpoStep> {
  const optimizer = new Adam(policy.trainable);
  const prompts = episodes.flatMap((episode) => episode.targets.map((_, step) => ({ episode, step })));
  let queue: number[] = [];
  for (let step = 1; step <= config.steps; step++) {
    if (queue.length < config.promptsPerStep) queue = [...queue, ...shuffledRange(prompts.length, rng)];
    const chosen = queue.splice(0, config.promptsPerStep).flatMap((i) => prompts[i] ?? []);
    const drafts = timed("generate", () =>
      chosen.map((prompt) => sampleGroup(policy, prompt.episode, prompt.step, screens, config, rng)),
    );
    const groups = timed("verify", () => drafts.map(scoreGroup));
    const kept = groups.filter((group) => group.kept);
    const references = timed("ref_logprobs", () =>
      kept.map((group) => groupLogProbs(reference, group, screens, config.temperature)),
    );
    const learningRate = config.lr * warmup(step, config.warmupSteps);
    let result = { loss: 0, diagnostics: NO_DIAGNOSTICS };
    let gradNorm = 0;
    // Later updates on the same rollouts are slightly off-policy: that is what the clipped ratio is for.
    for (let update = 0; kept.length > 0 && update < config.updatesPerStep; update++) {
      result = timed("forward_backward", () => accumulate(policy, kept, references, screens, config));
      gradNorm = timed("optim_step", () => optimizer.update(learningRate, config.maxGradNorm));
    }
    yield { step, groups, ...result, gradNorm, learningRate };
  }
}

const NO_DIAGNOSTICS: GrpoDiagnostics = { klMean: 0, klMax: 0, ratioMax: 1, entropyMean: 0, clipFrac: 0 };

type Draft = Pick<Group, "episode" | "step"> & { readonly completions: readonly Omit<Completion, "reward">[] };

function sampleGroup(
  policy: LoginPolicy,
  episode: Episode,
  step: number,
  screens: ScreenStore,
  config: GrpoConfig,
  rng: Rng,
): Draft {
  const activations = policy.forward(screens.input(episode, step));
  const completions = Array.from({ length: config.groupSize }, () => {
    const choice = policy.choose(activations, config.temperature, rng);
    const text = writeText(choice.form, episode, policy.coordinates(choice), rng);
    const slots = policy.slots(activations, choice);
    const oldLogProbs = slots.map((slot) => logSoftmax(slot.logits, config.temperature)[slot.chosen]!);
    return { choice, text, oldLogProbs };
  });
  return { episode, step, completions };
}

function scoreGroup({ episode, step, completions }: Draft): Group {
  const target = targetAt(episode, step);
  const scored = completions.map((completion) => ({ ...completion, reward: rewardOf(completion.text, target) }));
  const rewards = scored.map(({ reward }) => reward.total);
  const average = mean(rewards) ?? 0;
  const squares = rewards.reduce((sum, reward) => sum + (reward - average) ** 2, 0);
  const deviation = Math.sqrt(squares / Math.max(1, rewards.length - 1));
  const kept = deviation >= 1e-6;
  const advantages = rewards.map((reward) => (kept ? (reward - average) / deviation : 0));
  return { episode, step, completions: scored, advantages, kept };
}

/** Log-probabilities of every slot of every completion under a policy. */
function groupLogProbs(policy: LoginPolicy, group: Group, screens: ScreenStore, temperature: number): number[][] {
  const activations = policy.forward(screens.input(group.episode, group.step));
  return group.completions.map(({ choice }) =>
    policy.slots(activations, choice).map((slot) => logSoftmax(slot.logits, temperature)[slot.chosen]!),
  );
}

/** Adds the gradient of the loss over all groups, and measures. The loss is a mean over slots, then completions. */
function accumulate(
  policy: LoginPolicy,
  groups: readonly Group[],
  references: readonly (readonly (readonly number[])[])[],
  screens: ScreenStore,
  { beta, clipEps, groupSize, temperature }: GrpoConfig,
): { loss: number; diagnostics: GrpoDiagnostics } {
  const completionCount = groups.length * groupSize;
  const total = { loss: 0, kl: 0, klMax: 0, ratioMax: 0, entropy: 0, clipped: 0, slots: 0 };
  groups.forEach((group, g) => {
    const activations = policy.forward(screens.input(group.episode, group.step));
    const gradients = policy.newGradients();
    group.completions.forEach(({ choice, oldLogProbs }, c) => {
      const advantage = group.advantages[c] ?? 0;
      const slots = policy.slots(activations, choice);
      slots.forEach((slot, s) => {
        const logProbs = logSoftmax(slot.logits, temperature);
        const logProb = logProbs[slot.chosen]!;
        const ratio = Math.exp(bounded(logProb - (oldLogProbs[s] ?? logProb)));
        const clippedRatio = Math.min(1 + clipEps, Math.max(1 - clipEps, ratio));
        const isClipped = clippedRatio * advantage < ratio * advantage;
        // The k3 estimate of KL(policy ‖ reference): never negative, and exact in the mean.
        const referenceLogRatio = bounded((references[g]?.[c]?.[s] ?? logProb) - logProb);
        const kl = Math.exp(referenceLogRatio) - referenceLogRatio - 1;
        const weight = 1 / (completionCount * slots.length);
        total.loss += weight * (beta * kl - Math.min(ratio * advantage, clippedRatio * advantage));
        const slope = beta * (1 - Math.exp(referenceLogRatio)) - (isClipped ? 0 : ratio * advantage);
        policy.addLogProbGradient(gradients, choice, slot, logProbs, (weight * slope) / temperature);
        total.kl += kl;
        total.klMax = Math.max(total.klMax, kl);
        total.ratioMax = Math.max(total.ratioMax, ratio);
        total.entropy += entropy(logProbs);
        total.clipped += isClipped ? 1 : 0;
        total.slots += 1;
      });
    });
    policy.backward(activations, gradients);
  });
  return {
    loss: total.loss,
    diagnostics: {
      klMean: total.kl / total.slots,
      klMax: total.klMax,
      ratioMax: total.ratioMax,
      entropyMean: total.entropy / total.slots,
      clipFrac: total.clipped / total.slots,
    },
  };
}

/** Keeps exp() finite when a policy has run away from the one it is compared with. */
function bounded(logRatio: number): number {
  return Math.max(-15, Math.min(15, logRatio));
}
