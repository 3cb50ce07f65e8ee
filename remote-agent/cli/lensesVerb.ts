// lenses: all rollouts of a run, a folder or a file judged again: rates, who agrees with whom, and the strict-lenient gap by step.
import { wrongUsage } from "../../core/base/errors";
import { readOptions } from "../../core/lenses/registry";
import { recorded, type LensFile } from "../../core/protocol/lenses";
import { LensQueries, type LensQuestion } from "../index/lensQuery";
import { parseWhere } from "../index/rolloutQuery";
import type { Target } from "../index/target";
import { lensChoices, lensNamed } from "../judge/lensChoice";
import { LensJudge } from "../judge/lensJudge";
import { formatNumber, parse, printJson, printLine, printTable, type Verb } from "./io";
import { requireSources, withTarget } from "./openTarget";

/** An answer comes at least this often, to see how far it is. */
const SLICE_SECONDS = 5;

export const lenses: Verb = {
  name: "lenses",
  usage:
    "PATH [--lens ID ...] [--opt [ID.]key=value ...] [--where EXPR] [--mark REWARD] [--gap STRICT,LENIENT] [--seconds N] [--json]",
  summary: "rollouts judged again: rates, agreement, strict-lenient gap by step",
  async run(args) {
    const text = { type: "string" } as const;
    const many = { type: "string", multiple: true } as const;
    const options = parse(
      lenses,
      args,
      { lens: many, opt: many, where: text, mark: text, gap: text, seconds: text, json: { type: "boolean" } },
      { min: 1, max: 1 },
    );
    const [spec = ""] = options.positionals;
    const ids = options.texts("lens").flatMap((list) => list.split(","));
    const where = options.text("where");
    if (where !== undefined) parseWhere(where);
    const mark = options.text("mark");
    if (mark !== undefined && (mark.trim() === "" || !Number.isFinite(Number(mark))))
      throw wrongUsage("--mark takes a number: a recorded reward above it is a pass.");
    const byLens = optionsByLens(ids, options.texts("opt"));
    lensChoices(ids, byLens);
    const seconds = options.text("seconds") === undefined ? Infinity : options.count("seconds", 1);
    const question = {
      ...(ids.length === 0 ? {} : { lenses: ids }),
      options: byLens,
      ...(where === undefined ? {} : { where }),
      ...(mark === undefined ? {} : { mark: Number(mark) }),
    };
    return withTarget(spec, async (target) => {
      requireSources(target, spec);
      const found = await judged(target, question, seconds);
      const gap = gapOf(options.text("gap"), found);
      if (options.flag("json")) printJson({ ...found, gap, gaps: gap ? gapsOf(found, gap) : [] });
      else print(found, gap);
      return 0;
    });
  },
};

async function judged(target: Target, question: Omit<LensQuestion, "seconds">, seconds: number): Promise<LensFile> {
  const judge = new LensJudge();
  const queries = new LensQueries(judge);
  const { signal } = new AbortController();
  try {
    for (let left = seconds; ; left -= SLICE_SECONDS) {
      const found = await queries.file(target, { ...question, seconds: Math.min(left, SLICE_SECONDS) }, signal);
      if (!found.more || left <= SLICE_SECONDS) return found;
      if (process.stderr.isTTY)
        process.stderr.write(`\r${String(found.looked)} of ${String(found.rollouts)} rollouts `);
    }
  } finally {
    judge.dispose();
  }
}

/** `ID.key=value` for one lens, `key=value` for every chosen one that has such an option. */
function optionsByLens(ids: readonly string[], texts: readonly string[]): Record<string, Record<string, string>> {
  const found: Record<string, Record<string, string>> = {};
  for (const text of texts) {
    const [, own = "", rest = ""] = /^([a-z0-9-]+)\.(.*)$/s.exec(text) ?? [];
    const of = ids.includes(own) ? [own] : ids;
    const read = of.map((id) => ({ id, ...readOptions(lensNamed(id), [ids.includes(own) ? rest : text]) }));
    const taken = read.filter(({ problem }) => problem === null);
    if (taken.length === 0) throw wrongUsage(read[0]?.problem ?? `--opt ${text} is for a lens: name it with --lens.`);
    for (const { id, options } of taken) found[id] = { ...found[id], ...options };
  }
  return found;
}

