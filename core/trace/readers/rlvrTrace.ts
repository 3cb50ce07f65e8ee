// RLVR experiments' traces/trace.jsonl (rlvr tracer.py; formats/rlvr-openbrowser.md A2.1): counters become series.
// A trace is hundreds of megabytes of buffer snapshots and spans, so lines are told apart by their first bytes.
import { isFields, numberOf, type Fields } from "../../base/json";
import type { LineParser, LineReader, RecordSink, SourceSample } from "../reader";
import { shown } from "../document";
import { ascii, checkUtf8, headRecords, parseLine, reportNotARecord, startsWith } from "../scan";
import { SpanTimes } from "../spanTimes";
import { wallSeconds } from "../wallTime";

const eventTypes = ["meta", "span", "counter", "buffer", "instant"];
const plainMeta = new Set(["type", "ts"]);
const bufferHead = ascii('{"type": "buffer",');
const CLOSE = 125;

/** Names that only this trainer uses; the part after the dot is left to the common table. */
const canonicalNames: Readonly<Record<string, string>> = {
  "metrics.loss": "loss",
  "metrics.loss_grpo": "loss/grpo",
  "metrics.loss_sft": "loss/sft",
  "metrics.loss_gkd": "loss/gkd",
  "metrics.grad_norm": "grad_norm",
  "metrics.step_time": "step_time",
  "metrics.lr": "lr",
  // Only the last micro-batch of the step: noisy, and not the reward to headline (A2.1, "Meaning traps").
  "metrics.avg_reward": "avg_reward",
  "reward_stats.reward_overall": "reward",
  "reward_stats.reward_used": "reward_used",
  "grpo.debug.kl_mean": "kl",
  "grpo.debug.kl_max": "kl_max",
  "grpo.debug.entropy_mean": "entropy",
  "grpo.debug.clip_frac": "clip_frac",
  "grpo.debug.ratio_max": "ratio_max",
  "batch.padding.completion_lens/mean": "completion_length",
  "opsd.debug.mean_kl": "kl",
  "titan.metrics.mfu": "mfu",
  "titan.metrics.tps": "tokens_per_second",
};

/** Reward by component, where a verifier has several; the upstream trainer has none. */
const partsHead = "reward_parts.";

/** Counters that say "this happened once": their sum per step is what can be read off a curve. */
const tallied = new Set(["skipped", "failed", "retry", "deadlock"]);

/** Where an event stands, not what it measured. */
const placeKeys = new Set(["ts", "step", "trained_at_step", "trainer_version"]);
/** Words in a counter that follow each sample are shown as the share that each has. */
const MOST_WORDS = 24;

interface State {
  step: number;
  /** A counter with a step has come since the last `metrics`. */
  stepped: boolean;
  metricsAt: number | null;
  tallies: Record<string, number>;
  /** One buffer snapshot is read after each `metrics`; the others say the same thing a little earlier or later. */
  bufferDue: boolean;
  /** When the trace began, in seconds since 1970. */
  began: number | null;
  spans: unknown;
}

const fresh: State = {
  ...{ step: 0, stepped: false, metricsAt: null, tallies: {}, bufferDue: true },
  ...{ began: null, spans: [] },
};

class RlvrTraceParser implements LineParser {
  private readonly now: State;
  private readonly spans: SpanTimes;

  constructor(
    private readonly sink: RecordSink,
    saved?: unknown,
  ) {
    const state = { ...fresh, ...(isFields(saved) ? (saved as Partial<State>) : {}) };
    this.now = { ...state, tallies: { ...state.tallies } };
    this.spans = new SpanTimes(state.spans);
  }

  line(bytes: Uint8Array, start: number, end: number): void {
    const last = lastPlace(bytes, start, end);
    const skippable =
      this.spans.line(bytes, start, last) ||
      (!this.now.bufferDue && bytes[last] === CLOSE && startsWith(bytes, start, end, bufferHead));
    if (skippable) {
      // Long lines are the snapshots, which hold nothing but numbers.
      if (end - start < 1024) checkUtf8(bytes, start, end, this.sink);
      return;
    }
    const event = parseLine(bytes, start, end, this.sink);
    if (event === undefined) return;
    if (isFields(event) && typeof event.type === "string") this.event(event);
    else reportNotARecord(this.sink, "an event of this trace");
  }

  state(): State {
    return { ...this.now, tallies: { ...this.now.tallies }, spans: this.spans.state() };
  }

  private event(event: Fields): void {
    if (event.type === "counter" && typeof event.name === "string") this.counter(event.name, event);
    else if (event.type === "meta") this.meta(event);
    else if (event.type === "buffer") this.buffer(event);
    else if (event.type === "span") this.spans.add(event);
    else if (event.type === "instant" && typeof event.name === "string") this.tally(`instant.${event.name}`, 1);
    else if (!eventTypes.includes(String(event.type))) reportNotARecord(this.sink, "a kind of event that is known");
  }

