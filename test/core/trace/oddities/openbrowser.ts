// What openbrowser-ai's programs and its data really look like (formats/rlvr-openbrowser.md B2).
import { lines, type Oddity } from "./oddity";

const pre = "2026-02-20 11:02:33,123 - __main__ - INFO - ";

export const openbrowserOddities: readonly Oddity[] = [
  {
    section: "rlvr B2.2",
    says: "a rollout's text goes on over lines that look like steps: only a line with its prefix is a line of the log",
    files: {
      "job.log": lines(
        `${pre}Starting online GRPO: 2 prompts, G=2, kl_coeff=0.05`,
        `${pre}Rollout 0: 2 actions parsed. Text (first 200 chars): Step 1: Navigate to http://orchard`,
        "Step 9 (prompt 9/9): avg_reward=9.000, loss=9.0",
        "  Step 2: Click the Submit button",
        `${pre}  Step 1 (prompt 1/2): avg_reward=0.650, loss=0.5, pg_loss=nan, kl=-inf`,
        `${pre}  Step 2 (prompt 2/2): avg_reward=0.200 [SKIPPED: low-var=0.000000, 2 consecutive]`,
        `${pre}Epoch 1 complete: avg_reward=0.425, nonzero_rewards=2/4, avg_kl=0.0230`,
      ),
    },
    expected: {
      readers: { "job.log": "openbrowser-log" },
      series: { reward: "1: 0.65, 2: 0.2", loss: "1: 0.5", "loss/pg": "1: NaN", kl: "1: -Infinity" },
    },
  },
  {
    section: "rlvr B2.2",
    says: "one job log holds two runs where the first was tried again: its steps come twice",
    files: {
      "job.log": lines(
        `${pre}Starting online GRPO: 9 prompts, G=2`,
        `${pre}Step 1 (prompt 1/9): avg_reward=0.100, loss=0.5`,
        `${pre}Step 2 (prompt 2/9): avg_reward=0.200, loss=0.5`,
        `${pre}Starting online GRPO: 9 prompts, G=2`,
        `${pre}Step 1 (prompt 1/9): avg_reward=0.300, loss=0.5`,
      ),
    },
    expected: {
      series: { reward: "1: 0.1, 2: 0.2, 1: 0.3", loss: "1: 0.5, 2: 0.5, 1: 0.5" },
      diagnostics: ["job.log:4 second-run"],
    },
  },
  {
    section: "rlvr B2.3",
    says: "prompts that parsed to nothing and prompts that failed have other fields, and count",
    files: {
      "results.json": JSON.stringify({
        ...{ model: "pear-8b", checkpoint: "outputs/finetuning_sft/final", prompts_evaluated: 3, nonzero_count: 1 },
        ...{ nonzero_rate: 1 / 3, avg_reward: 0.25 },
        per_prompt: [
          { prompt_idx: 0, reward: 0.75, actions: 4, executed: 4, success_page: false },
          { prompt_idx: 1, reward: 0.0, actions: 0 },
          { prompt_idx: 2, reward: 0.0, error: "net::ERR" },
        ],
      }),
    },
    expected: {
      readers: { "results.json": "openbrowser-results" },
      evals: [
        "outputs/finetuning_sft/final nonzero_rate=0.3333333333333333 (3)",
        "outputs/finetuning_sft/final avg_reward=0.25 (3)",
        "outputs/finetuning_sft/final success_page=0 (3)",
        "outputs/finetuning_sft/final nothing_parsed=0.3333333333333333 (3)",
        "outputs/finetuning_sft/final field_accuracy=1 (1)",
      ],
      rollouts: ["null · 1 · 0.75 · 0", "null · 1 · 0 · 1", "null · 1 · 0 · 2"],
      diagnostics: ["results.json:none prompt-failed"],
    },
  },
  {
    section: "rlvr B2.1",
    says: "a recorded element may have no text, and a value may hold the arrow",
    files: {
      "train.json": JSON.stringify([
        {
          ...{
            annotation_id: "pears-1",
            website: "orchard",
            domain: "Food",
            subdomain: "Fruit",
            confirmed_task: "Buy pears",
          },
          action_reprs: ["[svg]   -> CLICK", "[textbox]  Note -> TYPE: a -> CLICK: b", "[button]  Buy -> ENTER"],
        },
      ]),
    },
    expected: { readers: { "train.json": "mind2web" }, episodes: ["- · pears-1 · 3 · null · null"] },
  },
  {
    section: "rlvr B2.2",
    says: "what a trainer remarks between its steps is read, and the times of its lines place files that know only the time",
    files: {
      "online.log": lines(
        "2026-02-20 11:00:00,500 - __main__ - INFO - Starting online GRPO: 9 prompts, G=2, kl=0.01",
        "2026-02-20 11:00:05,000 - __main__ - WARNING - 2 actions could not be resolved to element indices",
        "2026-02-20 11:00:06,000 - __main__ - WARNING - 1 actions could not be resolved to element indices",
        "2026-02-20 11:00:10,000 - __main__ - INFO -   Step 5 (prompt 5/9): avg_reward=0.650, loss=0.0123",
        "2026-02-20 11:00:12,000 - __main__ - INFO - Step 6: skipping update (nonzero=1 < min=2)",
        "2026-02-20 11:00:13,000 - __main__ - INFO - Step 7: 1 nonzero < 2 min, skipping gradient update",
        "2026-02-20 11:00:14,000 - __main__ - INFO - Step 8: selected 8/20 training steps: [1, 2]",
        "2026-02-20 11:00:15,000 - __main__ - INFO -   New best running avg: 0.6500 (gradient update 4). Saved best checkpoint.",
        "2026-02-20 11:00:20,000 - __main__ - INFO -   Step 10 (prompt 9/9): avg_reward=0.700, loss=0.01",
        "2026-02-20 11:00:21,000 - __main__ - INFO - New best checkpoint: avg_reward=0.700 at step 10",
        "2026-02-20 11:00:22,000 - __main__ - INFO -   No improvement for 3/10 gradient updates (running_avg=0.6000, best=0.6500)",
        "2026-02-20 11:00:23,000 - __main__ - INFO - EARLY STOP at step 10 (max_steps=40). best_reward=0.450 at step 3",
        "2026-02-20 11:00:24,000 - __main__ - INFO - Saved checkpoint to outputs/online/checkpoint-10",
      ),
      "gpu.csv": lines("timestamp,gpu_util", "2026-02-20 11:00:10,50", "2026-02-20 11:00:20,70"),
    },
    expected: {
      readers: { "online.log": "openbrowser-log", "gpu.csv": "csv-metrics" },
      series: {
        reward: "5: 0.65, 10: 0.7",
        unresolved_actions: "5: 3",
        skipped_updates: "6: 1, 7: 2",
        selected_steps: "8: 8",
        running_avg: "5: 0.65, 10: 0.6",
        best_checkpoint_reward: "10: 0.7",
        gpu_util: "5: 50, 10: 70",
      },
    },
  },
  {
    section: "rlvr B2.3",
    says: "an SFT log holds a Trainer's dicts and the trainer's own warnings and epochs",
    files: {
      "sft.log": lines(
        "2026-02-20 11:00:00,123 - __main__ - INFO - Starting SFT training (QLoRA on Cup-8B)",
        "2026-02-20 11:00:01,123 - __main__ - WARNING - SFT checkpoint not found at /mnt/x, falling back to base model",
        "{'loss': 0.5, 'grad_norm': 0.25, 'learning_rate': 0.0001, 'epoch': 0.5}",
        "{'loss': '0.25', 'grad_norm': '0.5', 'learning_rate': '0.0001', 'epoch': '1.0'}",
        "2026-02-20 12:00:00,123 - __main__ - INFO - Epoch 1 complete: avg_loss=0.375",
        "{'train_runtime': 12.0, 'train_loss': 0.375, 'epoch': 1.0}",
      ),
    },
    expected: {
      readers: { "sft.log": "openbrowser-log" },
      series: { loss: "0.5: 0.5, 1: 0.25", grad_norm: "0.5: 0.25, 1: 0.5", "epoch/loss": "1: 0.375" },
      diagnostics: ["sft.log:2 log-fallback"],
    },
  },
];
