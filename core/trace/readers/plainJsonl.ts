// JSONL metrics of any kind: every numeric field is a series, a step-like field the axis. The one to imitate for a new reader.
import { isFields, numberOf, type Fields } from "../../base/json";
import { axisNames, flattened, isBookkeeping, kindOfRow, Parts, partingNames, type Kind } from "../curveNames";
import type { LineParser, LineReader, RecordSink, SourceSample } from "../reader";
import { headRecords, parseLine, reportNotARecord } from "../scan";
import { timeKeys, wallSeconds } from "../wallTime";

/** What writers put all of a line's numbers into: verl's file logger `data`. */
const wrappers = ["data", "metrics", "logs"];
/** LLaMA-Factory's progress: the run's length, and how much of it is done. */
const TOTAL = "total_steps";
const PERCENTAGE = "percentage";

/** Keys of data sets, rollouts and samples: their numbers are properties of a text, not measurements over time. */
const textKeys = [
  ...["messages", "conversations", "prompt", "prompts", "completion", "completions", "response", "responses"],
  ...[
    "prompt_id",
    "episode_id",
    "instruction",
    "question",
    "prediction",
    "model_output_raw",
    "input",
    "output",
    "text",
  ],
];

interface State {
  /** The field that is the axis, once one was seen: of steps, or of wall times where the first line has nothing else. */
  axis: string | null;
  /** What was last said about the axis, as the fact `axis`. */
  told: string | null;
  /** The last x: for lines that lack the axis, and the count of lines where there is none. */
  at: number;
  /** Which kinds of lines have the plain names. */
  kinds: unknown;
  /** Fields that have held a number, so that "NaN" in them is a value and elsewhere a word. */
  numeric: string[];
}

class PlainJsonlParser implements LineParser {
  private axis: string | null = null;
  private told: string | null = null;
  private at = 0;
  private parts = new Parts(null);
  private readonly numeric = new Set<string>();

  constructor(
    private readonly sink: RecordSink,
    saved?: unknown,
  ) {
    if (!isFields(saved)) return;
    const state = saved as Partial<State>;
    this.axis = state.axis ?? null;
    this.told = state.told ?? null;
    this.at = state.at ?? 0;
    this.parts = new Parts(state.kinds);
    for (const field of state.numeric ?? []) this.numeric.add(field);
  }

  line(bytes: Uint8Array, start: number, end: number): void {
    const record = parseLine(bytes, start, end, this.sink);
    if (record === undefined) return;
    if (!isFields(record)) {
      reportNotARecord(this.sink, "an object with fields");
      return;
    }
    const time = timeKeys.find((key) => wallSeconds(record[key]) !== null) ?? null;
    this.place(record, time);
    const total = TOTAL in record ? numberOf(record[TOTAL]) : null;
    if (total !== null) this.sink.fact(TOTAL, total);
    const aside = (key: string): boolean =>
      key === this.axis ||
      key === time ||
      (key.startsWith("_") && isBookkeeping(key)) ||
      (total !== null && (key === TOTAL || key === PERCENTAGE));
    const measured = wrappedIn(record, aside);
    const kind = kindIn(record, measured ?? record);
    for (const key of Object.keys(measured ?? record)) {
      if (measured === null && aside(key)) continue;
      const value = (measured ?? record)[key];
      if (!isFields(value)) this.field(kind, key, value);
      else for (const [inner, innerValue] of flattened(value, `${key}/`)) this.field(kind, inner, innerValue);
    }
  }

  state(): State {
    const { axis, told, at, parts, numeric } = this;
    return { axis, told, at, kinds: parts.state(), numeric: [...numeric] };
  }

  /** Sets the x of this line. */
  private place(record: Fields, time: string | null): void {
    // A first line of settings may come before the first with a step; a line count that has begun goes on.
    this.axis ??= axisOf(record) ?? (this.at === 0 ? time : null);
    const byTime = timeKeys.includes(this.axis ?? "");
    const seconds = time === null ? null : wallSeconds(record[time]);
    const x = this.axis === null ? null : byTime ? seconds : axisValue(record, this.axis);
    if (x !== null) this.at = x;
    else if (this.axis === null) this.at += 1;
    const total = this.axis?.endsWith("/max_steps") ? totalSteps(record[this.axis]) : null;
    if (total !== null) this.sink.fact("total_steps", total);
    const lower = this.axis?.toLowerCase();
    const named = lower === "epoch" || lower === "version" ? lower : "step";
    const counts = this.axis === null ? "line" : byTime ? "time" : named;
    if (counts === "step" && x !== null && seconds !== null) this.sink.clockTick(x, seconds);
    if (counts !== this.told) this.sink.fact("axis", counts);
    this.told = counts;
  }

