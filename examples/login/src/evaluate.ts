// Teacher-forced evaluation: at every step of every fresh episode the policy sees the true screen and writes one text.

import { parseOutput } from "./dsl";
import type { Episode } from "./episode";
import { writeText } from "./forms";
import { computeMetrics, coordError } from "./metrics";
import type { EvalMetrics, EvaluatedStep } from "./metrics";
import type { LoginPolicy } from "./policy";
import { SYSTEM_PROMPT, userPrompt } from "./prompt";
import type { Rng } from "./rng";
import type { ScreenStore } from "./screenStore";

interface LoggedAction {
  readonly type: string;
  readonly x: number | null;
  readonly y: number | null;
  readonly text: string | null;
  readonly element_index: number | null;
}

/** One line of `samples_*.jsonl`. */
export interface EvalSample {
  readonly episode_id: string;
  readonly step_index: number;
  readonly goal: string;
  readonly system_prompt: string;
  readonly user_prompt: string;
  readonly model_output_raw: string;
  readonly pred_action: LoggedAction;
  readonly ground_truth_action: LoggedAction;
  readonly correct_type: boolean;
  readonly coord_error_norm: number | null;
  readonly element_match: boolean | null;
}

export interface Evaluation {
  readonly metrics: EvalMetrics;
  readonly samples: readonly EvalSample[];
}

export function evaluatePolicy(
  policy: LoginPolicy,
  episodes: readonly Episode[],
  screens: ScreenStore,
  temperature: number,
  rng: Rng,
): Evaluation {
  const samples: EvalSample[] = [];
  const evaluated = episodes.map((episode) =>
    episode.targets.map((target, step): EvaluatedStep => {
      const activations = policy.forward(screens.input(episode, step));
      const choice = policy.choose(activations, temperature, rng);
      const output = writeText(choice.form, episode, policy.coordinates(choice), rng);
      const { action, state } = parseOutput(output);
      const result: EvaluatedStep = { predicted: action, state, expected: target };
      samples.push({
        episode_id: episode.id,
        step_index: step,
        goal: episode.goal,
        system_prompt: SYSTEM_PROMPT,
        user_prompt: userPrompt(episode, step),
        model_output_raw: output,
        pred_action: {
          type: action.type,
          x: action.x,
          y: action.y,
          text: action.text,
          element_index: action.elementIndex,
        },
        ground_truth_action: { type: target.type, x: target.x, y: target.y, text: target.text, element_index: null },
        correct_type: action.type === target.type,
        coord_error_norm: coordError(result),
        element_match: null,
      });
      return result;
    }),
  );
  return { metrics: computeMetrics(evaluated), samples };
}
