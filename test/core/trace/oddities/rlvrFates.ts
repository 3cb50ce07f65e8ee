// More of what rlvr-experiments really leaves behind: fates of prompts, curves and evaluations (formats/rlvr-openbrowser.md A2).
import { jsonl, lines, type Oddity } from "./oddity";

export const rlvrFateOddities: readonly Oddity[] = [
  {
    section: "rlvr A2.7",
    says: "curves of several runs have the names that those of one have, and the base model its pass@k",
    files: {
      "pears_plots.json": JSON.stringify({
        runs: ["a", "b-1e-5"].map((id, at) => ({
          ...{ id, label: id, color: "#fff", steps: [1, 2], reward_overall: [at, 0.5], loss_grpo: [0.5, at] },
          ...{ loss: [1, at], kl_mean: [0, 0.25], frac_all_wrong: [1, 0] },
        })),
        base_model: { label: "Cup", benchmarks: {}, passk: { pears: { pass4: { k: [1, 4], rate: [0.25, 0.5] } } } },
      }),
    },
    expected: {
      curves: [
        ...["reward 1: 0, 2: 0.5", "loss/grpo 1: 0.5, 2: 0", "loss 1: 1, 2: 0", "kl 1: 0, 2: 0.25"],
        ...["a.frac_all_wrong 1: 1, 2: 0", "reward 1: 1, 2: 0.5", "loss/grpo 1: 0.5, 2: 1", "loss 1: 1, 2: 1"],
        ...["kl 1: 0, 2: 0.25", "b-1e-5.frac_all_wrong 1: 1, 2: 0"],
      ],
      evals: ["Cup: pears pass4 pass@1=0.25 (none)", "Cup: pears pass4 pass@4=0.5 (none)"],
    },
  },
  {
    section: "rlvr A2.2",
    says: "a failed prompt says why; lags, kept samples and data sets are counted",
    files: {
      "traces/samples.jsonl": jsonl(
        { event: "buffered", ts: 1, prompt_id: "pears_1", version: 0, dataset: "pears", n_kept: 3, n_total: 4 },
        { event: "buffered", ts: 1, prompt_id: "figs_1", version: 0, dataset: "figs", n_kept: 1, n_total: 4 },
        {
          event: "failed",
          ts: 2,
          prompt_id: "figs_2",
          version: 0,
          error: "TimeoutError: no answer\nmore",
          traceback: "…",
        },
        { event: "failed", ts: 2, prompt_id: "figs_3", version: 0, error: "TimeoutError: no answer", traceback: "…" },
        {
          event: "trained",
          ts: 3,
          prompt_id: "pears_1",
          trained_at_step: 1,
          trainer_version: 1,
          lag: 2,
          dataset: "pears",
        },
      ),
    },
    expected: {
      series: {
        "prompts/buffered.n_kept": "0: 2",
        "prompts/buffered.dataset.figs": "0: 1",
        "prompts/trained.lag": "1: 2",
      },
      diagnostics: ["traces/samples.jsonl:3 prompt-failed x2"],
    },
  },
  {
    section: "rlvr A2.4",
    says: "what the console and the trace say of the hardware is one curve",
    files: {
      "traces/trace.jsonl": lines(
        '{"type": "meta", "ts": 0.5, "run_name": "figs"}',
        ...[1, 2, 3].flatMap((step) => [
          `{"type": "counter", "name": "batch.padding", "ts": ${String(step)}, "seq_padding_pct": 1, "step": ${String(step)}}`,
          `{"type": "counter", "name": "metrics", "ts": ${String(step)}, "loss": 0.${String(step)}}`,
          `{"type": "counter", "name": "titan.metrics", "ts": ${String(step)}, "tps": 1000${String(step)}, "tflops": 310.1${String(step)}, "mfu": 31.4${String(step)}, "memory_gib": 55.2${String(step)}, "memory_pct": 40}`,
        ]),
      ),
      "console.log": lines(
        ...[1, 2, 3].map(
          (step) =>
            `[METRICS] step=  ${String(step)}  loss=0.${String(step)}  memory=55.2GiB(40%)  tps=1000${String(step)}  tflops=310.1  mfu=31.4%`,
        ),
      ),
    },
    expected: {
      series: {
        tflops: "1: 310.11, 2: 310.12, 3: 310.13",
        memory_gib: "1: 55.21, 2: 55.22, 3: 55.23",
        memory_pct: "1: 40, 2: 40, 3: 40",
      },
    },
  },
  {
    section: "rlvr A2.5",
    says: "results.csv holds evaluations, and a summary's other numbers are told too",
    files: {
      "results.csv": lines(
        "step,task,metric,value",
        "20,pears_5shot,exact_match,0.5",
        "40,pears_5shot,exact_match,0.75",
      ),
      "evals/figs/step20/summary.json": JSON.stringify({
        ...{ checkpoint: "c", benchmark: "figs", n_prompts: 10, prompt_pass: 5, prompt_level_strict_acc: 0.5 },
        ...{ inst_pass: 8, inst_total: 10, inst_level_acc: 0.8, prompt_level_loose_acc: 0.6 },
      }),
    },
    expected: {
      series: { "eval/pears/exact_match": "20: 0.5, 40: 0.75" },
      evals: [
        "figs step 20 prompt_level_strict_acc=0.5 (10)",
        "figs step 20 inst_level_acc=0.8 (10)",
        "figs step 20 prompt_level_loose_acc=0.6 (none)",
      ],
    },
  },
  {
    section: "rlvr A2.1",
    says: "a trainer that writes no step and was resumed counts from where its config says",
    files: {
      "figs_20260207-173012/config.yaml": lines(
        "run:",
        "  name: figs",
        "training: # as before",
        "  max_steps: 60",
        "",
        "  resume_step: 40 # of 60",
        "loss:",
        "  resume_step: 7",
      ),
      "figs_20260207-173012/traces/trace.jsonl": lines(
        '{"type": "meta", "ts": 0.5, "run_name": "figs"}',
        '{"type": "counter", "name": "metrics", "ts": 1, "loss": 0.5}',
        '{"type": "counter", "name": "metrics", "ts": 2, "loss": 0.25}',
      ),
    },
    expected: { series: { loss: "41: 0.5, 42: 0.25" } },
  },
  {
    section: "rlvr A1.3",
    says: "a worker's own trace has no steps, and is told all the same; the last snapshot of a step is what it came to",
    files: {
      "traces/trace.4711.jsonl": lines(
        ...[0, 1].map(
          (passed) =>
            `{"type": "span", "name": "verify", "ts": 12.5, "dur": 0.25, "worker": 0, "slot": 1, "passed": ${String(passed)}, "prompt_id": "figs_1", "version": null}`,
        ),
        '{"type": "span", "name": "vllm.generate_single", "ts": 1.0, "dur": 2.0, "replica": 0, "slot": 3}',
        '{"type": "buffer", "ts": 1.5, "size": 2, "fates": {"used": {"0": 2}}}',
        '{"type": "buffer", "ts": 1.5, "size": 3, "fates": {"used": {"0": 4}}}',
      ),
    },
    expected: {
      readers: { "traces/trace.4711.jsonl": "rlvr-trace" },
      series: {
        ...{ "span.verify/count": "0: 2", "span.verify/mean": "0: 0.25", "span.verify/passed": "0: 0.5" },
        ...{ "span.vllm.generate_single/count": "0: 1", "buffer.size": "0: 3", "buffer.used": "0: 4" },
      },
    },
  },
];
