// RLVR experiments' console (train_*.py, losses.py, model.py; formats/rlvr-openbrowser.md A2.4). The trainer keeps no copy of it:
// it is what a launcher captured, with Ray's prefixes and colours. Where a trace lies beside it, that is more exact.
import { numberOf } from "../../base/json";
import { rate } from "../../metrics/evalMetric";
import { headLines, logLine, numbersIn, numbersInDict, withoutPrefixes } from "../logText";
import type { LineParser, LineReader, RecordSink, SourceSample } from "../reader";
import { lastByte } from "../scan";

const STEP = /^(?:\[epoch (?<epoch>\d+)\] )?(?:optim_)?step=(?<step>\d+)(?<kv>(?: [a-z_]+=\S+)+)$/;
const TITAN =
  /\[METRICS\] step=\s*(?<step>\d+)\s+loss=(?<loss>\S+)\s+memory=(?<memory>[\d.]+)GiB\((?<pct>[\d.]+)%\)\s+tps=(?<tps>[\d.]+)\s+tflops=(?<tflops>[\d.]+)\s+mfu=(?<mfu>[\d.]+)%/;
const DEBUG = /\[GRPO DEBUG\] (?<dict>\{[^}]*\})/;
/** Standard output of the evaluations (A2.5): one line a prompt of pass@k, one at the end of the others. */
const JUDGED = /^\s*\[(?<i>\d+)\/(?<n>\d+)\] (?<id>\S.*): (?<right>\d+)\/(?<of>\d+) correct \([\d.]+%\)$/;
const ACCURACY = /^Accuracy: (?<share>[01]\.\d+) \((?<right>\d+)\/(?<n>\d+)\)$/;
const VLLM = /^\[vLLM METRICS replica=\d+\] (?<kv>.*)$/;

/** Printed once in a micro-batch on every rank and without a step: the next step line is theirs. */
interface Gathered {
  sum: number;
  max: number;
  n: number;
}

const sumOf = new Set(["vllm.prompts", "vllm.completions", "vllm.prompt_tokens", "vllm.output_tokens"]);
const countOf = new Set(["kl_spikes", "prompts_failed"]);

class RlvrLogParser implements LineParser {
  private readonly gathered = new Map<string, Gathered>();

  constructor(
    private readonly sink: RecordSink,
    saved?: unknown,
  ) {
    const held = Array.isArray(saved) ? (saved as [string, Record<keyof Gathered, string>][]) : [];
    for (const [key, { sum, max, n }] of held)
      this.gathered.set(key, { sum: Number(sum), max: Number(max), n: Number(n) });
  }

  line(bytes: Uint8Array, start: number, end: number): void {
    if (lastByte(bytes, start, end) < 0) return;
    const line = withoutPrefixes(logLine(bytes, start, end, this.sink));
    if (line.startsWith("[runtime]") || line.startsWith("=== ") || line.startsWith("Total time")) this.fact(line);
    else if (line.includes("step=")) this.step(line);
    else if (line.includes(" correct (") || line.startsWith("Accuracy: ")) this.evaluated(line);
    else if (line.includes("[GRPO DEBUG]")) this.debug(line);
    else if (line.startsWith("[vLLM METRICS")) {
      for (const [key, value] of numbersIn((VLLM.exec(line)?.groups?.kv ?? "").replace(/(\d)s(?=\s|$)/g, "$1")))
        this.gather(`vllm.${key}`, value);
    } else if (line.startsWith("[KL SPIKE]")) this.gather("kl_spikes", 1);
    else if (line.startsWith("[producer] prompt failed")) this.gather("prompts_failed", 1);
    else if (/^\[(DataIterator|load_mixed)\] .*\bvalid IDs|not found in dataset/.test(line)) {
      const message = `The data order was not found whole: ${line.slice(0, 200)}`;
      this.sink.diagnostic({ code: "prompts-not-found", severity: "warning", message });
    }
  }

  state(): unknown {
    // As text, so that NaN and the infinities survive JSON.
    return [...this.gathered].map(([key, { sum, max, n }]) => [
      key,
      { sum: String(sum), max: String(max), n: String(n) },
    ]);
  }

