// The contract of a scorer: the rule behind a number that people quote, applied again to the rows it came from. It takes the JSON
// records of a target's sources and gives evaluation tables; it opens nothing and throws nothing.
import type { EvalMetric, EvalTable } from "../model/evaluation";

/** Where a record stands: what a table can say about it beyond the record itself. */
export interface RecordPlace {
  /** Path within the target. */
  path: string;
  /** Id of the reader that the source was recognised by. */
  reader: string;
  /** What the source's name says of the policy: `base`, `sft`, ...; "" where nothing. */
  label: string;
  /** As its folder is named (`evals/<benchmark>/step20/`): for formats that keep a benchmark a folder. "" where nothing. */
  benchmark: string;
  /** From the path, where it says. */
  step: number | null;
}

/** One source's rows, in the file's order. */
export interface ScoredSource<Row> extends RecordPlace {
  rows: readonly Row[];
}

export interface ScorerDefinition<Row> {
  id: string;
  /** In a person's words: "OpenAdapt trajectory matching". */
  label: string;
  /** Where the rule comes from: a script, a paper. */
  rule: string;
  /** The readers whose records it scores. A record of a line format is a line, of a document the whole document. */
  readers: readonly string[];
  /** Readers whose records say what those lack, as boxes: taken too, and scored on their own by nobody. */
  joins?: readonly string[];
  /** The readers of files in which the same numbers may stand recorded, under the same metric names and `by`. */
  recordedBy: readonly string[];
  /** Whether a file of rows and one of results are of one evaluation, for formats whose names say it; else the nearest are. */
  belongs?: (rows: string, results: string) => boolean;
  /** What counts of a record, as small as can be: all rows of a target are held at once. [] where it says nothing to this rule. */
  rowsOf: (record: unknown, place: RecordPlace) => readonly Row[];
  /** All sources at once, for rules that join files. Any number of tables, each with the `source` its rows are from. */
  tables: (sources: readonly ScoredSource<Row>[]) => readonly EvalTable[];
}

/** One pass over a target. Sources come one after the other, each with all its records. */
export interface Scoring {
  record(record: unknown, place: RecordPlace): void;
  /** Tables with numbers in them, each marked with the scorer's id. */
  tables(): EvalTable[];
}

export interface Scorer extends Omit<ScorerDefinition<never>, "rowsOf" | "tables"> {
  begin(): Scoring;
}

/** A definition with its row type closed over, so that scorers of different rows stand in one list. */
export function scorer<Row>(definition: ScorerDefinition<Row>): Scorer {
  const { rowsOf: _rowsOf, tables: _tables, ...about } = definition;
  const begin = (): Scoring => {
    const sources = new Map<string, ScoredSource<Row> & { rows: Row[] }>();
    return {
      record(record, place) {
        let held = sources.get(place.path);
        if (!held) sources.set(place.path, (held = { ...place, rows: [] }));
        for (const row of definition.rowsOf(record, place)) held.rows.push(row);
      },
      tables() {
        const scored = [...sources.values()].filter(({ rows }) => rows.length > 0);
        const tables = scored.length > 0 ? definition.tables(scored) : [];
        return tables.filter(({ metrics }) => metrics.length > 0).map((table) => ({ ...table, scorer: definition.id }));
      },
    };
  };
  return { ...about, begin };
}

/** A table about one source as a scorer begins it; what it knows better replaces the rest. */
export function tableOf(
  { path, label, step }: RecordPlace,
  metrics: EvalMetric[],
  more: Partial<EvalTable> = {},
): EvalTable {
  return {
    source: path,
    label: label || stem(path),
    backend: null,
    ...(step === null ? {} : { step }),
    episodes: null,
    steps: null,
    metrics,
    ...more,
  };
}

/** For formats that keep a folder a benchmark and one in it a step: what `tableOf` is to say of them. */
export function ofBenchmark({ label, benchmark, step }: RecordPlace): Partial<EvalTable> {
  if (!benchmark) return {};
  return { benchmark, label: label || [benchmark, ...(step === null ? [] : [`step ${String(step)}`])].join(" ") };
}

const stem = (path: string): string => path.slice(path.lastIndexOf("/") + 1).replace(/\.(jsonl|ndjson|json)$/i, "");

/** Rows by what `keyOf` gives, in order of first appearance; rows without a key are left out. */
export function groupBy<Row>(rows: readonly Row[], keyOf: (row: Row) => string | null): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = keyOf(row);
    if (key === null) continue;
    const held = groups.get(key);
    if (held) held.push(row);
    else groups.set(key, [row]);
  }
  return groups;
}

/** For `EvalTable.set`: the same ids in any order give the same text, others almost surely another (FNV-1a, summed; 64 bits). */
export function setOf(ids: Iterable<string>): string {
  let [sum, mixed, count] = [0, 0, 0];
  for (const id of ids) {
    const hash = fnv(id);
    sum = (sum + hash) >>> 0;
    mixed = (mixed + Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)) >>> 0;
    count++;
  }
  return `${String(count)}-${sum.toString(16)}${mixed.toString(16)}`;
}

function fnv(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