  private field(kind: Kind | null, raw: string, value: unknown): void {
    if (typeof value === "number" || isFraction(value)) this.numeric.add(raw);
    else if (typeof value !== "string" || !this.numeric.has(raw)) return;
    const number = numberOf(value);
    if (number !== null) this.sink.point(kind ? this.parts.title(kind, raw) : raw, this.at, number);
  }
}

/** Some writers quote their numbers. A whole number in quotes may be anybody's id, one with a point or an exponent is measured. */
const isFraction = (value: unknown): boolean =>
  typeof value === "string" && /^[-+]?(?:\d+\.\d*|\.\d+|\d+(?=[eE]))(?:[eE][-+]?\d+)?$/.test(value);

/** A line of settings is no kind of those that hold numbers. */
function kindIn(record: Fields, measured: Fields): Kind | null {
  const words = partingNames.map((name) => record[name]).filter((value) => typeof value === "string");
  const holdsNumbers = words.length > 0 && [...flattened(measured)].some(([, value]) => numberOf(value) !== null);
  return holdsNumbers ? kindOfRow(words) : null;
}

/** The numbers of a line that has nothing else; null where there is more. */
function wrappedIn(record: Fields, aside: (key: string) => boolean): Fields | null {
  const name = wrappers.find((key) => isFields(record[key]));
  if (name === undefined) return null;
  const isWord = (key: string): boolean => partingNames.includes(key) && typeof record[key] === "string";
  const inside = record[name];
  return isFields(inside) && Object.keys(record).every((key) => key === name || aside(key) || isWord(key))
    ? inside
    : null;
}

/** In order of preference; the first that a file has is its axis from there on. */
function axisOf(record: Fields): string | null {
  const keys = Object.keys(record);
  for (const name of axisNames) {
    const key = name in record ? name : keys.find((each) => each.toLowerCase() === name);
    if (key !== undefined && axisValue(record, key) !== null) return key;
  }
  return null;
}

/** ms-swift writes its step as "12/300". */
function axisValue(record: Fields, key: string): number | null {
  const value = record[key];
  const number = numberOf(key.includes("/") && typeof value === "string" ? value.split("/")[0] : value);
  return number !== null && Number.isFinite(number) ? number : null;
}

const totalSteps = (value: unknown): number | null =>
  typeof value === "string" ? numberOf(value.split("/")[1] ?? null) : null;

function isMetrics(record: unknown): record is Fields {
  if (!isFields(record) || textKeys.some((key) => key in record)) return false;
  return Object.entries(record).some(([key, value]) => {
    if (
      axisNames.includes(key.toLowerCase()) ||
      isBookkeeping(key) ||
      (timeKeys.includes(key) && wallSeconds(value) !== null)
    )
      return false;
    if (isFields(value)) return Object.values(value).some((v) => typeof v === "number");
    return typeof value === "number" || (isFraction(value) && axisOf(record) !== null);
  });
}

const hasAxis = (record: Fields): boolean =>
  axisOf(record) !== null || timeKeys.some((key) => wallSeconds(record[key]) !== null);

function detect(sample: SourceSample): number {
  // One value in a .json file is a document, even if it is written on one line.
  if (/\.json$/i.test(sample.path)) return 0;
  const records = headRecords(sample);
  const metrics = records.filter(isMetrics);
  if (metrics.length === 0 || metrics.length < records.length * 0.6) return 0;
  return metrics.some(hasAxis) ? 0.5 : 0.3;
}

export const plainJsonl: LineReader = {
  id: "plain-jsonl",
  title: "JSON lines of metrics",
  version: 3,
  axis: "step",
  input: "lines",
  detect,
  open: (sink, saved) => new PlainJsonlParser(sink, saved),
};
