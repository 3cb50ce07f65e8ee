// GE-Lab's interactive evaluation: pass@1 and pass@k over tasks and by path length (Path@k), from how every attempt ended.
import { isFields, numberOf, textOf, type Fields } from "../../base/json";
import { rate } from "../evalMetric";
import { groupBy, scorer, setOf, tableOf } from "../scorer";

interface Task {
  id: string;
  /** In clicks, along the shortest way. */
  path: string;
  /** By attempt. */
  successes: boolean[];
  attempts: number;
}

function tasksOf(record: unknown): Task[] {
  if (!isFields(record) || !Array.isArray(record.results)) return [];
  const attempts = numberOf(isFields(record.config) ? record.config.num_attempts : null) ?? 1;
  return record.results.filter(isFields).map((task) => ({
    id: `${textOf(task.source) ?? ""} ${textOf(task.target) ?? ""}`,
    path: String(numberOf(task.path_length)),
    successes: successesOf(task),
    attempts,
  }));
}

/** Success is to stand on the target page at the end; of earlier attempts only the verdict is kept, of the last one the page. */
function successesOf(task: Fields): boolean[] {
  const told = (Array.isArray(task.successes) ? task.successes : []).map((one) => one === true);
  const [target, last] = [textOf(task.target), textOf(task.final_page)];
  if (target === null || last === null) return told;
  return [...told.slice(0, -1), last === target];
}

function metricsOf(name: string, tasks: readonly Task[]): ReturnType<typeof rate>[] {
  const share = (passed: (task: Task) => boolean): number => tasks.filter(passed).length / tasks.length;
  const [{ attempts } = { attempts: 1 }] = tasks;
  const first = rate(
    name,
    share(({ successes }) => successes[0] === true),
    tasks.length,
  );
  if (attempts < 2) return [first];
  return [
    first,
    rate(
      `${name} of ${String(attempts)}`,
      share(({ successes }) => successes.includes(true)),
      tasks.length,
    ),
  ];
}

export const gelabInteractive = scorer<Task>({
  id: "gelab-interactive",
  label: "GE-Lab's interactive evaluation",
  rule: "gelab-env eval/interactive_eval.py",
  readers: ["gelab-interactive"],
  recordedBy: ["gelab-interactive"],
  rowsOf: tasksOf,
  tables: (sources) =>
    sources.map((source) => {
      const paths = [...groupBy(source.rows, ({ path }) => path)].sort(([a], [b]) => Number(a) - Number(b));
      const metrics = [
        ...paths.flatMap(([path, tasks]) => metricsOf(`path@${path}`, tasks)),
        ...metricsOf("overall", source.rows),
      ];
      const set = setOf(source.rows.map(({ id }) => id));
      return tableOf(source, metrics, { benchmark: "interactive", set, episodes: source.rows.length });
    }),
});
