// What tables and lines of numbers mix: kinds of rows in one file, the writers' own names for steps, numbers inside numbers
// (formats/gui-and-trainers.md 3 and 3.8).
import { jsonl, lines, type Oddity } from "./oddity";

export const curveOddities: readonly Oddity[] = [
  {
    section: "gui 3.1",
    says: "LLaMA-Factory's log counts current_steps; its curves are those of the state beside it, its progress is no curve",
    files: {
      "trainer_log.jsonl": jsonl(
        ...[10, 20, 30].map((s) => ({
          ...{ current_steps: s, total_steps: 100, loss: 2 / s, lr: 1 / s, epoch: s / 50, percentage: s },
          ...{ elapsed_time: "0:00:05", remaining_time: "0:01:30" },
        })),
        { current_steps: 30, total_steps: 100, eval_loss: 0.5, epoch: 0.6, percentage: 30 },
      ),
      "trainer_state.json": JSON.stringify({
        global_step: 30,
        log_history: [
          ...[10, 20, 30].map((s) => ({ loss: 2 / s, learning_rate: 1 / s, epoch: s / 50, step: s })),
          { eval_loss: 0.5, epoch: 0.6, step: 30 },
        ],
      }),
    },
    expected: {
      curves: [
        "loss 10: 0.2, 20: 0.1, 30: 0.06666666666666667",
        "lr 10: 0.1, 20: 0.05, 30: 0.03333333333333333",
        "epoch 10: 0.2, 20: 0.4, 30: 0.6, 30: 0.6",
        "eval/loss 30: 0.5",
      ],
    },
  },
  {
    section: "gui 3.1",
    says: "the same logs told by epoch in one file and by step in another are one curve",
    files: {
      "by_epoch.jsonl": jsonl(...[1, 2, 3].map((s) => ({ epoch: s / 10, loss: 1 / s }))),
      "by_step.csv": lines("step,loss", ...[1, 2, 3].map((s) => `${String(s)},${String(1 / s)}`)),
    },
    expected: {
      series: { loss: "0.1: 1, 0.2: 0.5, 0.3: 0.3333333333333333" },
      curves: ["loss 0.1: 1, 0.2: 0.5, 0.3: 0.3333333333333333"],
    },
  },
  {
    section: "gui 7",
    says: "rows of training and validation in one file are two curves; a first line of settings is neither",
    files: {
      "split.jsonl": jsonl(
        ...[1, 2].flatMap((step) => [
          { step, split: "train", loss: step, acc: 0.5 },
          { step, split: "val", loss: step + 0.5, eval_acc: 0.25 },
        ]),
      ),
      "type.jsonl": jsonl(
        { type: "config", args: { lr: 1e-5 } },
        ...[1, 2].flatMap((global_step) => [
          { type: "train", global_step, kl: global_step },
          { type: "eval", global_step, kl: global_step + 0.5 },
        ]),
      ),
    },
    expected: {
      series: {
        loss: "1: 1, 2: 2",
        "eval/loss": "1: 1.5, 2: 2.5",
        acc: "1: 0.5, 2: 0.5",
        "eval/acc": "1: 0.25, 2: 0.25",
        kl: "1: 1, 2: 2",
        "eval/kl": "1: 1.5, 2: 2.5",
      },
    },
  },
  {
    section: "gui 7",
    says: "several runs in one table are a curve each, and a word that never changes is no part of a name",
    files: {
      "runs.csv": lines("run,split,step,loss", "a,train,1,1.5", "a,train,2,1.25", "b,train,1,2.5", "b,valid,2,2.25"),
      "one.jsonl": jsonl({ run: "pears", step: 1, reward: 0.5 }, { run: "pears", step: 2, reward: 0.75 }),
      "phases.jsonl": jsonl({ phase: "rollout", step: 1, kl: 0.5 }, { phase: "update", step: 1, entropy: 0.75 }),
    },
    expected: {
      series: {
        loss: "1: 1.5, 2: 1.25",
        "b/loss": "1: 2.5",
        "eval/b/loss": "2: 2.25",
        reward: "1: 0.5, 2: 0.75",
        kl: "1: 0.5",
        entropy: "1: 0.75",
      },
    },
  },
  {
    section: "gui 3.6",
    says: "histories of W&B as lines count its steps or the trainer's; what says when is no curve",
    files: {
      "hist.jsonl": jsonl(...[10, 20].map((s) => ({ _step: s, _timestamp: 1.7e9 + s, _runtime: s, "train/loss": s }))),
      "hist2.jsonl": jsonl(...[10, 20].map((s) => ({ "train/global_step": s, "train/kl": s, "train/epoch": s / 100 }))),
      "trl.jsonl": jsonl(...[1, 2].map((s) => ({ Step: s, Reward: s / 2, "Training Loss": s }))),
    },
    expected: {
      curves: [
        "loss 10: 10, 20: 20",
        "kl 10: 10, 20: 20",
        "epoch 10: 0.1, 20: 0.2",
        "reward 1: 0.5, 2: 1",
        "Training Loss 1: 1, 2: 2",
      ],
    },
  },
  {
    section: "gui 3.4",
    says: "numbers are found however deep a line nests them; what wraps a whole line is no part of a name",
    files: {
      "nest.jsonl": jsonl(
        ...[1, 2].map((step) => ({ step, train: { loss: step, opt: { lr: 1e-5, adam: { eps: 2 } } } })),
      ),
      "metrics.jsonl": jsonl(
        ...[1, 2].map((step) => ({ step, metrics: { "train/reward": step, eval: { acc: 0.5 } } })),
      ),
    },
    expected: {
      series: {
        loss: "1: 1, 2: 2",
        "opt/lr": "1: 0.00001, 2: 0.00001",
        "opt/adam/eps": "1: 2, 2: 2",
        reward: "1: 1, 2: 2",
        "eval/acc": "1: 0.5, 2: 0.5",
      },
    },
  },
  {
    section: "gui 3.8",
    says: "a rate in thousandths is a rate in every file, and no curve of its own",
    files: {
      "metrics.csv": "step,actor/lr(1e-4)\n1,0.5\n2,0.25\n",
    },
    expected: { curves: ["lr 1: 0.00005, 2: 0.000025"] },
  },
  {
    section: "gui 3.5",
    says: "the table of one curve that TensorBoard's page gives away has its tag in its name",
    files: {
      "run_.-tag-loss.csv": "Wall time,Step,Value\n1700000001.5,1,2.0\n1700000002.5,2,1.0\n",
      "run.csv": "Wall time,Step,Value\n1700000001.5,1,4.0\n1700000002.5,2,3.0\n",
    },
    expected: { curves: ["Value 1: 4, 2: 3", "loss 1: 2, 2: 1"] },
  },
  {
    section: "gui 3.6",
    says: "the table that W&B's page gives away names the run before each curve, and puts its extremes beside it",
    files: {
      "one.csv": lines(
        '"Step","run-1 - train/loss","run-1 - train/loss__MIN","run-1 - train/loss__MAX"',
        ...[1, 2].map((s) => `"${String(s)}","${String(s)}.5","0","9"`),
      ),
      "two.csv": lines(
        '"Step","a - reward","a - reward__MIN","a - reward__MAX","b - reward","b - reward__MIN","b - reward__MAX"',
        ...[1, 2].map((s) => `"${String(s)}","${String(s)}.5","0","9","${String(s)}.25","0","9"`),
      ),
    },
    expected: { curves: ["loss 1: 1.5, 2: 2.5", "a/reward 1: 1.5, 2: 2.5", "b/reward 1: 1.25, 2: 2.25"] },
  },
  {
    section: "gui 3.8",
    says: "what is measured while training and in an evaluation has one name in both",
    files: {
      "trainer_state.json": JSON.stringify({
        global_step: 2,
        log_history: [
          { step: 1, loss: 1, mean_token_accuracy: 0.5, epoch: 0.1 },
          { step: 2, eval_loss: 2, eval_mean_token_accuracy: 0.25, epoch: 0.2 },
        ],
      }),
      "logging.jsonl": jsonl({ eval_token_acc: 0.75, token_acc: 0.5, epoch: 1, "global_step/max_steps": "5/9" }),
    },
    expected: {
      curves: [
        "eval/token_accuracy 5: 0.75",
        "token_accuracy 5: 0.5",
        "epoch 5: 1",
        "loss 1: 1",
        "token_accuracy 1: 0.5",
        "epoch 1: 0.1, 2: 0.2",
        "eval/loss 2: 2",
        "eval/token_accuracy 2: 0.25",
      ],
    },
  },
  {
    section: "gui 3.8",
    says: "extra keys of a dump are parts of the reward: a curve over its files, verdicts among them; a validation's are its own",
    files: {
      ...Object.fromEntries(
        [2, 10, 1].flatMap((step) => [
          [
            `rollouts/${String(step)}.jsonl`,
            jsonl(
              ...[true, false].map((acc) => ({
                input: "p",
                output: "a",
                gts: "3",
                score: 1,
                step,
                acc,
                form: step / 4,
              })),
            ),
          ],
          [
            `validation/${String(step)}.jsonl`,
            jsonl({ input: "q", output: "a", gts: "3", score: 1, step, acc: false, pred: "x" }),
          ],
        ]),
      ),
    },
    expected: {
      series: {
        "reward/acc": "1: 0.5, 2: 0.5, 10: 0.5",
        "reward/form": "1: 0.25, 2: 0.5, 10: 2.5",
        "eval/reward/acc": "1: 0, 2: 0, 10: 0",
      },
      curves: [
        "reward/acc 1: 0.5, 2: 0.5, 10: 0.5",
        "reward/form 1: 0.25, 2: 0.5, 10: 2.5",
        "eval/reward/acc 1: 0, 2: 0, 10: 0",
      ],
    },
  },
  {
    section: "gui 3.8",
    says: "columns of ms-swift's completions are parts of the reward, unless the trainer's log has them",
    files: {
      "completions.jsonl": jsonl(
        ...["10", "20"].map((step) => ({
          ...{ step: [step, step], prompt: ["p", "p"], completion: ["a", "b"] },
          ...{ PearORM: [1, null], FormORM: [1, 0.5], advantages: [1, -1] },
        })),
      ),
      "logging.jsonl": jsonl({ loss: 1, "rewards/FormORM/mean": 0.25, epoch: 1, "global_step/max_steps": "10/20" }),
    },
    expected: { series: { "reward/PearORM": "10: 1, 20: 1", "reward/FormORM": "10: 0.25" } },
  },
];
