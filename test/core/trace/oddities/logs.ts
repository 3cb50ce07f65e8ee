// What consoles and logs of trainers look like once bars, restarts and long beginnings have been at them (formats/gui-and-trainers.md 3).
import { jsonl, lines, type Oddity } from "./oddity";

const steps = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

const bar = (done: number, total: number): string =>
  `\r ${String(Math.round((100 * done) / total))}%|#   | ${String(done)}/${String(total)} [00:01<00:01,  1.00it/s]`;

const printed = (step: number, total: number): string =>
  `${bar(step, total)}{'loss': ${String(2 / step)}, 'grad_norm': 1.5, 'learning_rate': 5e-05, 'epoch': ${String(step / total)}}`;

const preamble = lines(...Array.from({ length: 3000 }, () => "INFO loading one more shard of the pears"));

const long = "pear ".repeat(15_000);

export const logOddities: readonly Oddity[] = [
  {
    section: "gui 3.1",
    says: "a bar of something else stands before the training's, and neither has a name",
    files: { "train.log": `loading\n${bar(1, 2)}${bar(2, 2)}\n${lines(...steps(1, 4).map((s) => printed(s, 100)))}` },
    expected: { series: { loss: "1: 2, 2: 1, 3: 0.6666666666666666, 4: 0.5" } },
  },
  {
    section: "gui 3.1",
    says: "an evaluation's bar right before a log is not the training's, which has moved",
    files: {
      "train.log": lines(
        printed(1, 20),
        `${bar(2, 20)}${bar(1, 3)}`,
        "{'loss': 1.0, 'grad_norm': 1.5, 'learning_rate': 5e-05, 'epoch': 0.1}",
      ),
    },
    expected: { series: { loss: "1: 2, 2: 1" } },
  },
  {
    section: "gui 3.1",
    says: "a second training in one console goes back: what it did is what happened",
    files: {
      "log.txt": lines(
        ...steps(1, 4).map((s) => printed(s, 4)),
        "{'train_runtime': 1.0, 'train_loss': 0.5, 'epoch': 1.0}",
        ...steps(2, 3).map((s) => printed(s, 8)),
      ),
    },
    expected: { series: { loss: "1: 2, 2: 1, 3: 0.6666666666666666", grad_norm: "1: 1.5, 2: 1.5, 3: 1.5" } },
  },
  {
    section: "gui 3.3",
    says: "ms-swift's restart goes back in the same file: from there on the later life is what happened",
    files: {
      "logging.jsonl": jsonl(
        ...[1, 2, 3, 4].map((s) => ({ loss: s, epoch: s / 10, "global_step/max_steps": `${String(s)}/9` })),
        { eval_loss: 7, epoch: 0.4, "global_step/max_steps": "4/9" },
        ...[3, 4, 5].map((s) => ({ loss: s + 0.5, epoch: s / 10, "global_step/max_steps": `${String(s)}/9` })),
      ),
    },
    expected: { series: { loss: "1: 1, 2: 2, 3: 3.5, 4: 4.5, 5: 5.5" }, readers: { "logging.jsonl": "swift-logging" } },
  },
  {
    section: "gui 3.4",
    says: "verl's SFT prints behind its bar, others before it; both on one line",
    files: {
      "sft.log": lines(
        ...steps(1, 3).map(
          (s) =>
            `\rEpoch 1/1:   ${String(s)}%|#  | ${String(s)}/20 [00:02<03:20,  2.03s/it]step:${String(s)} - train/loss:${String(s)}.5 - train/lr(1e-3):0.5`,
        ),
      ),
      "grpo.log": lines(
        ...steps(1, 3).map(
          (s) =>
            `step:${String(s)} - actor/pg_loss:0.5 - critic/score/mean:0.${String(s)}\rTraining Progress: ${String(s)}%|#| ${String(s)}/20 [00:10<10:00, 1.0s/it]`,
        ),
      ),
    },
    expected: {
      readers: { "grpo.log": "verl-console", "sft.log": "verl-console" },
      series: {
        loss: "1: 1.5, 2: 2.5, 3: 3.5",
        lr: "1: 0.0005, 2: 0.0005, 3: 0.0005",
        reward: "1: 0.1, 2: 0.2, 3: 0.3",
      },
    },
  },
  {
    section: "gui 3.1",
    says: "a log's first metric stands behind more than is looked at in its beginning",
    files: {
      "hf.log": preamble + lines(...steps(1, 3).map((s) => printed(s, 20))),
      "verl.out": preamble + lines("step:1 - actor/entropy:0.5 - actor/pg_loss:0.25"),
      "words.log": preamble,
    },
    expected: {
      readers: { "hf.log": "hf-stdout", "verl.out": "verl-console" },
      series: { entropy: "1: 0.5", loss: "1: 2, 2: 1, 3: 0.6666666666666666" },
    },
  },
  {
    section: "gui 3.4",
    says: "the first row of a dump is longer than what is looked at; so are rows of other texts, which are no rollouts",
    files: {
      "rollouts/7.jsonl": jsonl(
        ...[0, 1].map((score) => ({ input: "q1", output: long, gts: "42", score, step: 7, acc: score === 1 })),
      ),
      "completions.jsonl": jsonl(...[0, 1].map((reward) => ({ step: 8, prompt: long, completion: long, reward }))),
      "data.jsonl": jsonl({ input: long, output: 'no "score": 1, "step": 2}' }),
      "pairs.jsonl": jsonl({ prompt: long, completion: long }),
    },
    expected: {
      readers: { "completions.jsonl": "rollout-rows", "rollouts/7.jsonl": "rollout-rows" },
      rollouts: ["8 · 2 · 0.5 · null", "7 · 2 · 0.5 · null"],
    },
  },
  {
    section: "gui 3",
    says: "torchtune's own log and the bar of its console are one run",
    files: {
      "log_1731234567.txt": lines(
        ...steps(1, 3).map(
          (s) => `Step ${String(s)} | loss:${(2 / s).toFixed(4)} lr:2e-05 tokens_per_second_per_gpu:1234.5 `,
        ),
      ),
      "stdout.log":
        steps(1, 3)
          .map((s) => `\r1|${String(s)}|Loss: ${(2 / s).toFixed(4)}:  5%|█| ${String(s)}/20 [00:01<00:10,  1.00it/s]`)
          .join("") + "\n",
    },
    expected: {
      readers: { "log_1731234567.txt": "torchtune-log", "stdout.log": "torchtune-log" },
      series: { loss: "1: 2, 2: 1, 3: 0.6667", lr: "1: 0.00002, 2: 0.00002, 3: 0.00002" },
    },
  },
  {
    section: "gui 3.6",
    says: "a table of W&B that holds prompts and completions is rollouts; one of anything else is none",
    files: {
      "wandb/run-20260102_100000-p1/files/media/table/completions_1_abc.table.json": JSON.stringify({
        columns: ["step", "prompt", "completion", "pear_reward", "advantage"],
        data: [
          ["10", "p", "a", 1, 0.5],
          ["10", "p", "b", 0, -0.5],
          ["10", "q", "c", 0.5, 0],
        ],
      }),
      "wandb/run-20260102_100000-p1/files/media/table/pears_1_abc.table.json": JSON.stringify({
        columns: ["pear", "weight"],
        data: [["conference", 3]],
      }),
    },
    expected: {
      readers: { "wandb/run-20260102_100000-p1/files/media/table/completions_1_abc.table.json": "wandb-table" },
      rollouts: ["10 · 2 · 0.5 · null", "10 · 1 · 0.5 · null"],
    },
  },
];
