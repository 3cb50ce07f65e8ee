// Pages of rollout groups across all sources of a target: filter and sort on the index's columns, read text for one page only.
import { runNotFound, wrongUsage } from "../../core/base/errors";
import { toWire } from "../../core/model/number";
import { groupAdvantages, type Rollout, type RolloutHeader } from "../../core/model/rollout";
import { dialectById, detectDialect } from "../../core/actions/registry";
import type { ActionDialect } from "../../core/actions/dialect";
import type { RolloutBody } from "../../core/trace/reader";
import type { RolloutColumns } from "./columns";
import { locateImage } from "./images";
import type { SourceIndex } from "./sourceIndex";
import type { Target } from "./target";

export type SortKey = "newest" | "oldest" | "reward" | "-reward" | "spread" | "-spread";

export interface RolloutQuestion {
  offset: number;
  limit: number;
  sort: SortKey;
  where?: string;
  text?: string;
}

export interface RolloutPage {
  total: number;
  rows: RolloutHeader[];
  note: string | null;
}

/** A text search reads files; it stops after this much and says so. */
const SEARCH_BYTES = 256 << 20;
const PREVIEW = 160;

interface Row {
  source: number;
  row: number;
}

const value: Record<string, (columns: RolloutColumns, row: number) => number> = {
  step: (c, r) => c.at(r, "step"),
  version: (c, r) => c.at(r, "version"),
  reward: (c, r) => c.at(r, "rewardMean"),
  min: (c, r) => c.at(r, "rewardMin"),
  max: (c, r) => c.at(r, "rewardMax"),
  spread: (c, r) => c.at(r, "rewardStd"),
  samples: (c, r) => c.at(r, "samples"),
};

const compare: Record<string, (a: number, b: number) => boolean> = {
  "=": (a, b) => a === b,
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};

type Test = (columns: RolloutColumns, row: number) => boolean;

/** `step = 12 and reward < 0.5`; throws `usage` naming what it did not understand. */
export function parseWhere(where: string): Test {
  const clauses = where.split(/\s+and\s+|\s*&&\s*/i).filter((c) => c.trim() !== "");
  const tests = clauses.map((clause): Test => {
    const match = /^\s*([a-z]+)\s*(==|!=|<=|>=|=|<|>)\s*(-?\d*\.?\d+(?:e[-+]?\d+)?)\s*$/i.exec(clause);
    const read = match ? value[match[1]?.toLowerCase() ?? ""] : undefined;
    const test = match ? compare[match[2] ?? ""] : undefined;
    if (!match || !read || !test) {
      const keys = Object.keys(value).join(", ");
      throw wrongUsage(
        `"${clause.trim()}" is not a condition: write KEY OP NUMBER with KEY one of ${keys} and OP one of = != < <= > >=.`,
      );
    }
    const wanted = Number(match[3]);
    return (columns, row) => test(read(columns, row), wanted);
  });
  return (columns, row) => tests.every((test) => test(columns, row));
}

export async function rolloutPage(target: Target, question: RolloutQuestion): Promise<RolloutPage> {
  const sources = target.index.sources;
  const test = question.where ? parseWhere(question.where) : () => true;
  let rows: Row[] = [];
  sources.forEach(({ records }, source) => {
    for (let row = 0; row < records.rollouts.length; row++) if (test(records.rollouts, row)) rows.push({ source, row });
  });
  sortRows(rows, sources, question.sort);
  let note: string | null = null;
  if (question.text) ({ rows, note } = await search(rows, sources, question.text));
  const page = rows.slice(question.offset, question.offset + question.limit);
  const headers: RolloutHeader[] = [];
  for (const { source, row } of page) {
    const index = sources[source];
    if (index) headers.push(headerOf(index, source, row, await index.rollout(row)));
  }
  return { total: rows.length, rows: headers, note };
}

function sortRows(rows: Row[], sources: readonly SourceIndex[], sort: SortKey): void {
  if (sort === "oldest") return;
  if (sort === "newest") {
    rows.reverse();
    return;
  }
  const key = sort.replace("-", "");
  const read = value[key];
  if (!read) return;
  const sign = sort.startsWith("-") ? -1 : 1;
  const of = ({ source, row }: Row): number => {
    const columns = sources[source]?.records.rollouts;
    const number = columns ? read(columns, row) : NaN;
    // Groups without a number go last in either direction.
    return Number.isNaN(number) ? Infinity : sign * number;
  };
  rows.sort((a, b) => of(a) - of(b));
}

