// Supervised fine-tuning by behaviour cloning: cross-entropy on the slots of the expected actions.

import type { SftConfig } from "./config";
import { targetAt } from "./episode";
import type { Episode } from "./episode";
import { STEP_FORMS } from "./forms";
import { Adam, argmax, logSoftmax } from "./nn";
import type { LoginPolicy } from "./policy";
import { shuffledRange } from "./rng";
import type { Rng } from "./rng";
import type { ScreenStore } from "./screenStore";

/** One line of `sft/metrics.jsonl`. */
export interface SftMetrics {
  readonly step: number;
  /** Mean negative log-likelihood per slot, in nats. */
  readonly loss: number;
  /** Fraction of slots whose most likely value is the right one. */
  readonly token_accuracy: number;
  readonly learning_rate: number;
  readonly grad_norm: number;
}

/** Trains in place; yields after every step so that the caller can write, and stop. */
export function* trainSft(
  policy: LoginPolicy,
  episodes: readonly Episode[],
  screens: ScreenStore,
  config: SftConfig,
  rng: Rng,
): Generator<SftMetrics> {
  const optimizer = new Adam(policy.trainable);
  const examples = episodes.flatMap((episode) => episode.targets.map((_, step) => ({ episode, step })));
  let queue: number[] = [];
  for (let step = 1; step <= config.steps; step++) {
    if (queue.length < config.batchSize) queue = [...queue, ...shuffledRange(examples.length, rng)];
    const batch = queue.splice(0, config.batchSize).flatMap((i) => examples[i] ?? []);
    let slotCount = 0;
    let correct = 0;
    let loss = 0;
    for (const example of batch) {
      const activations = policy.forward(screens.input(example.episode, example.step));
      const target = targetAt(example.episode, example.step);
      const choice = policy.choiceFor(STEP_FORMS[example.step] ?? 0, target);
      const gradients = policy.newGradients();
      for (const slot of policy.slots(activations, choice)) {
        const logProbs = logSoftmax(slot.logits);
        loss -= logProbs[slot.chosen]!;
        correct += argmax(slot.logits) === slot.chosen ? 1 : 0;
        slotCount += 1;
        policy.addLogProbGradient(gradients, choice, slot, logProbs, -1 / batch.length);
      }
      policy.backward(activations, gradients);
    }
    const learningRate = config.lr * warmup(step, config.warmupSteps);
    const gradNorm = optimizer.update(learningRate, config.maxGradNorm);
    yield {
      step,
      loss: loss / slotCount,
      token_accuracy: correct / slotCount,
      learning_rate: learningRate,
      grad_norm: gradNorm,
    };
  }
}

/** Linear from almost nothing to 1 over the first steps, then constant. */
export function warmup(step: number, warmupSteps: number): number {
  return Math.min(1, step / Math.max(1, warmupSteps));
}
