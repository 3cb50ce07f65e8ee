// What an index or a view state says, in a form in which two of them can be compared: without what may differ between one that
// saw everything happen and one that came later (how often a file was truncated, the order of discovery, the cursor).
import { toWire } from "../../core/model/number";
import type { Series } from "../../core/model/series";
import type { RunState } from "../../core/model/runState";
import { rolloutFields } from "../../remote-agent/index/columns";
import { Home } from "../../remote-agent/disk/home";
import { Target } from "../../remote-agent/index/target";
import type { TargetIndex } from "../../remote-agent/index/targetIndex";

const byKey = <T>(entries: Iterable<[string, T]>): Record<string, T> =>
  Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));

const ofThisLife = <T extends { code: string }>(diagnostics: readonly T[]): T[] =>
  diagnostics.filter((d) => d.code !== "truncated");

export function recordsOf(index: TargetIndex): unknown {
  const perSource = index.sources.map((source): [string, unknown] => {
    const { records } = source;
    return [
      source.path,
      {
        reader: source.reader.id,
        bytes: source.bytes,
        series: byKey(
          [...records.series].map(([raw, c]) => [raw, [...c.steps.view()].map((step, i) => [step, c.values.at(i)])]),
        ),
        rollouts: rolloutFields.map((field) => [
          field,
          Array.from({ length: records.rollouts.length }, (_, row) => toWire(records.rollouts.at(row, field))),
        ]),
        episodes: byKey(records.episodes),
        evaluations: records.evaluations,
        facts: byKey(records.facts),
        diagnostics: ofThisLife([...records.diagnostics.values()]),
        torn: source.torn,
      },
    ];
  });
  return byKey(perSource);
}

/** Longer curves are thinned when they are sent whole, and not while they are appended to. */
const WHOLE = 2000;

const ends = ({ steps, values }: Series): { steps: unknown[]; values: unknown[] } => ({
  steps: [steps[0], steps[steps.length - 1]],
  values: [values[0], values[values.length - 1]],
});

export function stateWords(state: RunState): unknown {
  const { cursor: _cursor, series, sources, diagnostics, checkpoints, evals, ...rest } = state;
  const byPath = (a: { path?: string; source?: string }, b: { path?: string; source?: string }): number =>
    JSON.stringify([a.path, a.source]) < JSON.stringify([b.path, b.source]) ? -1 : 1;
  return {
    ...rest,
    sources: [...sources].sort(byPath),
    evals: [...evals].sort(byPath),
    checkpoints: [...checkpoints].sort(byPath),
    diagnostics: ofThisLife(diagnostics).sort(byPath),
    series: byKey([...series].map(([key, s]) => [key, s.total > WHOLE ? { ...s, ...ends(s) } : s])),
  };
}

/** Everything in a folder, read at once by an index that never saw it before. */
export async function readAtOnce(folder: string, home: string, final = false): Promise<Target> {
  const target = Target.open(folder, new Home(home));
  await target.index.readOnce(final);
  return target;
}
