// A target's evaluations with what the scorers make of its rows: reads every source that a scorer takes once, line by line.
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { parseJsonLine } from "../../core/base/json";
import { LineSplitter } from "../../core/base/lines";
import { besides } from "../../core/metrics/recompute";
import { withoutRepeats } from "../../core/metrics/repeatedTables";
import { scorers } from "../../core/metrics/registry";
import type { RecordPlace, Scoring } from "../../core/metrics/scorer";
import type { EvalTable } from "../../core/model/evaluation";
import { benchmarkOfPath, stepOfPath } from "../../core/trace/evalPath";
import type { SourceIndex } from "./sourceIndex";
import type { Target } from "./target";

/** As of the index: longer lines and documents are not read. */
const LINE_LIMIT = 16 << 20;
const DOCUMENT_LIMIT = 64 << 20;

/** What was computed last of a target, and of which bytes: following a run asks again and again. */
const kept = new WeakMap<Target, { stamp: string; tables: Promise<EvalTable[]> }>();

export function scoredEvaluations(target: Target): Promise<EvalTable[]> {
  const stamp = target.index.stamp();
  const held = kept.get(target);
  if (held?.stamp === stamp) return held.tables;
  const tables = score(target);
  kept.set(target, { stamp, tables });
  return tables;
}

const scored = new Set(scorers.flatMap(({ readers }) => readers));

/** How many sources hold rows that a scorer takes, without reading them. */
export const scorableSources = ({ index }: Target): number =>
  index.sources.filter(({ reader }) => scored.has(reader.id)).length;

async function score({ index }: Target): Promise<EvalTable[]> {
  const passes = scorers.map((scorer) => ({ scorer, scoring: scorer.begin() }));
  for (const source of index.sources) {
    const taking = passes.filter(({ scorer: { readers, joins = [] } }) =>
      [...readers, ...joins].includes(source.reader.id),
    );
    if (taking.length > 0)
      await readRecords(
        source,
        taking.map(({ scoring }) => scoring),
      );
  }
  const recorded = withoutRepeats(
    index.sources.flatMap(({ path, reader, records }) =>
      records.evaluations.map((table) => ({ ...table, source: path, reader: reader.id })),
    ),
  );
  return besides(
    recorded,
    passes.flatMap(({ scoring }) => scoring.tables()),
  );
}

/** What cannot be read or is no JSON is passed over: the source's own diagnostics say so already. */
async function readRecords(source: SourceIndex, scorings: readonly Scoring[]): Promise<void> {
  const { path, reader, label } = source;
  const place: RecordPlace = {
    path,
    reader: reader.id,
    label,
    benchmark: benchmarkOfPath(path),
    step: stepOfPath(path),
  };
  const take = (text: string): void => {
    const parsed = parseJsonLine(text);
    if (parsed.ok) for (const scoring of scorings) scoring.record(parsed.value, place);
  };
  try {
    if (reader.input === "document" && source.bytes <= DOCUMENT_LIMIT) take(await readFile(source.absolute, "utf8"));
    else if (reader.input === "lines") await eachLine(source.absolute, take);
  } catch {
    // Gone, or not ours to read.
  }
}

async function eachLine(path: string, take: (line: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  const splitter = new LineSplitter((bytes, start, end) => take(decoder.decode(bytes.subarray(start, end))), {
    offset: 0,
    limit: LINE_LIMIT,
    onTooLong: () => undefined,
  });
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) splitter.push(chunk as Buffer);
  // A last line that is whole counts without its newline; half of one is no JSON.
  splitter.flush();
}
