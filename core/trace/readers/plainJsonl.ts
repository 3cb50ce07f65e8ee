// JSONL metrics of any kind: every numeric field is a series, a step-like field the axis. The one to imitate for a new reader.
import { canonicalName, scaledRate } from "../../metrics/names";
import { isFields, numberOf, type Fields } from "../../base/json";
import type { LineParser, LineReader, RecordSink, SourceSample } from "../reader";
import { headRecords, parseLine, reportNotARecord } from "../scan";
import { timeKeys, wallSeconds } from "../wallTime";

/** In order of preference; the first that a file has is its axis from there on. */
const axes = ["step", "global_step", "iteration", "iter", "update", "global_step/max_steps", "epoch", "version"];

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
  /** Fields that have held a number, so that "NaN" in them is a value and elsewhere a word. */
  numeric: string[];
}

class PlainJsonlParser implements LineParser {
  private axis: string | null = null;
  private told: string | null = null;
  private at = 0;
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
    for (const [key, value] of Object.entries(record)) {
      if (key === this.axis || key === time) continue;
      if (!isFields(value)) this.field(key, value);
      else for (const [inner, innerValue] of Object.entries(value)) this.field(`${key}/${inner}`, innerValue);
    }
  }

  state(): State {
    return { axis: this.axis, told: this.told, at: this.at, numeric: [...this.numeric] };
  }

  /** Sets the x of this line. */
  private place(record: Fields, time: string | null): void {
    // A first line of settings may come before the first with a step; a line count that has begun goes on.
    this.axis ??= axes.find((key) => axisValue(record, key) !== null) ?? (this.at === 0 ? time : null);
    const byTime = timeKeys.includes(this.axis ?? "");
    const seconds = time === null ? null : wallSeconds(record[time]);
    const x = this.axis === null ? null : byTime ? seconds : axisValue(record, this.axis);
    if (x !== null) this.at = x;
    else if (this.axis === null) this.at += 1;
    const total = this.axis?.includes("/") ? totalSteps(record[this.axis]) : null;
    if (total !== null) this.sink.fact("total_steps", total);
    const named = this.axis === "epoch" || this.axis === "version" ? this.axis : "step";
    const counts = this.axis === null ? "line" : byTime ? "time" : named;
    if (counts === "step" && x !== null && seconds !== null) this.sink.clockTick(x, seconds);
    if (counts !== this.told) this.sink.fact("axis", counts);
    this.told = counts;
  }

  private field(raw: string, value: unknown): void {
    if (typeof value === "number" || isFraction(value)) this.numeric.add(raw);
    else if (typeof value !== "string" || !this.numeric.has(raw)) return;
    const number = numberOf(value);
    if (number === null) return;
    this.sink.point(raw, this.at, number);
    const scaled = scaledRate(raw);
    if (scaled) this.sink.point(scaled.name, this.at, number * scaled.factor);
  }
}

/** Some writers quote their numbers. A whole number in quotes may be anybody's id, one with a point or an exponent is measured. */
const isFraction = (value: unknown): boolean =>
  typeof value === "string" && /^[-+]?(?:\d+\.\d*|\.\d+|\d+(?=[eE]))(?:[eE][-+]?\d+)?$/.test(value);

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
    if (axes.includes(key) || (timeKeys.includes(key) && wallSeconds(value) !== null)) return false;
    if (isFields(value)) return Object.values(value).some((v) => typeof v === "number");
    return typeof value === "number" || (isFraction(value) && axes.some((each) => axisValue(record, each) !== null));
  });
}

const hasAxis = (record: Fields): boolean =>
  axes.some((key) => axisValue(record, key) !== null) || timeKeys.some((key) => wallSeconds(record[key]) !== null);

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
  version: 2,
  axis: "step",
  input: "lines",
  detect,
  /** verl's file logger puts its metrics under `data`. */
  canonical: (raw) => (raw.startsWith("data/") ? canonicalName(raw.slice("data/".length)) : null),
  open: (sink, saved) => new PlainJsonlParser(sink, saved),
};