  private step(line: string): void {
    const titan = TITAN.exec(line)?.groups;
    if (titan) {
      const at = Number(titan.step);
      for (const key of ["loss", "memory", "pct", "tps", "tflops", "mfu"]) {
        const value = numberOf(titan[key]);
        if (value !== null) this.sink.point(`titan.${key}`, at, value);
      }
      return;
    }
    const found = STEP.exec(line)?.groups;
    if (!found) return;
    const at = Number(found.step);
    const epoch = numberOf(found.epoch);
    if (epoch !== null) this.sink.point("epoch", at, epoch);
    // K writes its elapsed time as "12.3s".
    for (const [key, value] of numbersIn((found.kv ?? "").replace(/(\d)s(?=\s|$)/g, "$1")))
      this.sink.point(key, at, value);
    for (const [key, { sum, max, n }] of this.gathered)
      this.sink.point(key, at, sumOf.has(key) || countOf.has(key) ? sum : /_max$/.test(key) ? max : sum / n);
    this.gathered.clear();
  }

  private evaluated(line: string): void {
    const judged = JUDGED.exec(line)?.groups;
    const total = ACCURACY.exec(line)?.groups;
    if (judged) {
      this.sink.fact("prompts", Number(judged.n));
      this.sink.point("prompt.correct", Number(judged.i), Number(judged.right) / Number(judged.of));
    }
    if (!total) return;
    const n = Number(total.n);
    const metrics = [rate("accuracy", Number(total.right) / n, n)];
    this.sink.evaluation({ label: "console", backend: null, episodes: n, steps: null, metrics });
  }

  private debug(line: string): void {
    const dict = DEBUG.exec(line)?.groups?.dict;
    if (dict === undefined) {
      const message = "A [GRPO DEBUG] line has no whole dict.";
      this.sink.diagnostic({ code: "torn-line", severity: "warning", message });
      return;
    }
    for (const [key, value] of numbersInDict(dict)) this.gather(`grpo.debug.${key}`, value);
  }

  private gather(key: string, value: number): void {
    const held = this.gathered.get(key);
    const max = held ? Math.max(held.max, value) : value;
    this.gathered.set(key, { sum: (held?.sum ?? 0) + value, max, n: (held?.n ?? 0) + 1 });
  }

  private fact(line: string): void {
    const tracing = /^\[runtime\] tracing to (\S+)$/.exec(line)?.[1];
    if (tracing !== undefined) this.sink.fact("trace", tracing);
    const name = /^\[runtime\] run\.name='([^']*)'/.exec(line)?.[1];
    if (name !== undefined) this.sink.fact("title", name);
    if (line === "=== Training complete ===") this.sink.fact("ended", "complete");
    const total = numberOf(/^Total time: ([\d.]+)s$/.exec(line)?.[1]);
    if (total !== null) this.sink.fact("total_seconds", total);
  }
}

/** Log names -> canonical ones: `reward` is of the last micro-batch, `reward_all` of every prompt since the last step (A2.4). */
const canonicalNames: Readonly<Record<string, string>> = {
  reward_all: "reward",
  reward: "avg_reward",
  grpo: "loss/grpo",
  sft: "loss/sft",
  gkd: "loss/gkd",
  mean_kl: "kl",
  "grpo.debug.kl_mean": "kl",
  "grpo.debug.kl_max": "kl_max",
  "grpo.debug.entropy_mean": "entropy",
  "grpo.debug.clip_frac": "clip_frac",
  "grpo.debug.ratio_max": "ratio_max",
  "prompt.correct": "eval/correct",
  "titan.loss": "titan/loss",
  "titan.mfu": "mfu",
  "titan.tps": "tokens_per_second",
  "titan.tflops": "tflops",
  "titan.memory": "memory_gib",
  "titan.pct": "memory_pct",
};

function detect(sample: SourceSample): number {
  let own = 0;
  let steps = 0;
  for (const raw of headLines(sample)) {
    const line = withoutPrefixes(raw.trimEnd());
    if (TITAN.test(line) || DEBUG.test(line) || VLLM.test(line) || /^\[runtime\] (tracing to|run\.name=)/.test(line))
      own++;
    else if (JUDGED.test(line) || ACCURACY.test(line)) own++;
    else if (STEP.test(line) && / (loss|reward)=/.test(line)) steps++;
  }
  return own > 0 ? 0.9 : steps > 0 ? 0.6 : 0;
}

export const rlvrLog: LineReader = {
  id: "rlvr-log",
  title: "RLVR console",
  version: 2,
  axis: "step",
  input: "lines",
  detect,
  canonical: (raw) => (Object.hasOwn(canonicalNames, raw) ? (canonicalNames[raw] ?? null) : null),
  open: (sink, saved) => new RlvrLogParser(sink, saved),
};