type Gap = NonNullable<LensFile["gap"]>;

function gapOf(text: string | undefined, { columns, gap }: LensFile): Gap | null {
  if (text === undefined) return gap;
  const [strict = "", lenient = "", ...more] = text.split(",");
  if (columns.includes(strict) && columns.includes(lenient) && more.length === 0) return { strict, lenient };
  throw wrongUsage(`--gap takes two of ${columns.join(", ")}, the strict one first.`);
}

interface GapAt {
  step: number;
  n: number;
  strict: number | null;
  lenient: number | null;
  gap: number | null;
}

function gapsOf({ columns, steps }: LensFile, gap: Gap): GapAt[] {
  const [a, b] = [columns.indexOf(gap.strict), columns.indexOf(gap.lenient)];
  return steps.map(({ step, pass, n }) => {
    const rate = (at: number): number | null => ((n[at] ?? 0) === 0 ? null : (pass[at] ?? 0) / (n[at] ?? 1));
    const [strict, lenient] = [rate(a), rate(b)];
    const apart = strict === null || lenient === null ? null : lenient - strict;
    return { step, n: Math.min(n[a] ?? 0, n[b] ?? 0), strict, lenient, gap: apart };
  });
}

function print(found: LensFile, gap: Gap | null): void {
  if (found.columns.every((column) => column === recorded)) {
    printLine(`${String(found.rollouts)} rollouts, and none of those looked at has a reference to judge against.`);
    printLine("Lenses that need none: --lens json-valid, --lens xml-valid, --lens regex --opt pattern=...");
    return;
  }
  printTable(
    ["LENS", "PASS", "95 %", "N", "FAIL", "NONE"],
    found.rates.map((r) => [
      r.column,
      r.rate === null ? "-" : formatNumber(r.rate),
      r.low === null || r.high === null ? "" : `${formatNumber(r.low)}..${formatNumber(r.high)}`,
      String(r.n),
      String(r.fail),
      String(r.none),
    ]),
    [1, 3, 4, 5],
  );
  if (found.pairs.length > 0) {
    printLine("");
    printTable(
      ["A", "B", "AGREE", "ONLY A PASSES", "ONLY B PASSES", "N"],
      found.pairs.map((p) => [
        p.a,
        p.b,
        p.n === 0 ? "-" : formatNumber(1 - (p.onlyA + p.onlyB) / p.n),
        String(p.onlyA),
        String(p.onlyB),
        String(p.n),
      ]),
      [2, 3, 4, 5],
    );
  }
  if (gap && found.steps.length > 0) {
    printLine("");
    printTable(
      ["STEP", gap.strict, gap.lenient, "GAP", "N"],
      gapsOf(found, gap).map((g) => [...[g.step, g.strict, g.lenient, g.gap].map(formatNumber), String(g.n)]),
      [0, 1, 2, 3, 4],
    );
  }
  printLine("");
  printLine(closing(found));
}

function closing(found: LensFile): string {
  const { looked, rollouts, samples, withoutReference, mark, note } = found;
  return [
    found.complete
      ? `${String(samples)} samples of ${String(rollouts)} rollouts`
      : `${String(samples)} samples of ${String(looked)} of ${String(rollouts)} rollouts, spread evenly`,
    ...(withoutReference > 0 ? [`${String(withoutReference)} without a reference`] : []),
    ...(mark === null ? [] : [`${recorded}: a reward above ${formatNumber(mark)} is a pass`]),
    ...(note === null ? [] : [note]),
  ].join("; ");
}
