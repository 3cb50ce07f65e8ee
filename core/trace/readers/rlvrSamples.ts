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
}

class RlvrSamplesParser implements LineParser {
  private version: number | null;
  private counts: Map<string, number>;
  private readonly totals: Map<string, number>;

  constructor(
    private readonly sink: RecordSink,
    saved?: unknown,
  ) {
    const state = isFields(saved) ? (saved as Partial<State>) : {};
    this.version = state.version ?? null;
    this.counts = new Map(state.counts);
    this.totals = new Map(state.totals);
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
    const tokens = numberOf(record.n_tokens);
    if (tokens !== null && Number.isFinite(tokens)) this.count(`${event}.tokens`, tokens);
    this.sink.fact(`prompts_${event}`, this.totals.get(event) ?? 0);
  }

  state(): State {
    return { version: this.version, counts: [...this.counts], totals: [...this.totals] };
  }

  /** `trained_at_step` is 1-based in one trainer and 0-based in two others; `trainer_version` means the same in all. */
  private place(record: Fields): void {
    const version = numberOf(record.trainer_version) ?? numberOf(record.version);
    if (version === null || !Number.isFinite(version)) return;
    if (this.version === null) for (const [name, sum] of this.counts) this.sink.point(name, version, sum);
    this.version ??= version;
    // Prompts that were begun earlier end late: only forward is a step of the trainer.
    if (version <= this.version) return;
    for (const name of this.totals.keys()) if (!this.counts.has(name)) this.sink.point(name, this.version, 0);
    this.version = version;
    this.counts = new Map();
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
  version: 2,
  axis: "version",
  input: "lines",
  detect,
  canonical: (raw) => `prompts/${raw}`,
  open: (sink, saved) => new RlvrSamplesParser(sink, saved),
};
