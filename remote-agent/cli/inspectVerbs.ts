// inspect, series, rollouts, episodes: what is inside a run, a folder or a file.
import { toWire } from "../../core/model/number";
import { RunsideError, wrongUsage } from "../../core/base/errors";
import { rolloutSortKeys } from "../../core/protocol/rollouts";
import type { IndexedSeries } from "../index/mergedSeries";
import { episodeCount, episodePage } from "../index/episodeQuery";
import { parseWhere, rolloutPage, type SortKey } from "../index/rolloutQuery";
import { readSeries } from "../index/seriesQuery";
import { formatNumber, parse, printJson, printLine, printTable, type Verb } from "./io";
import { requireSources, withTarget } from "./openTarget";

/** A run that saves often has hundreds; all are in the view. */
const MOST_CHECKPOINTS = 20;
const json = { json: { type: "boolean" } } as const;

interface Curve {
  name: string;
  raw: string;
  count: number;
  last: number | string | null;
  /** Where the name alone does not say which curve it is, or more than one file holds it. */
  source?: string;
  alsoIn?: readonly string[];
}

function curves(series: readonly IndexedSeries[]): Curve[] {
  const names = series.map((s) => s.name);
  const twins = new Set(names.filter((name, at) => names.indexOf(name) !== at));
  return series.map(({ name, raw, columns, source, alsoIn }) => ({
    ...{ name, raw, count: columns.values.length, last: toWire(columns.values.last) },
    ...(alsoIn.length > 0 || twins.has(name) ? { source: source.path } : {}),
    ...(alsoIn.length > 0 ? { alsoIn } : {}),
  }));
}

export const inspect: Verb = {
  name: "inspect",
  usage: "PATH [--json]",
  summary: "what is there: sources, curves, rollouts, episodes, evals, checkpoints, problems",
  async run(args) {
    const options = parse(inspect, args, json, { min: 1, max: 1 });
    return withTarget(options.positionals[0] ?? "", (target) => {
      const { index } = target;
      const found = {
        sources: index.sources.map((s) => ({ path: s.path, reader: s.reader.id, confidence: s.confidence })),
        series: curves(index.series()),
        rollouts: index.rolloutCount(),
        episodes: episodeCount(target),
        evals: index.evaluations().length,
        checkpoints: index.checkpoints.length,
        diagnostics: [...index.diagnostics(), ...index.unknown()],
      };
      if (options.flag("json")) {
        printJson(found);
        return 0;
      }
      if (found.sources.length === 0) printLine("Nothing here that Runside can read.");
      else
        printTable(
          ["SOURCE", "READER", "SURE"],
          found.sources.map((s) => [s.path, s.reader, s.confidence.toFixed(2)]),
        );
      if (found.series.length > 0) {
        printLine("");
        const rows = found.series.map((s) => [
          ...[s.name, s.raw, String(s.count), formatNumber(s.last)],
          [s.source ?? "", ...(s.alsoIn ? [`(also in ${s.alsoIn.join(", ")})`] : [])].join(" "),
        ]);
        printTable(["SERIES", "RAW NAME", "POINTS", "LAST", "SOURCE"], rows, [2, 3]);
      }
      printLine("");
      printLine(
        `${found.rollouts} rollouts · ${found.episodes} episodes · ${found.evals} evals · ${found.checkpoints} checkpoints`,
      );
      for (const { path, step, base } of index.checkpoints.slice(0, MOST_CHECKPOINTS))
        printLine(
          `checkpoint ${path}${step === null ? "" : ` (step ${String(step)})`}${base ? `, adapter of ${base}` : ""}`,
        );
      for (const d of found.diagnostics) {
        printLine(
          `${d.severity}: ${d.path}${d.line === null ? "" : `:${d.line}`}: ${d.message}${d.count > 1 ? ` (${d.count} times)` : ""}`,
        );
      }
      return 0;
    });
  },
};

