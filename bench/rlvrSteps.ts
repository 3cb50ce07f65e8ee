// What an RLVR trainer writes about one step (formats/rlvr-openbrowser.md A2.1), as Python's json.dumps would spell it.
import { seeded } from "./stats";

export const rewardKey = "reward_stats.reward_overall";

const python = (value: number): string =>
  Number.isNaN(value)
    ? "NaN"
    : value === Infinity
      ? "Infinity"
      : Number.isInteger(value)
        ? value.toFixed(1)
        : String(value);
const list = (values: readonly (number | string)[]): string => `[${values.join(", ")}]`;

export function meta(runName: string): string {
  return `{"type": "meta", "ts": 0.00205973, "config_file": "bench.yaml", "run_name": "${runName}", "model_path": "Qwen/Qwen3-1.7B-Base", "dataset": "gsm8k", "vllm_batch_size": 0, "prompts_per_batch": 0, "n_completions": 8, "start_time": "2026-02-07T17:30:14"}\n`;
}

/** The reward of a step: what a reader must find again. */
export const rewardOf = (step: number): number => Math.round((0.2 + 0.6 * (1 - Math.exp(-step / 120))) * 1e6) / 1e6;

/** The counters at the end of an optimizer step, in the trainer's order. */
export function counters(step: number, ts: number): string {
  const random = seeded(step);
  const lengths = Array.from({ length: 16 }, () => 40 + Math.floor(random() * 900));
  const prompts = lengths.map((length) => length + 80);
  const rest = lengths.map((length) => 1024 - length);
  const rewards = lengths.map(() => (random() < 0.5 ? "1.0" : "0.0"));
  const at = (more: number): string => python(ts + more);
  // One step in a hundred has no gradient norm, as half precision does.
  const norm = step % 100 === 99 ? NaN : 0.4 + random() * 0.2;
  return [
    `{"type": "counter", "name": "batch.padding", "ts": ${at(0.001)}, "seq_padding_pct": ${python(random() * 60)}, "completion_padding_pct": ${python(random() * 60)}, "padded_seq_len": 1104, "padded_completion_len": 1024, "seq_lens": ${list(prompts)}, "completion_lens": ${list(lengths)}, "seq_padding_tokens": ${list(rest)}, "completion_padding_tokens": ${list(rest)}, "step": ${step}}`,
    `{"type": "counter", "name": "batch.finish_reasons", "ts": ${at(0.0011)}, "stop": 14, "length": 2}`,
    `{"type": "counter", "name": "batch.reward_vs_len", "ts": ${at(0.0012)}, "rewards": ${list(rewards)}, "completion_lens": ${list(lengths)}, "datasets": ${list(lengths.map(() => '"gsm8k"'))}, "step": ${step}}`,
    `{"type": "counter", "name": "rewards", "ts": ${at(0.0013)}, "mean": 0.5, "max": 1.0, "num_positive": 8}`,
    `{"type": "counter", "name": "metrics", "ts": ${at(0.002)}, "loss": ${python(random() * 0.1)}, "loss_grpo": ${python(random() * 0.1)}, "loss_sft": 0.0, "grad_norm": ${python(norm)}, "avg_reward": 0.5}`,
    `{"type": "counter", "name": "grpo.debug", "ts": ${at(0.0021)}, "kl_mean": ${python(random() * 1e-3)}, "kl_max": ${python(random() * 0.1)}, "ratio_max": ${python(1 + random() * 0.1)}, "entropy_mean": ${python(0.2 + random() * 0.1)}, "clip_frac": ${python(random() * 0.01)}}`,
    `{"type": "counter", "name": "titan.metrics", "ts": ${at(0.0022)}, "tps": ${python(5000 + random() * 500)}, "tflops": ${python(60 + random() * 9)}, "mfu": ${python(20 + random() * 3)}, "memory_gib": ${python(61.5)}, "memory_pct": ${python(77.2)}}`,
    `{"type": "counter", "name": "reward_stats", "ts": ${at(0.0023)}, "reward_used": 0.5, "reward_overall": ${python(rewardOf(step))}, "frac_all_correct": ${python(random() * 0.4)}, "frac_all_wrong": ${python(random() * 0.3)}}`,
    "",
  ].join("\n");
}
