// Evaluation tables put together as people read them: what is of a whole set side by side, and the parts of one set below each other.
import type { EvalTable } from "../model/evaluation";

export interface GroupedTables {
  /** What was evaluated, where from, and by which key it was divided: "sft by path". */
  title: string;
  source: string;
  key: string;
  /** One a part, in the order they came. */
  tables: EvalTable[];
}

export interface EvalGroups {
  whole: EvalTable[];
  parts: GroupedTables[];
}

export function evalGroups(tables: readonly EvalTable[]): EvalGroups {
  const whole = tables.filter(({ by }) => !by);
  const parts = new Map<string, GroupedTables>();
  for (const table of tables) {
    if (!table.by) continue;
    const { by, source, label, benchmark = "", step, scorer = "" } = table;
    const place = [source, by.key, benchmark, String(step), scorer].join("\n");
    const held = parts.get(place);
    const same = held?.tables.findIndex((other) => other.by?.group === by.group) ?? -1;
    const before = held?.tables[same];
    // One part told in two pieces: its rows, and the tasks that they belong to.
    if (held && before) held.tables[same] = { ...before, metrics: [...before.metrics, ...table.metrics] };
    else if (held) held.tables.push(table);
    else {
      // A file that names its parts alone says nothing of what was evaluated.
      const what = label === by.group || label.startsWith(`${by.key} `) ? source.replace(/^.*\//, "") : label;
      parts.set(place, { title: `${what} by ${by.key}`, source, key: by.key, tables: [table] });
    }
  }
  return { whole, parts: [...parts.values()] };
}
