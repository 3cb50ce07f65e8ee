// Pages of rollout groups across all sources of a target: filter and sort on the index's columns, read text for one page only.
import { runNotFound, wrongUsage } from "../../core/base/errors";
import { toWire } from "../../core/model/number";
import { groupAdvantages, type Rollout, type RolloutHeader } from "../../core/model/rollout";
import { dialectById, detectDialect } from "../../core/actions/registry";
import type { ActionDialect } from "../../core/actions/dialect";
import { joinPrompt } from "../../core/trace/joinPrompts";
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
  const all = new AllRows(target.index.sources);
  const test = question.where ? parseWhere(question.where) : null;
  const { note, order } = await inOrder(target, all, question, test);
  const total = order?.length ?? all.length;
  const headers: RolloutHeader[] = [];
  for (let i = question.offset; i < Math.min(total, question.offset + question.limit); i++) {
    const at = order ? (order[i] ?? 0) : question.sort === "newest" ? total - 1 - i : i;
    const { source, row } = all.at(at);
    const body = await bodyOf(target, source, row);
    // A file that was truncated while we read it has fewer rows now.
    if (row < source.records.rollouts.length) headers.push(headerOf(source, row, body));
  }
  return { total, rows: headers, note };
}

/** Every rollout of a target under one number, without an object for each: there may be millions. */
class AllRows {
  private readonly starts: number[];
  readonly length: number;

  constructor(private readonly sources: readonly SourceIndex[]) {
    let sum = 0;
    this.starts = sources.map((source) => (sum += source.records.rollouts.length) - source.records.rollouts.length);
    this.length = sum;
  }

  at(index: number): { source: SourceIndex; row: number } {
    let found = 0;
    while (found + 1 < this.starts.length && (this.starts[found + 1] ?? Infinity) <= index) found++;
    const source = this.sources[found];
    if (!source) throw new Error("no such rollout");
    return { source, row: index - (this.starts[found] ?? 0) };
  }
}

/** The rows that match, in the order asked for; null where that is all of them in the files' order, or its reverse. */
async function inOrder(
  target: Target,
  all: AllRows,
  { sort, text }: RolloutQuestion,
  test: Test | null,
): Promise<{ order: Uint32Array | null; note: string | null }> {
  const byFile = sort === "newest" || sort === "oldest";
  if (!test && !text && byFile) return { order: null, note: null };
  const matching = new Uint32Array(all.length);
  let count = 0;
  for (let i = 0; i < all.length; i++) {
    const { source, row } = all.at(i);
    if (!test || test(source.records.rollouts, row)) matching[count++] = i;
  }
  const order = matching.slice(0, count);
  if (sort === "newest") order.reverse();
  else if (!byFile) sortByValue(order, all, sort);
  return text ? search(target, all, order, text) : { order, note: null };
}

function sortByValue(order: Uint32Array, all: AllRows, sort: SortKey): void {
  const read = value[sort.replace("-", "")];
  if (!read) return;
  const sign = sort.startsWith("-") ? -1 : 1;
  const keys = new Float64Array(all.length);
  for (const index of order) {
    const { source, row } = all.at(index);
    const number = read(source.records.rollouts, row);
    // Groups without a number go last in either direction.
    keys[index] = Number.isNaN(number) ? Infinity : sign * number;
  }
  order.sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0) || a - b);
}

async function search(
  target: Target,
  all: AllRows,
  order: Uint32Array,
  text: string,
): Promise<{ order: Uint32Array; note: string | null }> {
  let expression: RegExp;
  try {
    expression = new RegExp(text, "i");
  } catch {
    throw wrongUsage(`"${text}" is not a regular expression.`);
  }
  const found: number[] = [];
  let read = 0;
  for (const [at, index] of order.entries()) {
    const { source, row } = all.at(index);
    read += source.records.rollouts.at(row, "length");
    if (read > SEARCH_BYTES) {
      const note = `searched ${at.toLocaleString("en")} of ${order.length.toLocaleString("en")} rollouts; narrow the filter to search the rest`;
      return { order: Uint32Array.from(found), note };
    }
    const body = await bodyOf(target, source, row);
    if (body && (expression.test(body.prompt) || body.samples.some((s) => expression.test(s.text)))) found.push(index);
  }
  return { order: Uint32Array.from(found), note: null };
}

/** One group's text; where it names its prompt by its place in the data, with what the data says there. */
async function bodyOf(target: Target, source: SourceIndex, row: number): Promise<RolloutBody | null> {
  const body = await source.rollout(row);
  if (body?.dataRow === undefined) return body;
  for (const other of target.index.sources) {
    if (!other.reader.holdsPrompts || body.dataRow >= other.records.rollouts.length) continue;
    const data = await other.rollout(body.dataRow);
    if (data) return joinPrompt(body, data);
  }
  return body;
}

export async function readRollout(target: Target, id: string, dialect: string): Promise<Rollout> {
  const [key, number] = id.split(":");
  const source = target.index.sources.find((s) => s.key === key);
  const row = Number(number);
  const body = source && row < source.records.rollouts.length ? await bodyOf(target, source, row) : null;
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
    id: `${source.key}:${row}`,
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