async function search(
  rows: Row[],
  sources: readonly SourceIndex[],
  text: string,
): Promise<{ rows: Row[]; note: string | null }> {
  let expression: RegExp;
  try {
    expression = new RegExp(text, "i");
  } catch {
    throw wrongUsage(`"${text}" is not a regular expression.`);
  }
  const found: Row[] = [];
  let read = 0;
  for (const [at, row] of rows.entries()) {
    const source = sources[row.source];
    read += source?.records.rollouts.at(row.row, "length") ?? 0;
    if (read > SEARCH_BYTES) {
      return {
        rows: found,
        note: `searched ${at.toLocaleString("en")} of ${rows.length.toLocaleString("en")} rollouts; narrow the filter to search the rest`,
      };
    }
    const body = await source?.rollout(row.row);
    if (body && (expression.test(body.prompt) || body.samples.some((s) => expression.test(s.text)))) found.push(row);
  }
  return { rows: found, note: null };
}

export async function readRollout(target: Target, id: string, dialect: string): Promise<Rollout> {
  const [sourceNumber = -1, offset = -1] = id.split(":").map(Number);
  const source = target.index.sources[sourceNumber];
  const row = source ? rowAt(source.records.rollouts, offset) : -1;
  const body = row >= 0 ? await source?.rollout(row) : null;
  if (!source || !body) throw runNotFound(`rollout ${id} of ${target.id}`);
  const parser = dialectFor(dialect, body);
  const advantages = groupAdvantages(body.samples.map((s) => s.reward));
  const [x0, y0, x1, y1] = body.expectedBox ?? [];
  return {
    header: headerOf(source, sourceNumber, row, body),
    prompt: body.prompt,
    reference: body.reference,
    samples: body.samples.map((s, i) => ({
      text: s.text,
      reward: toWire(s.reward),
      parts: Object.fromEntries(Object.entries(s.parts).map(([name, part]) => [name, toWire(part)])),
      advantage: toWire(advantages[i]),
      tokens: s.tokens,
      finish: s.finish,
      parsed: parser?.parse(s.text) ?? null,
    })),
    images: body.images.flatMap((image) => locateImage(target, source.path, image) ?? []),
    expected: body.expected,
    expectedBox:
      x0 === undefined || y0 === undefined || x1 === undefined || y1 === undefined ? null : { x0, y0, x1, y1 },
    extra: body.extra,
  };
}

/** "auto" takes the dialect that the group's own texts look like; none for plain prose. */
function dialectFor(dialect: string, body: RolloutBody): ActionDialect | null {
  if (dialect !== "auto") return dialectById(dialect);
  return detectDialect(body.samples.map((s) => s.text))?.dialect ?? null;
}

/** Rows lie in file order, so the row of an offset is found by halving. */
function rowAt(columns: RolloutColumns, offset: number): number {
  let low = 0;
  let high = columns.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const seen = columns.at(middle, "offset");
    if (seen === offset) return middle;
    if (seen < offset) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

const oneLine = (text: string): string =>
  text
    .slice(0, PREVIEW * 4)
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, PREVIEW);
const orNull = (number: number): number | null => (Number.isNaN(number) ? null : number);

function headerOf(source: SourceIndex, sourceNumber: number, row: number, body: RolloutBody | null): RolloutHeader {
  const columns = source.records.rollouts;
  return {
    id: `${sourceNumber}:${columns.at(row, "offset")}`,
    source: source.path,
    step: orNull(columns.at(row, "step")),
    version: orNull(columns.at(row, "version")),
    promptId: body?.promptId ?? null,
    samples: columns.at(row, "samples"),
    rewardMean: toWire(orNull(columns.at(row, "rewardMean"))),
    rewardMin: toWire(orNull(columns.at(row, "rewardMin"))),
    rewardMax: toWire(orNull(columns.at(row, "rewardMax"))),
    rewardStd: toWire(orNull(columns.at(row, "rewardStd"))),
    prompt: oneLine(body?.prompt ?? ""),
    preview: oneLine(body?.samples[0]?.text ?? ""),
  };
}