export const series: Verb = {
  name: "series",
  usage: "PATH NAME... [--points N] [--json]",
  summary: "points of curves, thinned to N with extremes kept",
  async run(args) {
    const options = parse(series, args, { ...json, points: { type: "string" } }, { min: 2, max: 100 });
    const [spec = "", ...names] = options.positionals;
    const points = options.count("points", 1_000_000);
    return withTarget(spec, (target) => {
      requireSources(target, spec);
      const found = readSeries(target, { names, points });
      if (found.length === 0) {
        const have = [...new Set(target.index.series().map((s) => s.name))].join(", ");
        throw new RunsideError(
          "trace/not-found",
          `No curve is called ${names.join(" or ")}; there are: ${have || "none"}.`,
        );
      }
      if (options.flag("json")) {
        printJson(found.map(({ key: _key, axis: _axis, ...one }) => one));
        return 0;
      }
      for (const one of found) {
        printTable(
          [one.axis, one.raw],
          one.steps.map((step, i) => [formatNumber(step), formatNumber(one.values[i] ?? null)]),
          [0, 1],
        );
      }
      return 0;
    });
  },
};

export const rollouts: Verb = {
  name: "rollouts",
  usage: "PATH [--where EXPR] [--sort KEY] [--limit N] [--text RE] [--json]",
  summary: "rollout groups; EXPR like 'step = 12 and reward < 0.5', 'label = val', or of a part of the reward",
  async run(args) {
    const strings = {
      where: { type: "string" },
      sort: { type: "string" },
      limit: { type: "string" },
      text: { type: "string" },
    } as const;
    const options = parse(rollouts, args, { ...json, ...strings }, { min: 1, max: 1 });
    const sort = options.text("sort") ?? "newest";
    if (!(rolloutSortKeys as readonly string[]).includes(sort))
      throw wrongUsage(`--sort is one of ${rolloutSortKeys.join(", ")}.`);
    const [spec = ""] = options.positionals;
    const where = options.text("where");
    const text = options.text("text");
    const question = {
      offset: 0,
      limit: options.count("limit", 20),
      sort: sort as SortKey,
      ...(where === undefined ? {} : { where }),
      ...(text === undefined ? {} : { text }),
    };
    if (where !== undefined) parseWhere(where, []);
    return withTarget(spec, async (target) => {
      requireSources(target, spec);
      const page = await rolloutPage(target, question);
      if (options.flag("json")) {
        printJson({ total: page.total, rows: page.rows, ...(page.note ? { note: page.note } : {}) });
        return 0;
      }
      const labelled = page.rows.some((r) => r.label !== undefined);
      const rows = page.rows.map((r) => [
        ...(labelled ? [r.label ?? ""] : []),
        formatNumber(r.step ?? r.version),
        String(r.samples),
        formatNumber(r.rewardMean),
        `${formatNumber(r.rewardMin)}..${formatNumber(r.rewardMax)}`,
        r.promptId ?? "",
        r.preview.slice(0, 60),
      ]);
      const axis = page.rows[0]?.step === null && page.rows[0].version !== null ? "VERSION" : "STEP";
      const head = [axis, "N", "REWARD", "RANGE", "PROMPT", "FIRST SAMPLE"];
      printTable(labelled ? ["OF", ...head] : head, rows, labelled ? [1, 2, 3] : [0, 1, 2]);
      printLine(`${page.rows.length} of ${page.total}${page.note ? `; ${page.note}` : ""}`);
      return 0;
    });
  },
};

export const episodes: Verb = {
  name: "episodes",
  usage: "PATH [--limit N] [--json]",
  summary: "trajectories, with how many steps were right",
  async run(args) {
    const options = parse(episodes, args, { ...json, limit: { type: "string" } }, { min: 1, max: 1 });
    const [spec = ""] = options.positionals;
    const limit = options.count("limit", 1000);
    return withTarget(spec, async (target) => {
      requireSources(target, spec);
      const page = await episodePage(target, 0, limit);
      if (options.flag("json")) {
        printJson(page);
        return 0;
      }
      const rows = page.rows.map((e) => [
        e.label,
        e.episodeId,
        String(e.steps),
        e.typeMatches === null ? "-" : `${e.typeMatches}/${e.steps}`,
        e.clickHits === null ? "-" : `${e.clickHits}/${e.clicks ?? 0}`,
        e.success !== null ? (e.success ? "yes" : "no") : e.typeMatches === null ? "recorded" : "-",
        e.goal.slice(0, 60),
      ]);
      printTable(["BY", "EPISODE", "STEPS", "TYPES", "HITS", "SUCCESS", "GOAL"], rows, [2, 3, 4]);
      return 0;
    });
  },
};
