// The curves of all sources of a target as one list: lives of a resumed run joined, wall times placed on steps, duplicates named.
// What it decides follows from the sources alone, so that every agent says the same of the same files.
import { canonicalName } from "../../core/metrics/names";
import type { SeriesColumns } from "./columns";
import { attemptOf } from "./attempts";
import { Duplicates } from "./duplicateSeries";
import { joinEvalPoints } from "./evalCurves";
import { JoinedColumns, type Part } from "./joinedColumns";
import type { SourceIndex } from "./sourceIndex";
import { TargetClock } from "./targetClock";

export interface IndexedSeries {
  key: string;
  name: string;
  raw: string;
  source: SourceIndex;
  axis: string;
  columns: SeriesColumns;
  /** Another one than before when rows that were handed out no longer count. */
  generation: string;
  /** Other files that hold this curve: as a duplicate, or as an earlier or later life of the same run. */
  alsoIn: readonly string[];
}

export class MergedSeries {
  private readonly columns = new JoinedColumns();
  private readonly clock = new TargetClock();
  private readonly duplicates = new Duplicates();

  of(sources: readonly SourceIndex[]): IndexedSeries[] {
    const listed = withoutMeans(sources.flatMap(seriesOf));
    const joined = joinEvalPoints(this.joinLives(this.placeTimes(listed, sources), sources));
    const merged = this.duplicates.merge(joined).map(({ kept, repeats }) => this.completed(kept, repeats));
    this.columns.sweep();
    return merged;
  }

  private placeTimes(listed: readonly IndexedSeries[], sources: readonly SourceIndex[]): IndexedSeries[] {
    if (!listed.some((s) => s.axis === "time")) return [...listed];
    this.clock.update(sources);
    return listed.map((s) =>
      s.axis === "time"
        ? { ...s, axis: this.clock.axis, ...this.columns.map(s, this.clock.reach, this.clock.origin, this.clock.at) }
        : s,
    );
  }

  /** From its first step on, a later life of a run is what happened. */
  private joinLives(listed: IndexedSeries[], sources: readonly SourceIndex[]): IndexedSeries[] {
    const lives = livesOf(sources);
    if (lives.size === 0) return listed;
    const byCurve = new Map<string, IndexedSeries[]>();
    for (const series of listed) {
      const life = lives.get(series.source);
      const curve = life ? `${life.run}#${series.raw}` : series.key;
      byCurve.set(curve, [...(byCurve.get(curve) ?? []), series]);
    }
    return [...byCurve.values()].flatMap((same) => {
      const inOrder = [...same].sort((a, b) => (lives.get(a.source)?.order ?? 0) - (lives.get(b.source)?.order ?? 0));
      return this.joined(inOrder, (series) => lives.get(series.source)?.begins ?? -Infinity);
    });
  }

  private joined(parts: readonly IndexedSeries[], begins: (series: IndexedSeries) => number): IndexedSeries[] {
    const [first] = parts;
    if (!first || parts.length === 1) return [...parts];
    const cut: Part[] = parts.map((series, i) => ({ series, before: Math.min(...parts.slice(i + 1).map(begins)) }));
    // A file a step is no other place of the curve, and there may be thousands.
    const others = first.source.reader.derives ? [] : parts.slice(1);
    const alsoIn = [...new Set(others.flatMap((s) => [s.source.path, ...s.alsoIn]))];
    return [{ ...first, ...this.columns.join(first.key, cut), alsoIn }];
  }

  /** What a duplicate has from before the kept curve's beginning stands before it. */
  private completed(kept: IndexedSeries, repeats: readonly IndexedSeries[]): IndexedSeries {
    if (repeats.length === 0) return kept;
    const alsoIn = [...new Set([...kept.alsoIn, ...repeats.flatMap((s) => [s.source.path, ...s.alsoIn])])];
    const begins = kept.columns.steps.at(0);
    const earliest = repeats
      .filter((s) => s.axis === kept.axis && s.columns.steps.at(0) < begins)
      .sort((a, b) => a.columns.steps.at(0) - b.columns.steps.at(0))[0];
    if (!earliest) return { ...kept, alsoIn };
    const parts = [
      { series: earliest, before: begins },
      { series: kept, before: Infinity },
    ];
    return { ...kept, ...this.columns.join(`${kept.key} completed`, parts), alsoIn };
  }
}

/** What the trainer says of a part of the reward goes before what its rollouts, of which it may keep a few, come to. */
function withoutMeans(listed: readonly IndexedSeries[]): IndexedSeries[] {
  if (!listed.some(({ source }) => source.reader.derives)) return [...listed];
  const said = new Set(listed.filter(({ source }) => !source.reader.derives).map(({ name }) => name));
  return listed.filter(({ source, name }) => !source.reader.derives || !said.has(name));
}

function seriesOf(source: SourceIndex): IndexedSeries[] {
  const axis = String(source.records.facts.get("axis") ?? source.reader.axis);
  return [...source.records.series].map(([raw, columns]) => ({
    key: `${source.path}#${raw}`,
    name: source.reader.canonical?.(raw) ?? canonicalName(raw),
    raw,
    source,
    axis,
    columns,
    generation: `${source.generation}.${columns.revision}`,
    alsoIn: [],
  }));
}

interface Life {
  run: string;
  order: number;
  /** Its first step, of any curve. */
  begins: number;
}

interface Member {
  source: SourceIndex;
  attempt: number;
  at: number;
  folder: string;
  begins: number;
}

/** Of the sources that are one of several lives of a run. */
function livesOf(sources: readonly SourceIndex[]): Map<SourceIndex, Life> {
  const runs = new Map<string, Member[]>();
  const restarted = sources.some((source) => attemptOf(source.path).attempt > 1);
  for (const source of sources) {
    const { attempt, path } = attemptOf(source.path);
    // A restart writes the files of its own attempt: what was one file is one life of the curve in each.
    const life = source.reader.lifeOf?.(path) ?? (restarted ? { run: path, at: 0 } : null);
    if (!life || source.records.series.size === 0) continue;
    const begins = Math.min(...[...source.records.series.values()].map((columns) => columns.steps.at(0)));
    const folder = path.slice(0, path.lastIndexOf("/") + 1);
    runs.set(life.run, [...(runs.get(life.run) ?? []), { source, attempt, at: life.at, folder, begins }]);
  }
  const lives = new Map<SourceIndex, Life>();
  for (const [run, members] of runs) {
    members.sort((a, b) => a.attempt - b.attempt || a.at - b.at || (a.source.path < b.source.path ? -1 : 1));
    let [part, before] = [0, members[0]];
    for (const [order, member] of members.entries()) {
      // A launch with a folder of its own that begins where the one before began is another run, not its second life.
      if (
        before &&
        member.attempt === before.attempt &&
        member.folder !== before.folder &&
        member.begins <= before.begins
      )
        part++;
      if (before?.folder !== member.folder || member.begins < before.begins) before = member;
      lives.set(member.source, { run: `${run}#${part}`, order, begins: member.begins });
    }
  }
  return lives;
}
