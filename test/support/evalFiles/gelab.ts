// What GE-Lab's interactive evaluation leaves (interactive_eval.py; formats/gui-and-trainers.md 2.7): one JSON with the rates in percent.
import { join } from "node:path";
import { indented, spread, write } from "./counts";

export interface PathTasks {
  /** Shortest path in clicks. */
  path: number;
  tasks: number;
  reached: number;
}

const MOST_STEPS = 12;

/** A click that the environment carries out; a miss stays where it is. */
const click = (step: number, page: string, to: string) => ({
  step,
  page,
  response: `Explain:click ${to === page ? "Figs_and_plums_17" : "home"} icon on ${page}.\tAction: click(start_box='(${String(160 + step)},160)')`,
  action_type: "click",
  coords: [160 + step, 160],
  click_result: to !== page,
  clicked_element: to === page ? null : "home",
  new_page: to,
});

function trajectoryOf(path: number, reached: boolean, nth: number): { final: string; steps: unknown[] } {
  const page = (at: number): string => `page_${String((nth * 7 + at) % 231)}`;
  if (reached) return { final: page(path), steps: walk(path, (i) => click(i + 1, page(i), page(i + 1))) };
  // A text that is cut off is the only step of its task.
  if (nth % 5 === 0)
    return {
      final: page(0),
      steps: [
        { step: 1, page: page(0), response: "Explain:click Figs_and_plums_1", action_type: "unknown", coords: null },
      ],
    };
  return { final: page(0), steps: walk(MOST_STEPS, (i) => click(i + 1, page(0), page(0))) };
}

const walk = <T>(steps: number, stepOf: (at: number) => T): T[] => Array.from({ length: steps }, (_, i) => stepOf(i));

const percentOf = (right: number, of: number): number => (right / of) * 100;

/** Writes `<name>.json` below `folder`: rates counted from the tasks, as the original counts them. */
export function writeInteractiveEvaluation(folder: string, name: string, paths: readonly PathTasks[]): void {
  const results = paths.flatMap(({ path, tasks, reached }) =>
    spread(tasks, reached).map((right, i) => {
      const { final, steps } = trajectoryOf(path, right, i + path * 1000);
      return {
        task_id: i,
        source: `page_${String(((i + path * 1000) * 7) % 231)}`,
        target: right ? final : `page_${String(((i + path * 1000) * 7 + path) % 231)}`,
        path_length: path,
        successes: [right],
        pass_at_1: right,
        pass_at_k: right,
        final_page: final,
        steps_taken: steps.length,
        trajectory: steps,
      };
    }),
  );
  const rates = (of: readonly { pass_at_1: boolean }[]) => {
    const pass = percentOf(of.filter(({ pass_at_1 }) => pass_at_1).length, of.length);
    return { pass_at_1: pass, pass_at_k: pass };
  };
  const metrics = Object.fromEntries(
    paths.map(({ path, tasks }) => [
      `path_${String(path)}`,
      { n_tasks: tasks, ...rates(results.filter(({ path_length }) => path_length === path)) },
    ]),
  );
  const config = {
    model_path: "checkpoint/orchard/sft/v0/checkpoint-2481",
    subtree_indices: [4],
    max_steps: MOST_STEPS,
    num_attempts: 1,
  };
  const overall = { total_tasks: results.length, ...rates(results) };
  // task_id counts over all paths.
  const numbered = results.map((result, task_id) => ({ ...result, task_id }));
  write(join(folder, `${name}.json`), indented({ config, metrics, overall, results: numbered }));
}
