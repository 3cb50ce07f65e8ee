// pass@k over verified groups of completions, by either of the two estimators that are in use: which one a summary was made with is
// told by which of them gives its numbers.
import { isFields } from "../../base/json";
import type { EvalMetric } from "../../model/evaluation";
import { measure, rate } from "../evalMetric";
import { anyOfFirst, passAtK } from "../passAtK";
import { shardOfPath } from "../shards";
import { groupBy, ofBenchmark, scorer, setOf, tableOf, type ScoredSource, type Scorer } from "../scorer";
import { verifiedGroup, type VerifiedGroup } from "../verifiedRow";

/** 1, 2, 4, ... and the largest k that every prompt has completions for. */
function ksOf(groups: readonly VerifiedGroup[]): number[] {
  const most = groups.reduce((least, { completions }) => Math.min(least, completions), Infinity);
  const ks: number[] = [];
  for (let k = 1; k < most; k *= 2) ks.push(k);
  return [...ks, most];
}

function estimates(groups: readonly VerifiedGroup[], of: (group: VerifiedGroup, k: number) => number): EvalMetric[] {
  return ksOf(groups).map((k) => {
    const sum = groups.reduce((total, group) => total + of(group, k), 0);
    return rate(`pass@${String(k)}`, sum / groups.length, groups.length);
  });
}

/** Of either estimator alike: shares of right completions, over all and by prompt. */
function shares(groups: readonly VerifiedGroup[]): EvalMetric[] {
  const all = groups.reduce((total, { completions }) => total + completions, 0);
  const right = groups.reduce((total, group) => total + group.correct, 0);
  const byPrompt = groups.reduce((total, group) => total + group.correct / group.completions, 0);
  return [
    // Completions of one prompt are not independent: their count gives no interval.
    measure("overall_pass_rate", right / all, all, "higher"),
    rate("avg_per_prompt_pass_rate", byPrompt / groups.length, groups.length),
  ];
}

/** Shards that nobody has merged, as one. */
function wholes(sources: readonly ScoredSource<VerifiedGroup>[]): ScoredSource<VerifiedGroup>[] {
  const merged = new Set(sources.map(({ path }) => path.slice(0, path.lastIndexOf("/") + 1)));
  const parts = groupBy(sources, ({ path }) => shardOfPath(path)?.folder ?? null);
  return [...parts].flatMap(([folder, shards]) => {
    const [first] = shards;
    if (!first || shards.length < 2 || merged.has(folder)) return [];
    return [{ ...first, path: `${folder}shard_*`, rows: shards.flatMap(({ rows }) => rows) }];
  });
}

function passScorer(
  about: Pick<Scorer, "id" | "label" | "rule">,
  metricsOf: (groups: readonly VerifiedGroup[]) => EvalMetric[],
): Scorer {
  return scorer<VerifiedGroup>({
    ...about,
    readers: ["rlvr-eval-samples"],
    recordedBy: ["rlvr-eval"],
    rowsOf: (record) => {
      const group = isFields(record) ? verifiedGroup(record) : null;
      return group ? [group] : [];
    },
    tables: (sources: readonly ScoredSource<VerifiedGroup>[]) =>
      [...sources, ...wholes(sources)].map((source) => {
        const { rows, path } = source;
        const about = ofBenchmark(source);
        const part = shardOfPath(path);
        return tableOf(source, metricsOf(rows), {
          ...about,
          ...(part && about.label !== undefined ? { label: `${about.label} shard ${part.shard}` } : {}),
          set: setOf(rows.map(({ id }) => id)),
          episodes: rows.length,
        });
      }),
  });
}

export const passAtKUnbiased = passScorer(
  { id: "pass-at-k", label: "Unbiased pass@k", rule: "Chen et al. 2021, 1 - C(n - c, k) / C(n, k)" },
  (groups) => [...estimates(groups, (group, k) => passAtK(group.completions, group.correct, k)), ...shares(groups)],
);

export const passAtKFirst = passScorer(
  { id: "pass-at-first-k", label: "Any of the first k", rule: "rlvr-experiments scripts/eval_pass_at_k.py" },
  (groups) => {
    // Of a prompt without its scores nobody knows which came first, and a share of the other prompts is another number.
    if (groups.some(({ scores }) => scores === null)) return [];
    return estimates(groups, ({ scores }, k) => anyOfFirst(scores ?? [], k));
  },
);
