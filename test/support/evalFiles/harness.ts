// What lm-evaluation-harness leaves when eval_benchmarks.py runs it on a checkpoint (formats/gui-and-trainers.md 3.7): results, and
// optionally the samples behind them. The mathematics benchmarks are groups of seven tasks, whose n is in no place but theirs.
import { join } from "node:path";
import { indented, jsonLines, spread, write } from "./counts";

export interface HarnessRun {
  /** `orchard_step40`, `orchard-base`. */
  checkpoint: string;
  task: string;
  shots: number;
  n: number;
  /** How many of the n are right, by `metric,filter`. */
  right: Readonly<Record<string, number>>;
  samples?: boolean;
}

interface Task {
  name: string;
  /** Its documents among those of the run. */
  from: number;
  to: number;
}

const parts: readonly [string, number][] = [
  ["algebra", 1187],
  ["counting_and_prob", 474],
  ["geometry", 479],
  ["intermediate_algebra", 903],
  ["num_theory", 540],
  ["prealgebra", 871],
  ["precalc", 546],
];
const time = "2026-01-02T10-00-00.123456";

function tasksOf({ task, n }: HarnessRun): Task[] {
  if (!task.endsWith("_math")) return [{ name: task, from: 0, to: n }];
  let from = 0;
  return parts.map(([part, size]) => ({ name: `${task}_${part}`, from, to: (from += size) }));
}

type Verdicts = readonly (readonly [string, boolean[]])[];

function scoresOf(verdicts: Verdicts, { from, to }: Omit<Task, "name">): Record<string, number> {
  const scores: Record<string, number> = {};
  for (const [key, all] of verdicts) {
    const rate = all.slice(from, to).filter(Boolean).length / (to - from);
    scores[key] = rate;
    scores[key.replace(",", "_stderr,")] = Math.sqrt((rate * (1 - rate)) / (to - from - 1));
  }
  return scores;
}

/** Writes `<checkpoint>_<task>_<N>shot_<date>/<model>/results_<time>.json` below `folder`, and samples beside it where asked for. */
export function writeHarnessRun(folder: string, run: HarnessRun): void {
  const { checkpoint, task, shots, n } = run;
  const model = `/data/orchard/checkpoints/${checkpoint}`;
  const date = "20260102_100000";
  const at = join(folder, `${checkpoint}_${task}_${String(shots)}shot_${date}`, model.replaceAll("/", "__"));
  const verdicts = Object.entries(run.right).map(([key, right]) => [key, spread(n, right)] as const);
  const tasks = tasksOf(run);
  const isGroup = tasks.length > 1;
  const named = [...(isGroup ? [{ name: task, from: 0, to: n }] : []), ...tasks];
  const ofEach = <T>(of: readonly Task[], value: (task: Task) => T): Record<string, T> =>
    Object.fromEntries(of.map((one) => [one.name, value(one)]));
  const better = Object.fromEntries(verdicts.map(([key]) => [key.slice(0, key.indexOf(",")), true]));
  const document = {
    results: ofEach(named, (one) => ({ alias: one.name, ...scoresOf(verdicts, one) })),
    group_subtasks: { [task]: isGroup ? tasks.map(({ name }) => name) : [] },
    configs: ofEach(tasks, ({ name }) => ({ task: name, num_fewshot: shots })),
    versions: ofEach(tasks, () => 1),
    "n-shot": ofEach(tasks, () => shots),
    higher_is_better: ofEach(named, () => better),
    "n-samples": ofEach(tasks, ({ from, to }) => ({ original: to - from, effective: to - from })),
    config: { model: "vllm", model_args: `pretrained=${model},dtype=bfloat16`, limit: null, gen_kwargs: null },
    date: 1767340000.5,
    model_name: model,
    total_evaluation_time_seconds: "101.5",
  };
  write(join(at, `results_${time}.json`), indented(document));
  for (const one of run.samples ? tasks : [])
    write(join(at, `samples_${one.name}_${time}.jsonl`), jsonLines(samplesOf(one, verdicts)));
}

/** One row a document and filter. */
const samplesOf = ({ from, to }: Task, verdicts: Verdicts): unknown[] =>
  Array.from({ length: to - from }, (_, i) =>
    verdicts.map(([key, all]) => {
      const [metric = "", filter = ""] = key.split(",");
      return {
        doc_id: i,
        doc: { question: `How many pears are in basket ${String(i)}?` },
        target: "7",
        arguments: { gen_args_0: { arg_0: `Q: How many pears are in basket ${String(i)}?\nA:` } },
        resps: [["There are 7."]],
        filtered_resps: ["7"],
        filter,
        metrics: [metric],
        [metric]: all[from + i] ? 1 : 0,
      };
    }),
  ).flat();
