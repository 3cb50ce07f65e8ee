// What files say beside what the rows behind them give: pairs recorded tables with computed ones and says where they differ.
import { fromWire } from "../model/number";
import type { EvalMetric, EvalTable, Recomputed } from "../model/evaluation";
import { scorerById } from "./registry";

export interface RecordedTable extends EvalTable {
  /** Id of the reader of its source. */
  reader: string;
}

/**
 * Recorded tables, each metric with what every rule makes of its rows, then what was computed and is recorded nowhere. Tables are
 * of one file of rows and one of results: see `nearestPairs`.
 */
export function besides(recorded: readonly RecordedTable[], computed: readonly EvalTable[]): EvalTable[] {
  const pairs = pairsOf(recorded, computed);
  const used = new Set<EvalMetric>();
  const told = recorded.map(({ reader: _reader, ...table }) => {
    const own = computed.filter((c) => pairs.has(pairKey(c, table.source)) && sameGroup(c, table));
    const metrics = table.metrics.map((metric) => {
      const found = own.flatMap((c) => {
        const made = c.metrics.find((m) => m.name === metric.name);
        if (!made) return [];
        used.add(made);
        return [recomputedOf(metric, made, c)];
      });
      return found.length > 0 ? { ...metric, recomputed: found } : metric;
    });
    const set = own.find((c) => c.set !== undefined)?.set;
    return { ...table, ...(set === undefined ? {} : { set }), metrics };
  });
  const alone = computed
    .map((table) => ({ ...table, metrics: table.metrics.filter((metric) => !used.has(metric)) }))
    .filter(({ metrics }) => metrics.length > 0);
  return [...told, ...alone];
}

const sameGroup = (a: EvalTable, b: EvalTable): boolean => a.by?.key === b.by?.key && a.by?.group === b.by?.group;
const pairKey = (computed: EvalTable, recordedIn: string): string =>
  `${computed.scorer ?? ""}\n${computed.source}\n${recordedIn}`;

/** Of every scorer: which of its row files belongs to which file of recorded numbers. */
function pairsOf(recorded: readonly RecordedTable[], computed: readonly EvalTable[]): Set<string> {
  const pairs = new Set<string>();
  for (const id of new Set(computed.flatMap(({ scorer }) => scorer ?? []))) {
    const { recordedBy = [], belongs } = scorerById(id) ?? {};
    const rows = filesOf(computed.filter(({ scorer }) => scorer === id));
    const results = filesOf(recorded.filter(({ reader }) => recordedBy.includes(reader)));
    const named = belongs
      ? rows.flatMap(({ path }) => results.filter((to) => belongs(path, to.path)).map((to) => [path, to.path] as const))
      : [];
    const found = named.length > 0 ? named : nearestPairs(rows, results);
    for (const [from, to] of found) pairs.add(`${id}\n${from}\n${to}`);
  }
  return pairs;
}

/** A file of rows or of results, and what its name says of the policy. */
export interface ScoredFile {
  path: string;
  label: string;
}

const filesOf = (tables: readonly EvalTable[]): ScoredFile[] => [
  ...new Map(tables.map(({ source, label }) => [source, { path: source, label }])).values(),
];

/**
 * A file is its own pair. Otherwise files of one folder belong together: the one of each kind that is there, or, of several, those of
 * one policy, or whose names share the longest beginning, as `samples_ft.jsonl` and `eval_ft.json`. One and one alone in a target
 * belong together wherever they lie. Where two are equally near, nothing is said.
 */
export function nearestPairs(rows: readonly ScoredFile[], results: readonly ScoredFile[]): [string, string][] {
  const [onlyRows, onlyResults] = [rows[0], results[0]];
  if (rows.length === 1 && results.length === 1 && onlyRows && onlyResults) return [[onlyRows.path, onlyResults.path]];
  return rows.flatMap((from): [string, string][] => {
    if (results.some(({ path }) => path === from.path)) return [[from.path, from.path]];
    const to = nearest(from, results);
    return to && nearest(to, rows)?.path === from.path ? [[from.path, to.path]] : [];
  });
}

/** More than any two names share. */
const SAME_POLICY = 1000;

function nearest(file: ScoredFile, among: readonly ScoredFile[]): ScoredFile | null {
  const near = ({ path, label }: ScoredFile): number =>
    sharedStart(nameOf(file.path), nameOf(path)) + (label === file.label ? SAME_POLICY : 0);
  const ranked = among
    .filter(({ path }) => folderOf(path) === folderOf(file.path))
    .map((other) => ({ other, near: near(other) }))
    .sort((a, b) => b.near - a.near);
  const [first, second] = ranked;
  return first && (!second || first.near > second.near) ? first.other : null;
}

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf("/") + 1);
/** Without the word for what is in it: `samples_ft.jsonl` lies beside `eval_ft.json`, `samples_pears_<date>` beside `results_<date>`. */
const nameOf = (path: string): string =>
  path.slice(path.lastIndexOf("/") + 1).replace(/^(eval|samples|results|predictions|summary)[_.-]/, "");

function sharedStart(a: string, b: string): number {
  let at = 0;
  while (at < a.length && at < b.length && a[at] === b[at]) at++;
  return at;
}

function recomputedOf(recorded: EvalMetric, { value, n, low, high }: EvalMetric, table: EvalTable): Recomputed {
  const scorer = table.scorer ?? "";
  const difference = agrees(recorded, { value, n }) ? null : sentence(recorded, { value, n }, table);
  return { scorer, value, n, low, high, difference };
}

/** Equal values, a rounded one included, and equal n where the file says one. */
function agrees(recorded: EvalMetric, own: Pick<EvalMetric, "value" | "n">): boolean {
  if (recorded.n !== null && own.n !== null && recorded.n !== own.n) return false;
  const [a, b] = [fromWire(recorded.value), fromWire(own.value)];
  if (a === null || b === null || Number.isNaN(a) || Number.isNaN(b)) return Object.is(a, b);
  return a === b || Math.abs(a - b) <= Math.max(1e-12 * Math.abs(b), roundingOf(a));
}

/** Half of the last place of a number that was written with three or more: fewer may be exact, 0.5 is. */
function roundingOf(value: number): number {
  const places = /\.(\d+)$/.exec(String(value))?.[1]?.length ?? 0;
  return places >= 3 ? 0.5 * 10 ** -places + 1e-12 : 0;
}

const worded = (value: EvalMetric["value"], n: number | null): string => {
  const text = typeof value === "number" ? String(Number(value.toPrecision(6))) : (value ?? "no value");
  return `${text} (${n === null ? "n unknown" : `n=${String(n)}`})`;
};

function sentence(recorded: EvalMetric, own: Pick<EvalMetric, "value" | "n">, table: EvalTable): string {
  const rule = scorerById(table.scorer ?? "")?.label ?? "The rule";
  const said = worded(recorded.value, recorded.n);
  return `${rule} gives ${worded(own.value, own.n)} for ${recorded.name} from ${table.source}; the file says ${said}.`;
}

/** The differences of tables: metrics that a rule was applied to and that none of the rules gives. */
export function differences(tables: readonly EvalTable[]): { source: string; message: string }[] {
  return tables.flatMap(({ source, metrics }) =>
    metrics.flatMap(({ recomputed = [] }) => {
      const first = recomputed[0]?.difference;
      return first === undefined || first === null || recomputed.some(({ difference }) => difference === null)
        ? []
        : [{ source, message: first }];
    }),
  );
}
