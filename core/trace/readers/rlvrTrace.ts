// RLVR experiments' traces/trace.jsonl (rlvr tracer.py; formats/rlvr-openbrowser.md A2.1): counters become series.
// A trace is hundreds of megabytes of buffer snapshots and spans, so lines are told apart by their first bytes.
import { isFields, numberOf, type Fields } from "../../base/json";
import type { LineParser, LineReader, RecordSink, SourceSample } from "../reader";
import { BufferSnapshots } from "../bufferSnapshots";
import { shown } from "../document";
import { checkUtf8, headRecords, parseLine, reportNotARecord } from "../scan";
import { SpanTimes } from "../spanTimes";
import { wallSeconds } from "../wallTime";

const eventTypes = ["meta", "span", "counter", "buffer", "instant"];
const plainMeta = new Set(["type", "ts"]);
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
  "titan.metrics.tflops": "tflops",
  "titan.metrics.memory_gib": "memory_gib",
  "titan.metrics.memory_pct": "memory_pct",
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
  metricsSeen: boolean;
  metricsAt: number | null;
  tallies: Record<string, number>;
  /** When the trace began, in seconds since 1970. */
  began: number | null;
  spans: unknown;
  buffer: unknown;
  /** Curves of sums that were told before any `metrics` came: a worker's trace has none, and is told all the same. */
  early: string[];
}

const fresh: State = {
  ...{ step: 0, stepped: false, metricsSeen: false, metricsAt: null, tallies: {} },
  ...{ began: null, spans: [], buffer: null, early: [] },
};

class RlvrTraceParser implements LineParser {
  private readonly now: State;
  private readonly spans: SpanTimes;
  private readonly snapshots: BufferSnapshots;

  constructor(
    private readonly sink: RecordSink,
    saved?: unknown,
    config = "",
  ) {
    const state = { ...fresh, step: resumedAt(config), ...(isFields(saved) ? (saved as Partial<State>) : {}) };
    this.now = { ...state, tallies: { ...state.tallies } };
    this.spans = new SpanTimes(state.spans);
    this.snapshots = new BufferSnapshots(sink, state.buffer);
  }

  line(bytes: Uint8Array, start: number, end: number): void {
    const last = lastPlace(bytes, start, end);
    const skippable =
      this.spans.line(bytes, start, last) || (bytes[last] === CLOSE && this.snapshots.passOver(bytes, start, last + 1));
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
    const { now, spans, snapshots } = this;
    return { ...now, tallies: { ...now.tallies }, spans: spans.state(), buffer: snapshots.state() };
  }

  caughtUp(): void {
    this.snapshots.catchUp();
    if (this.now.metricsSeen) return;
    const sums = [...Object.entries(this.now.tallies), ...this.spans.sofar()];
    this.tellSums(sums);
    this.now.early = sums.map(([raw]) => raw);
  }

  private event(event: Fields): void {
    if (event.type === "counter" && typeof event.name === "string") this.counter(event.name, event);
    else if (event.type === "meta") this.meta(event);
    else if (event.type === "buffer") this.snapshots.read(event, this.now.step);
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
    this.tellSums([...Object.entries(now.tallies), ...this.spans.take()]);
    this.snapshots.endStep();
    now.tallies = {};
    now.early = [];
    now.stepped = false;
    now.metricsSeen = true;
  }

  private tellSums(sums: readonly [string, number][]): void {
    const { step, early } = this.now;
    for (const [raw, value] of sums) this.sink.point(raw, step, value, early.includes(raw));
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

/** `training.resume_step`: where trainers that write no step begin to count. A config is YAML, but no more of it is asked for. */
function resumedAt(config: string): number {
  const training = /^training:[^\S\n]*(?:#.*)?\n((?:(?:[^\S\n]+.*|#.*)?\n)*)/m.exec(`${config}\n`)?.[1] ?? "";
  return Number(/^\s+resume_step:\s*(\d+)\s*(?:#.*)?$/m.exec(training)?.[1] ?? 0);
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
  version: 4,
  axis: "step",
  input: "lines",
  detect,
  canonical: (raw) =>
    canonicalNames[raw] ??
    (raw.startsWith(partsHead)
      ? `reward/${raw.slice(partsHead.length)}`
      : raw.startsWith("span.") && !raw.includes("/")
        ? `time/${raw.slice("span.".length)}`
        : null),
  // The runtime's copy of the config, in the run's folder (A1.4).
  beside: "../config.yaml",
  open: (sink, saved, _path, config) => new RlvrTraceParser(sink, saved, config),
};
