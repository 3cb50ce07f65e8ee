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
  source: SourceIndex;
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
  for (const source of sources) {
    const columns = source.records.rollouts;
    for (let row = 0; row < columns.length; row++) if (test(columns, row)) rows.push({ source, row });
  }
  sortRows(rows, question.sort);
  let note: string | null = null;
  if (question.text) ({ rows, note } = await search(rows, question.text));
  const headers: RolloutHeader[] = [];
  for (const { source, row } of rows.slice(question.offset, question.offset + question.limit)) {
    const body = await source.rollout(row);
    // A file that was truncated while we read it has fewer rows now.
    if (row < source.records.rollouts.length) headers.push(headerOf(source, row, body));
  }
  return { total: rows.length, rows: headers, note };
}

function sortRows(rows: Row[], sort: SortKey): void {
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
    const number = read(source.records.rollouts, row);
    // Groups without a number go last in either direction.
    return Number.isNaN(number) ? Infinity : sign * number;
  };
  rows.sort((a, b) => of(a) - of(b));
}

async function search(rows: Row[], text: string): Promise<{ rows: Row[]; note: string | null }> {
  let expression: RegExp;
  try {
    expression = new RegExp(text, "i");
  } catch {
    throw wrongUsage(`"${text}" is not a regular expression.`);
  }
  const found: Row[] = [];
  let read = 0;
  for (const [at, row] of rows.entries()) {
    read += row.source.records.rollouts.at(row.row, "length");
    if (read > SEARCH_BYTES) {
      return {
        rows: found,
        note: `searched ${at.toLocaleString("en")} of ${rows.length.toLocaleString("en")} rollouts; narrow the filter to search the rest`,
      };
    }
    const body = await row.source.rollout(row.row);
    if (body && (expression.test(body.prompt) || body.samples.some((s) => expression.test(s.text)))) found.push(row);
  }
  return { rows: found, note: null };
}

export async function readRollout(target: Target, id: string, dialect: string): Promise<Rollout> {
  const [key, offset] = id.split(":");
  const source = target.index.sources.find((s) => s.key === key);
  const row = source ? rowAt(source.records.rollouts, Number(offset)) : -1;
  const body = row >= 0 ? await source?.rollout(row) : null;
  if (!source || !body) throw runNotFound(`rollout ${id} of ${target.id}`);
  const parser = dialectFor(dialect, body);
  const advantages = groupAdvantages(body.samples.map((s) => s.reward));
  const [x0, y0, x1, y1] = body.expectedBox ?? [];
  return {
    header: headerOf(source, row, body),
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

function headerOf(source: SourceIndex, row: number, body: RolloutBody | null): RolloutHeader {
  const columns = source.records.rollouts;
  return {
    id: `${source.key}:${columns.at(row, "offset")}`,
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
