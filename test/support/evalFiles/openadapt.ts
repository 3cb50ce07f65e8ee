// What OpenAdapt's eval_policy leaves (formats/gui-and-trainers.md 1.5, 1.9, 1.11): eval_<name>.json, and samples_<name>.jsonl of its steps.
import { join } from "node:path";
import { indented, jsonLines, spread, write } from "./counts";

export interface LoginEvaluation {
  name: string;
  episodes: number;
  /** Clicks whose type and point were read, of three an episode. */
  clicks: number;
  /** How many of them are nearer than 0.05. */
  hits: number;
  /** Mean distance of those clicks in unit coordinates. */
  error: number;
  /** Episodes whose last step is rightly DONE. */
  done: number;
}

/** Seven steps: those of the first vintage, which begins with a wait. */
const steps = ["wait", "click", "type", "click", "type", "click", "done"] as const;
const HIT = 0.05;

interface Action {
  type: string;
  x: number | null;
  y: number | null;
  text: string | null;
}

const action = (type: string, x: number | null = null, text: string | null = null): Action => ({
  type,
  x,
  y: x === null ? null : 0.4,
  text,
});

/** Distances of hits and misses whose mean is `error`: misses take what hits leave. */
function distances({ clicks, hits, error }: LoginEvaluation): number[] {
  const near = hits === clicks ? error : Math.min(error / 2, HIT / 2);
  const far = (error * clicks - near * hits) / (clicks - hits);
  if (hits < clicks && far < HIT) throw new Error("a miss would be a hit");
  return spread(clicks, hits).map((hit) => (hit ? near : far));
}

/** Writes both files below `folder`, the first with what the second gives. */
export function writeLoginEvaluation(folder: string, evaluation: LoginEvaluation): void {
  const { name, episodes, clicks, done } = evaluation;
  const away = distances(evaluation);
  const read = spread(episodes * 3, clicks);
  const ends = spread(episodes, done);
  let click = 0;
  let nth = 0;
  const rows = Array.from({ length: episodes }, (_, e) =>
    steps.map((type, at) => {
      const truth = action(type, type === "click" ? 0.46 : null, type === "type" ? "pears" : null);
      let pred = action("failed");
      let distance: number | null = null;
      if (type === "click" && read[nth++]) {
        distance = away[click++] ?? NaN;
        pred = action("click", 0.46 + distance);
      } else if (type === "done" && ends[e]) pred = action("done");
      return {
        episode_id: `episode_${String(e).padStart(4, "0")}_login`,
        step_index: at,
        goal: "Log in with username 'pear' and password 'plum'",
        system_prompt: "You are a GUI agent.",
        user_prompt: "Goal: Log in",
        model_output_raw: pred.type === "failed" ? "I would look for the orchard first." : null,
        pred_action: pred,
        ground_truth_action: truth,
        correct_type: pred.type === truth.type,
        coord_error_norm: distance,
      };
    }),
  );
  const all = rows.flat();
  const errors = all.flatMap((row) => row.coord_error_norm ?? []);
  const mean = (values: readonly number[]): number | null =>
    values.length > 0 ? values.reduce((a, b) => a + b, 0) / values.length : null;
  const metrics = {
    num_episodes: episodes,
    num_steps: all.length,
    action_type_accuracy: all.filter((row) => row.correct_type).length / all.length,
    mean_coord_error: mean(errors),
    coord_error_count: errors.length,
    episode_success_rate: rows.filter((episode) => episode.every((row) => row.correct_type)).length / episodes,
    click_hit_rate: mean(errors.map((error) => (error < HIT ? 1 : 0))),
  };
  const head = { config_path: "configs/pear_login.yaml", backend: "pear" };
  write(join(folder, `eval_${name}.json`), indented({ ...head, metrics }));
  write(join(folder, `samples_${name}.jsonl`), jsonLines(all));
}
