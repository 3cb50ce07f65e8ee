// What RLVR experiments really leave behind (formats/rlvr-openbrowser.md A2).
import { jsonl, lines, type Oddity } from "./oddity";

const group = (more: object): object => ({
  prompt: "Q: pears?\nA:",
  completions: [" 3", " 4"],
  rewards: [1, 0],
  ...more,
});
const fates = { used: {}, wasted: {}, filtered: { "0": 1 }, failed: {} };

export const rlvrOddities: readonly Oddity[] = [
  {
    section: "rlvr A2.1",
    says: "bare NaN and Infinity are values, and keep apart from what is missing",
    files: {
      "traces/trace.jsonl": lines(
        '{"type": "meta", "ts": 0.1, "config_file": "pears.yaml", "run_name": "pears", "start_time": "2026-02-07T17:30:14"}',
        '{"type": "counter", "name": "batch.padding", "ts": 1, "completion_lens": [4, 6], "step": 1}',
        '{"type": "counter", "name": "metrics", "ts": 1.1, "loss": NaN, "grad_norm": Infinity, "avg_reward": 0.5}',
        '{"type": "counter", "name": "batch.padding", "ts": 2, "completion_lens": [5], "step": 2}',
        '{"type": "counter", "name": "metrics", "ts": 2.1, "loss": -Infinity, "avg_reward": 0.25}',
      ),
    },
    expected: {
      readers: { "traces/trace.jsonl": "rlvr-trace" },
      series: {
        loss: "1: NaN, 2: -Infinity",
        grad_norm: "1: Infinity",
        avg_reward: "1: 0.5, 2: 0.25",
        completion_length: "1: 5, 2: 5",
      },
    },
  },
  {
    section: "rlvr A2.1",
    says: "a trainer without step-bearing counters counts its metrics; reward_stats may be empty; the headline reward is of every prompt",
    files: {
      "trace.jsonl": lines(
        '{"type": "counter", "name": "metrics", "ts": 1.1, "loss": 1, "grad_norm": 2}',
        '{"type": "counter", "name": "reward_stats", "ts": 1.2}',
        '{"type": "counter", "name": "metrics", "ts": 2.1, "loss": 0.5, "grad_norm": 1, "avg_reward": 1}',
        '{"type": "counter", "name": "reward_stats", "ts": 2.2, "reward_used": 0.5, "reward_overall": 0.75}',
      ),
    },
    expected: { series: { loss: "1: 1, 2: 0.5", grad_norm: "1: 2, 2: 1", reward: "2: 0.75" } },
  },
  {
    section: "rlvr A2.1",
    says: "older buffer events say partial for failed, unknown kinds come along, and a crash leaves half a line",
    files: {
      "trace.jsonl":
        jsonl(
          { type: "buffer", ts: 1, size: 2, fates: { used: {}, wasted: {}, filtered: {}, partial: { "0": 1 } } },
          { type: "buffer", ts: 2, size: 2, by_version: { "0": 2 }, fates },
          { type: "instant", name: "pears", ts: 3, ripe: true },
          { type: "hologram", ts: 3 },
          { type: "counter", name: "batch.padding", ts: 4, step: 7 },
          { type: "counter", name: "metrics", ts: 5, loss: 0.5 },
        ) + '{"type": "counter", "name": "metr',
    },
    expected: { series: { loss: "7: 0.5" }, diagnostics: ["trace.jsonl:4 not-a-record", "trace.jsonl:7 torn-line"] },
  },
  {
    section: "rlvr A2.3",
    says: "three vintages of the version key in one file; ids with blanks and ampersands; a prompt comes again in the next epoch",
    files: {
      "rollouts.jsonl": jsonl(
        group({ prompt_id: "math_counting & probability_46", version: 0, dataset: "math" }),
        group({ prompt_id: "HumanEval/7", generated_at_step: 1, dataset: "humaneval" }),
        group({
          prompt_id: "pears_9",
          generated_at_version: 2,
          trainer_version_after: 2,
          rewards: [0.4, 0.4],
          dataset: "x",
        }),
        group({ prompt_id: "pears_9", generated_at_version: 2, epoch: 1, rewards: [1, 1], dataset: "x" }),
      ),
    },
    expected: {
      rollouts: [
        "0 · 2 · 0.5 · math_counting & probability_46",
        "1 · 2 · 0.5 · HumanEval/7",
        "2 · 2 · 0.4 · pears_9",
        "2 · 2 · 1 · pears_9",
      ],
    },
  },
  {
    section: "rlvr A2.1",
    says: "the words NaN and Infinity inside a prompt stay words, and a group's mean is of the rewards that are numbers",
    files: {
      "rollouts.jsonl": lines(
        '{"prompt_id": "pears_1", "prompt": "x: NaN, y: -Infinity, \\"NaN\\"", "completions": ["Infinity", "b"], "rewards": [1.0, NaN], "generated_at_version": 3, "dataset": "d"}',
      ),
    },
    expected: { rollouts: ["3 · 2 · 1 · pears_1"] },
  },
  {
    section: "rlvr A2.4",
    says: "Ray's prefix, colours and repeats stand around a line; steps and epochs are written in six ways; numbers may be nan",
    files: {
      "train.log": lines(
        "[runtime] run.name='pears' host=10.0.0.5",
        "[runtime] tracing to /out/pears_20260207-173012/traces/trace.jsonl",
        "\u001b[36m(TitanModelRank pid=12345)\u001b[0m [GRPO DEBUG] {'kl_mean': 0.5, 'kl_max': nan, 'entropy_mean': 0.25}",
        "\u001b[36m(TitanModelRank pid=12346)\u001b[0m [GRPO DEBUG] {'kl_mean': 0.25, 'kl_max': 0.5, 'entropy_mean': 0.75} [repeated 8x across cluster]",
        "step=1 loss=0.0012 grpo=0.0012 sft=0.0000 grad_norm=inf reward=0.50 reward_all=0.71",
        "[epoch 0] step=2 loss=nan grad_norm=0.4 reward=0.55 reward_all=0.75",
        "[epoch 1] optim_step=3 loss=0.5 grad_norm=0.5",
        "step=4 loss=0.25 grad_norm=0.5 reward=1.00 mean_kl=0.125 student_lp=-1.0 elapsed=12.3s",
        "[METRICS] step=  4  loss=0.25  memory=55.2GiB(40%)  tps=12345  tflops=310.1  mfu=31.4%",
        "step=5 the door",
      ),
    },
    expected: {
      readers: { "train.log": "rlvr-log" },
      series: {
        loss: "1: 0.0012, 2: NaN, 3: 0.5, 4: 0.25",
        grad_norm: "1: Infinity, 2: 0.4, 3: 0.5, 4: 0.5",
        reward: "1: 0.71, 2: 0.75",
        avg_reward: "1: 0.5, 2: 0.55, 4: 1",
        epoch: "2: 0, 3: 1",
        mfu: "4: 31.4",
        elapsed: "4: 12.3",
      },
    },
  },
  {
    section: "rlvr A2.5",
    says: "lm-eval writes seconds as a text, N/A for an error bar, and two answers to one question",
    files: {
      "results_2026.json": JSON.stringify({
        results: {
          pears: {
            alias: "pears",
            "exact_match,strict-match": 0.25,
            "exact_match_stderr,strict-match": "N/A",
            "exact_match,flexible-extract": 0.5,
            "exact_match_stderr,flexible-extract": 0.01,
          },
        },
        "n-samples": { pears: { original: 100, effective: 20 } },
        configs: { pears: { generation_kwargs: { until: ["Q:"] } } },
        config: { model: "vllm", model_args: "pretrained=/x/pears_step40,dtype=auto", gen_kwargs: null, limit: null },
        total_evaluation_time_seconds: "12.5",
      }),
    },
    expected: {
      readers: { "results_2026.json": "lm-eval-results" },
      series: {
        "eval/pears/exact_match,strict-match": "40: 0.25",
        "eval/pears/exact_match,flexible-extract": "40: 0.5",
      },
      evals: [
        "pears_step40 pears/exact_match,strict-match=0.25 (20)",
        "pears_step40 pears/exact_match,flexible-extract=0.5 (20)",
      ],
    },
  },
  {
    section: "rlvr A2.7",
    says: "null in a curve is missing, an empty curve is none",
    files: {
      "pears_plots.run-a.json": JSON.stringify({
        ...{
          id: "a",
          label: "A",
          color: "#fff",
          steps: [1, 2, 3],
          reward_overall: [0.5, null, 1],
          loss_grpo: [null, null, null],
        },
        ...{ completion_len: [], kl_mean: [0, 0.5, 0.25] },
      }),
    },
    expected: {
      readers: { "pears_plots.run-a.json": "rlvr-curves" },
      series: { reward: "1: 0.5, 3: 1", kl: "1: 0, 2: 0.5, 3: 0.25" },
    },
  },
];