  private counter(name: string, event: Fields): void {
    const { now } = this;
    const step = numberOf(event.step);
    if (step !== null && Number.isFinite(step)) {
      now.step = step;
      now.stepped = true;
    }
    if (name === "metrics") this.beginMetrics(event);
    if (name === "deadlock") {
      const held = `${shown(event.pending ?? "?")} prompts pending, ${shown(event.buffer_size ?? "?")} in the buffer`;
      const message = `The trainer reports a deadlock at step ${String(now.step)} (${held}).`;
      this.sink.diagnostic({ code: "deadlock", severity: "error", message });
    }
    for (const [key, value] of Object.entries(event)) {
      const raw = `${name}.${key}`;
      if (typeof value === "number" && !placeKeys.has(key)) {
        if (tallied.has(name)) this.tally(raw, value);
        else this.sink.point(raw, now.step, value);
      } else if (Array.isArray(value)) this.list(raw, value);
    }
    if (name === "metrics") this.endMetrics();
  }

  private tally(raw: string, by: number): void {
    this.now.tallies[raw] = (this.now.tallies[raw] ?? 0) + by;
  }

  /** `batch.*` write a value for each sample: of numbers the mean, of words (data sets) the share of each. */
  private list(raw: string, values: readonly unknown[]): void {
    const { step } = this.now;
    let [sum, numbers] = [0, 0];
    const words = new Map<string, number>();
    for (const value of values) {
      if (typeof value === "number") {
        sum += value;
        numbers++;
      } else if (typeof value === "string" && raw.startsWith("batch.")) words.set(value, (words.get(value) ?? 0) + 1);
    }
    if (numbers > 0) this.sink.point(`${raw}/mean`, step, sum / numbers);
    for (const [word, count] of [...words].slice(0, MOST_WORDS))
      this.sink.point(`${raw}/${word}`, step, count / values.length);
  }

  /** A2.1, "Step assignment": trainers that never write a step count their `metrics`. */
  private beginMetrics(event: Fields): void {
    const { now } = this;
    if (!now.stepped) now.step += 1;
    const ts = numberOf(event.ts);
    const before = now.metricsAt;
    if (ts !== null && before !== null && ts >= before) this.sink.point("metrics.step_time", now.step, ts - before);
    if (ts === null || !Number.isFinite(ts)) return;
    now.metricsAt = ts;
    if (now.began !== null) this.sink.clockTick(now.step, now.began + ts);
  }

  private endMetrics(): void {
    const { now } = this;
    for (const [raw, value] of Object.entries(now.tallies)) this.sink.point(raw, now.step, value);
    for (const { name, seconds } of this.spans.take()) this.sink.point(`span.${name}`, now.step, seconds);
    now.tallies = {};
    now.stepped = false;
    now.bufferDue = true;
  }

  /** Fates are cumulative counts of prompts over the whole run. */
  private buffer(event: Fields): void {
    if (!this.now.bufferDue) return;
    this.now.bufferDue = false;
    const size = numberOf(event.size);
    if (size !== null) this.sink.point("buffer.size", this.now.step, size);
    // Absent where nothing waits: how many policies' samples are mixed.
    const versions = Object.keys(isFields(event.by_version) ? event.by_version : {}).length;
    this.sink.point("buffer.versions", this.now.step, versions);
    for (const [fate, byVersion] of Object.entries(isFields(event.fates) ? event.fates : {})) {
      if (!isFields(byVersion)) continue;
      const total = Object.values(byVersion).reduce((sum: number, n) => sum + (typeof n === "number" ? n : 0), 0);
      this.sink.point(`buffer.${fate}`, this.now.step, total);
    }
  }

  /** Several come; what they say adds up. Under the words that all formats share where there are some, else under their own. */
  private meta(event: Fields): void {
    const start = wallSeconds(event.start_time);
    if (start !== null) this.now.began = start - (numberOf(event.ts) ?? 0);
    for (const [key, value] of Object.entries(event)) {
      if (plainMeta.has(key) || value === null) continue;
      const name = factNames[key] ?? key;
      if (typeof value === "number" ? Number.isFinite(value) : value !== "") {
        this.sink.fact(name, typeof value === "number" ? value : shown(value).slice(0, LONGEST_FACT));
      }
    }
  }
}

/** The place of the last byte that is not white space; before the start for a blank line. */
function lastPlace(bytes: Uint8Array, start: number, end: number): number {
  let at = end - 1;
  while (at >= start && (bytes[at] ?? 0) <= 32) at--;
  return at;
}

const LONGEST_FACT = 400;
const factNames: Readonly<Record<string, string>> = {
  run_name: "title",
  config_file: "config",
  model_path: "model",
  n_completions: "completions",
  start_time: "started",
  max_steps: "total_steps",
};

function detect(sample: SourceSample): number {
  const records = headRecords(sample);
  const events = records.filter((r) => isFields(r) && eventTypes.includes(String(r.type)) && typeof r.ts === "number");
  // A first snapshot may alone be longer than the sample.
  if (records.length <= 1 && /^\{"type": ?"(meta|buffer|counter|span)", ?.{0,60}"ts": ?[\d.]/.test(sample.head))
    return 0.9;
  if (events.length < 2 && records.length > 1) return 0;
  return events.length >= records.length * 0.6 && events.length > 0 ? 0.95 : 0;
}

export const rlvrTrace: LineReader = {
  id: "rlvr-trace",
  title: "RLVR trace",
  version: 3,
  axis: "step",
  input: "lines",
  detect,
  canonical: (raw) =>
    canonicalNames[raw] ??
    (raw.startsWith(partsHead)
      ? `reward/${raw.slice(partsHead.length)}`
      : raw.startsWith("span.")
        ? `time/${raw.slice("span.".length)}`
        : null),
  open: (sink, saved) => new RlvrTraceParser(sink, saved),
};
