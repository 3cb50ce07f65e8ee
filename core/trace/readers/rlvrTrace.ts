// RLVR experiments' traces/trace.jsonl (rlvr tracer.py; formats/rlvr-openbrowser.md A2.1): counters become series.
// A trace is hundreds of megabytes of buffer snapshots and spans, so lines are told apart by their first bytes.
import { isFields, numberOf, type Fields } from "../../base/json";
import type { LineParser, LineReader, RecordSink, SourceSample } from "../reader";
import { ascii, checkUtf8, headRecords, lastByte, parseLine, reportNotARecord, startsWith } from "../scan";

const eventTypes = ["meta", "span", "counter", "buffer", "instant"];
const spanHead = ascii('{"type": "span",');
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
const tallied = new Set(["skipped", "failed"]);

/** Where an event stands, not what it measured. */
const placeKeys = new Set(["ts", "step", "trained_at_step"]);

interface State {
  step: number;
  /** A counter with a step has come since the last `metrics`. */
  stepped: boolean;
  metricsAt: number | null;
  tallies: Record<string, number>;
  /** One buffer snapshot is read after each `metrics`; the others say the same thing a little earlier or later. */
  bufferDue: boolean;
}

const fresh: State = { step: 0, stepped: false, metricsAt: null, tallies: {}, bufferDue: true };

class RlvrTraceParser implements LineParser {
  private readonly now: State;

  constructor(
    private readonly sink: RecordSink,
    saved?: unknown,
  ) {
    const state = { ...fresh, ...(isFields(saved) ? (saved as Partial<State>) : {}) };
    this.now = { ...state, tallies: { ...state.tallies } };
  }

  line(bytes: Uint8Array, start: number, end: number): void {
    const skippable =
      startsWith(bytes, start, end, spanHead) || (!this.now.bufferDue && startsWith(bytes, start, end, bufferHead));
    if (skippable && lastByte(bytes, start, end) === CLOSE) {
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
    return { ...this.now, tallies: { ...this.now.tallies } };
  }

  private event(event: Fields): void {
    if (event.type === "counter" && typeof event.name === "string") this.counter(event.name, event);
    else if (event.type === "meta") this.meta(event);
    else if (event.type === "buffer") this.buffer(event);
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
    if (name === "batch.padding") this.lengths(event.completion_lens);
    for (const [key, value] of Object.entries(event)) {
      if (typeof value !== "number" || placeKeys.has(key)) continue;
      const raw = `${name}.${key}`;
      if (tallied.has(name)) now.tallies[raw] = (now.tallies[raw] ?? 0) + value;
      else this.sink.point(raw, now.step, value);
    }
    if (name === "metrics") this.endMetrics();
  }

  /** The project's own curves show the mean of the last micro-batch (A2.7). */
  private lengths(lengths: unknown): void {
    const all = Array.isArray(lengths) ? lengths.filter((each) => typeof each === "number") : [];
    const mean = all.reduce((sum, each) => sum + each, 0) / all.length;
    if (all.length > 0) this.sink.point("batch.padding.completion_lens/mean", this.now.step, mean);
  }

  /** A2.1, "Step assignment": trainers that never write a step count their `metrics`. */
  private beginMetrics(event: Fields): void {
    const { now } = this;
    if (!now.stepped) now.step += 1;
    const ts = numberOf(event.ts);
    const before = now.metricsAt;
    if (ts !== null && before !== null && ts >= before) this.sink.point("metrics.step_time", now.step, ts - before);
    if (ts !== null && Number.isFinite(ts)) now.metricsAt = ts;
  }

  private endMetrics(): void {
    const { now } = this;
    for (const [raw, value] of Object.entries(now.tallies)) this.sink.point(raw, now.step, value);
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
    for (const [fate, byVersion] of Object.entries(isFields(event.fates) ? event.fates : {})) {
      if (!isFields(byVersion)) continue;
      const total = Object.values(byVersion).reduce((sum: number, n) => sum + (typeof n === "number" ? n : 0), 0);
      this.sink.point(`buffer.${fate}`, this.now.step, total);
    }
  }

  private meta(event: Fields): void {
    const facts: [string, unknown][] = [
      ["title", event.run_name],
      ["config", event.config_file],
      ["model", event.model_path],
      ["dataset", event.dataset],
      ["completions", event.n_completions],
      ["started", event.start_time],
      ["total_steps", event.max_steps ?? event.total_steps],
      ["seed", event.seed],
    ];
    for (const [name, value] of facts) {
      if (typeof value === "string" || (typeof value === "number" && Number.isFinite(value)))
        this.sink.fact(name, value);
    }
  }
}

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
  version: 2,
  axis: "step",
  input: "lines",
  detect,
  canonical: (raw) =>
    canonicalNames[raw] ?? (raw.startsWith(partsHead) ? `reward/${raw.slice(partsHead.length)}` : null),
  open: (sink, saved) => new RlvrTraceParser(sink, saved),
};
