// compare: runs side by side: the facts that differ, the last values of the curves they share, and their evaluations.
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { unlikeAmong } from "../../core/metrics/alike";
import { factNames, factValueWords, factWords, type RecordedFact } from "../../core/model/fact";
import type { EvalMetric, EvalTable } from "../../core/model/evaluation";
import { toWire, type WireNumber } from "../../core/model/number";
import { recogniseConfig } from "../../core/recipes/launch";
import { readTextOrNull } from "../disk/atomicFile";
import type { Target } from "../index/target";
import { scoredEvaluations } from "../index/scoreQuery";
import { metricWords } from "./evalsVerb";
import { formatNumber, parse, printJson, printLine, printTable, type Verb } from "./io";
import { withTarget } from "./openTarget";

interface LastPoint {
  value: WireNumber;
  step: WireNumber;
  /** How many points the curve has. */
  n: number;
}

interface Compared {
  run: string;
  title: string;
  facts: RecordedFact[];
  series: Record<string, LastPoint>;
  evals: EvalTable[];
}

/** One line of the comparison: a cell for each run, null where a run has nothing there. */
interface Row<T> {
  name: string;
  cells: (T | null)[];
}

export const compare: Verb = {
  name: "compare",
  usage: "PATH PATH... [--all] [--json]",
  summary: "runs or folders side by side: facts that differ, last values, evaluations with n; --all leaves nothing out",
  async run(args) {
    const options = parse(compare, args, { json: { type: "boolean" }, all: { type: "boolean" } }, { min: 2, max: 20 });
    const compared: Compared[] = [];
    for (const spec of options.positionals) compared.push(await withTarget(spec, read));
    const all = options.flag("all");
    const facts = factRows(compared).filter(({ cells }) => all || differ(cells));
    const series = seriesRows(compared).filter(({ cells }) => all || cells.filter((cell) => cell !== null).length > 1);
    const { rows: evals, unlike } = evalRows(compared);
    if (options.flag("json")) {
      printJson({ runs: compared.map(({ run, title }) => ({ run, title })), facts, series, evals, unlike });
      return 0;
    }
    const heads = headsOf(compared);
    section(["FACT", ...heads], facts, factValueWords, "No recorded fact differs.");
    section(["LAST VALUE", ...heads], series, lastWords, "They share no curve.");
    section(["EVAL", ...heads], evals, metricWords, "None of them has an evaluation.");
    unlike.forEach(printLine);
    return 0;
  },
};

/** Titles, made longer by the run where two runs have the same one. */
function headsOf(compared: readonly Compared[]): string[] {
  const ids = new Set(compared.map(({ run }) => basename(run)));
  return compared.map(({ run }) => (ids.size === compared.length ? basename(run) : run));
}

function section<T>(head: string[], rows: readonly Row<T>[], words: (cell: T) => string, none: string): void {
  if (head[0] !== "FACT") printLine("");
  if (rows.length === 0) printLine(none);
  else
    printTable(
      head,
      rows.map(({ name, cells }) => [name, ...cells.map((cell) => (cell === null ? "-" : words(cell)))]),
    );
}

const lastWords = ({ value, step, n }: LastPoint): string =>
  `${formatNumber(value)} at ${formatNumber(step)} (n=${String(n)})`;

async function read(target: Target): Promise<Compared> {
  const series: Record<string, LastPoint> = {};
  for (const { name, columns } of target.index.series()) {
    if (name in series || columns.values.length === 0) continue;
    series[name] = { value: toWire(columns.values.last), step: toWire(columns.steps.last), n: columns.values.length };
  }
  const evals = await scoredEvaluations(target);
  return { run: target.id, title: target.title, facts: factsOf(target), series, evals };
}

/** A run has them on record; a folder may hold the config that made it (RLVR copies its own there). */
function factsOf(target: Target): RecordedFact[] {
  const { manifest } = target;
  if (manifest) {
    const own = (name: string, value: string): RecordedFact => ({ name, key: null, value });
    const commit = manifest.git
      ? [own("commit", `${manifest.git.commit}${manifest.git.dirty ? " with changes" : ""}`)]
      : [];
    return [...manifest.facts, own("config", manifest.config.path), own("recipe", manifest.recipe), ...commit];
  }
  for (const path of ["config.yaml", "config.yml"]) {
    const text = readTextOrNull(join(target.id, path));
    if (text === null) continue;
    try {
      const exists = (at: string): boolean => existsSync(join(target.id, at));
      const { facts, recipe } = recogniseConfig({ path, text, exists });
      return [...facts, { name: "recipe", key: null, value: recipe.id }];
    } catch {
      // Some other program's config.
      return [];
    }
  }
  return [];
}

function factRows(compared: readonly Compared[]): Row<RecordedFact["value"]>[] {
  const seen = new Set([...factNames, ...compared.flatMap(({ facts }) => facts.map(({ name }) => name))]);
  return [...seen]
    .map((name) => ({
      name: factWords(name),
      cells: compared.map(({ facts }) => facts.find((fact) => fact.name === name)?.value ?? null),
    }))
    .filter(({ cells }) => cells.some((cell) => cell !== null));
}

const differ = (cells: readonly unknown[]): boolean => new Set(cells.map(String)).size > 1;

function seriesRows(compared: readonly Compared[]): Row<LastPoint>[] {
  const names = new Set(compared.flatMap(({ series }) => Object.keys(series)));
  return [...names].map((name) => ({ name, cells: compared.map(({ series }) => series[name] ?? null) }));
}

/**
 * The newest table of each benchmark, of whole sets alone; where one run has several of the same, their labels tell them
 * apart. `unlike` says which numbers stand side by side and are of other tasks or rows all the same.
 */
function evalRows(compared: readonly Compared[]): { rows: Row<EvalMetric>[]; unlike: string[] } {
  const wholes = compared.map(({ evals }) => evals.filter(({ by }) => by === undefined));
  const several = wholes.some((tables) => {
    const labels = new Map<string, Set<string>>();
    for (const { benchmark = "", label } of tables)
      labels.set(benchmark, (labels.get(benchmark) ?? new Set()).add(label));
    return [...labels.values()].some((each) => each.size > 1);
  });
  const keyOf = ({ benchmark, label, scorer }: EvalTable): string =>
    [benchmark, several || scorer !== undefined ? label : null].filter(Boolean).join(" ");
  const newest = wholes.map((all) => {
    const tables = new Map<string, EvalTable>();
    for (const table of all) {
      const held = tables.get(keyOf(table));
      if (!held || (table.step ?? -1) >= (held.step ?? -1)) tables.set(keyOf(table), table);
    }
    return tables;
  });
  const rows: Row<EvalMetric>[] = [];
  const unlike = new Set<string>();
  for (const key of new Set(newest.flatMap((tables) => [...tables.keys()]))) {
    const tables = newest.map((each) => each.get(key));
    const there = tables.filter((table) => table !== undefined);
    for (const name of new Set(there.flatMap(({ metrics }) => metrics.map((metric) => metric.name)))) {
      const cells = tables.map((table) => table?.metrics.find((metric) => metric.name === name) ?? null);
      rows.push({ name: [key, name].filter(Boolean).join(" "), cells });
      const why = unlikeAmong(there, name);
      if (why !== null) unlike.add(why.message);
    }
  }
  return { rows, unlike: [...unlike] };
}
