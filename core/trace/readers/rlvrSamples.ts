// RLVR experiments' traces/samples.jsonl (sample_logger.py; formats/rlvr-openbrowser.md A2.2): what became of each prompt.
// Events carry no running count, so what happened while the trainer stands at one version is summed; its point grows until it moves on.
import { isFields, numberOf, textOf, type Fields } from "../../base/json";
import type { LineParser, LineReader, RecordSink, SourceSample } from "../reader";
import { headRecords, parseLine, reportNotARecord } from "../scan";

/** They say that something began; its end is counted. */
const beginnings = new Set(["in_flight", "generation_start"]);

interface State {
  version: number | null;
  /** Since the version began. Pairs, because an event's name may be any word, `constructor` too. */
  counts: [string, number][];
  /** Over the whole file. */
  totals: [string, number][];
  /** Since the version began: sums and how many. */
  means: [string, [number, number]][];
}

class RlvrSamplesParser implements LineParser {
  private version: number | null;
  private counts: Map<string, number>;
  private readonly totals: Map<string, number>;
  private means: Map<string, [number, number]>;

  constructor(
    private readonly sink: RecordSink,
    saved?: unknown,
  ) {
    const state = isFields(saved) ? (saved as Partial<State>) : {};
    this.version = state.version ?? null;
    this.counts = new Map(state.counts);
    this.totals = new Map(state.totals);
    this.means = new Map(state.means);
  }

  line(bytes: Uint8Array, start: number, end: number): void {
    const record = parseLine(bytes, start, end, this.sink);
    if (record === undefined) return;
    const event = isFields(record) ? textOf(record.event) : null;
    if (!isFields(record) || event === null) {
      reportNotARecord(this.sink, "an event in a prompt's life");
      return;
    }
    this.place(record);
    if (beginnings.has(event)) return;
    this.count(event, 1);
    const reason = textOf(record.reason);
    if (reason !== null) this.count(`${event}.${reason}`, 1);
    const dataset = textOf(record.dataset);
    if (dataset !== null && dataset !== "") this.count(`${event}.dataset.${dataset}`, 1);
    if (event === "failed") this.failed(record);
    for (const key of ["n_kept", "lag", "version_delta"]) this.mean(`${event}.${key}`, record[key]);
    this.sum(`${event}.tokens`, record.n_tokens);
    this.sink.fact(`prompts_${event}`, this.totals.get(event) ?? 0);
  }

  /** A trainer prints this once among a million lines, if at all; most often it is the same error again and again. */
  private failed(record: Fields): void {
    const error = textOf(record.error) ?? "";
    const [first = ""] = error.trim().split("\n");
    const message = `Prompt ${String(record.prompt_id)} failed: ${first.slice(0, 200) || "the file does not say why"}`;
    this.sink.diagnostic({ code: "prompt-failed", severity: "warning", message });
  }

  /** Of what is no amount of anything: a sum of lags says nothing. */
  private mean(name: string, value: unknown): void {
    const number = numberOf(value);
    if (number === null || !Number.isFinite(number)) return;
    const [sum, n] = this.means.get(name) ?? [0, 0];
    this.means.set(name, [sum + number, n + 1]);
    if (this.version !== null) this.sink.point(name, this.version, (sum + number) / (n + 1), n > 0);
  }

  private sum(name: string, value: unknown): void {
    const number = numberOf(value);
    if (number !== null && Number.isFinite(number)) this.count(name, number);
  }

  state(): State {
    return { version: this.version, counts: [...this.counts], totals: [...this.totals], means: [...this.means] };
  }

  /** `trained_at_step` is 1-based in one trainer and 0-based in two others; `trainer_version` means the same in all. */
  private place(record: Fields): void {
    const version = numberOf(record.trainer_version) ?? numberOf(record.version);
    if (version === null || !Number.isFinite(version)) return;
    if (this.version === null) {
      for (const [name, sum] of this.counts) this.sink.point(name, version, sum);
      for (const [name, [sum, n]] of this.means) this.sink.point(name, version, sum / n);
    }
    this.version ??= version;
    // Prompts that were begun earlier end late: only forward is a step of the trainer.
    if (version <= this.version) return;
    for (const name of this.totals.keys()) if (!this.counts.has(name)) this.sink.point(name, this.version, 0);
    this.version = version;
    this.counts = new Map();
    this.means = new Map();
  }

  private count(name: string, by: number): void {
    const sum = (this.counts.get(name) ?? 0) + by;
    if (this.version !== null) this.sink.point(name, this.version, sum, this.counts.has(name));
    for (const sums of [this.counts, this.totals]) sums.set(name, (sums.get(name) ?? 0) + by);
  }
}

const isEvent = (record: unknown): boolean =>
  isFields(record) &&
  typeof record.event === "string" &&
  typeof record.ts === "number" &&
  (typeof record.prompt_id === "string" || typeof record.prompt_id === "number");

function detect(sample: SourceSample): number {
  const records = headRecords(sample);
  const events = records.filter(isEvent);
  return events.length > 0 && events.length >= records.length * 0.6 ? 0.95 : 0;
}

export const rlvrSamples: LineReader = {
  id: "rlvr-samples",
  title: "RLVR fates of prompts",
  version: 3,
  axis: "version",
  input: "lines",
  detect,
  canonical: (raw) => `prompts/${raw}`,
  open: (sink, saved) => new RlvrSamplesParser(sink, saved),
};
