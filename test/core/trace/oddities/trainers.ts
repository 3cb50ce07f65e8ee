// What well-known trainers really write (formats/gui-and-trainers.md 3 and 7).
import { jsonl, lines, type Oddity } from "./oddity";

const bar = (step: number): string => `\r  5%|#         | ${String(step)}/100 [05:32<1:45:11, 66.42s/it]`;

export const trainerOddities: readonly Oddity[] = [
  {
    section: "gui 3.1",
    says: "a trainer_state repeats its history after a resume, with bare NaN; train_loss is the run's mean and no point",
    files: {
      "checkpoint-3/trainer_state.json": `{"best_metric": null, "epoch": 0.3, "global_step": 3, "max_steps": 10, "log_history": [
        {"epoch": 0.1, "grad_norm": NaN, "learning_rate": 5e-05, "loss": 1.5, "step": 1},
        {"epoch": 0.2, "loss": 1.25, "step": 2}, {"epoch": 0.2, "eval_loss": 1.0, "eval_runtime": 2.0, "step": 2},
        {"epoch": 0.2, "loss": 1.0, "step": 2}, {"epoch": 0.3, "loss": Infinity, "step": 3},
        {"epoch": 1.0, "step": 3, "train_loss": 0.75, "train_runtime": 9.0}]}`,
    },
    expected: {
      readers: { "checkpoint-3/trainer_state.json": "hf-trainer-state" },
      series: { loss: "1: 1.5, 2: 1, 3: Infinity", grad_norm: "1: NaN", "eval/loss": "2: 1" },
    },
  },
  {
    section: "gui 3.1",
    says: "each checkpoint repeats the whole history: the furthest one's is the run's, and another run's is its own",
    files: Object.fromEntries(
      (
        [
          ["a/checkpoint-1", [3]],
          ["a/checkpoint-2", [3, 2]],
          ["b/checkpoint-9", [7]],
        ] as const
      ).map(([folder, losses]) => [
        `${folder}/trainer_state.json`,
        JSON.stringify({ global_step: losses.length, log_history: losses.map((loss, i) => ({ step: i + 1, loss })) }),
      ]),
    ),
    expected: { curves: ["loss 1: 3, 2: 2", "loss 1: 7"] },
  },
  {
    section: "gui 3.1",
    says: "dicts glued behind a bar that carriage returns drew; numbers quoted since version 5, nan among them",
    files: {
      "train.log": lines(
        `${bar(4)}${bar(5)}{'loss': 0.5, 'grad_norm': 1.25, 'learning_rate': 5e-05, 'epoch': 0.25}`,
        `${bar(10)}`,
        "{'loss': '0.25', 'grad_norm': 'nan', 'learning_rate': '2.5e-05', 'epoch': '0.5'}",
        "{'train_runtime': 109.3, 'train_samples_per_second': 3.0, 'train_loss': 0.06346, 'epoch': 1.0}",
      ),
    },
    expected: {
      readers: { "train.log": "hf-stdout" },
      series: { loss: "5: 0.5, 10: 0.25", grad_norm: "5: 1.25, 10: NaN", lr: "5: 0.00005, 10: 0.000025" },
    },
  },
  {
    section: "gui 3.3",
    says: "ms-swift hides the step in a fraction, appends after a restart, and ends with a line of another shape",
    files: {
      "logging.jsonl": jsonl(
        { loss: 1.5, token_acc: 0.5, epoch: 0.1, "global_step/max_steps": "1/3", elapsed_time: "2s" },
        { loss: 1.25, token_acc: 0.6, epoch: 0.2, "global_step/max_steps": "2/3" },
        { loss: 1.125, epoch: 0.2, "global_step/max_steps": "2/3", remaining_time: "1d 2h 3m 4s" },
        {
          model_parameter_info: "x",
          last_model_checkpoint: "c",
          best_metric: 1.1,
          global_step: 3,
          log_history: [{ loss: 9, step: 9 }],
          memory: 4.5,
        },
      ),
    },
    expected: {
      readers: { "logging.jsonl": "swift-logging" },
      series: { loss: "1: 1.5, 2: 1.25, 2: 1.125", token_accuracy: "1: 0.5, 2: 0.6" },
    },
  },
  {
    section: "gui 3.3",
    says: "completions are columns, and steps are texts; null and NaN are rewards that are missing",
    files: {
      "completions.jsonl": lines(
        '{"step": ["10", "10"], "prompt": ["p", "p"], "completion": ["a", "b"], "PearORM": [1.0, 0.0]}',
        '{"step": ["20", "20"], "prompt": ["p", "p"], "completion": ["a", "b"], "PearORM": [NaN, null]}',
      ),
    },
    expected: {
      readers: { "completions.jsonl": "swift-completions" },
      rollouts: ["10 · 2 · 0.5 · null", "20 · 2 · null · null"],
    },
  },
  {
    section: "gui 3.4",
    says: "verl's line stands behind Ray's prefix and colours, with numpy's words, lr in thousandths, and colons in names",
    files: {
      "verl.log": lines(
        "\u001b[36m(TaskRunner pid=1234)\u001b[0m step:0 - val-core/pears/reward/mean@1:0.25",
        "\u001b[36m(TaskRunner pid=1234)\u001b[0m step:1 - actor/pg_loss:np.float64(-0.005) - actor/ppo_kl:0.000 - actor/lr:1e-06 - critic/score/mean:np.float32(0.25) - actor/grad_norm:nan",
        "(TaskRunner pid=1234) step:2 - actor/pg_loss:inf - critic/score/mean:0.5 - timing_s/step:21.47",
      ),
    },
    expected: {
      readers: { "verl.log": "verl-console" },
      series: {
        reward: "1: 0.25, 2: 0.5",
        "loss/pg": "1: -0.005, 2: Infinity",
        grad_norm: "1: NaN",
        kl_old: "1: 0",
        lr: "1: 0.000001",
        step_time: "2: 21.47",
      },
    },
  },
  {
    section: "gui 3.4",
    says: "verl's file logger nests its numbers",
    files: {
      "pears.jsonl": lines(
        '{"step":1,"data":{"actor/pg_loss":-0.5,"critic/score/mean":NaN}}',
        '{"step":2,"data":{"actor/pg_loss":0.25}}',
      ),
    },
    expected: { series: { "loss/pg": "1: -0.5, 2: 0.25", reward: "1: NaN" } },
  },
  {
    section: "gui 3.4",
    says: "a dump of rollouts is a row a sample; equal inputs are a group, whatever stands between; gts is anything",
    files: {
      "rollouts/7.jsonl": jsonl(
        { input: "p1", output: "a", gts: "3", score: 1, step: 7, acc: 1 },
        { input: "p1", output: "b", gts: ["3"], score: 0, step: 7, acc: 0 },
        { input: "p2", output: "c", gts: null, score: 0.5, step: 7 },
      ),
    },
    expected: {
      readers: { "rollouts/7.jsonl": "rollout-rows" },
      rollouts: ["7 · 2 · 0.5 · null", "7 · 1 · 0.5 · null"],
    },
  },
  {
    section: "gui 3.7",
    says: "one row for each document and filter: strict and flexible are two verdicts on one rollout",
    files: {
      "samples_pears.jsonl": jsonl(
        ...["strict-match", "flexible-extract"].map((filter, i) => ({
          ...{
            doc_id: 0,
            doc: { question: "q" },
            target: "3",
            arguments: { gen_args_0: { arg_0: "Q: q" } },
            resps: [["three, 3"]],
          },
          ...{ filtered_resps: [i === 0 ? "[invalid]" : "3"], filter, exact_match: i },
        })),
      ),
    },
    expected: {
      readers: { "samples_pears.jsonl": "lm-eval-samples" },
      rollouts: ["null · 1 · 0 · 0"],
    },
  },
  {
    section: "gui 7",
    says: "a byte order mark, CRLF, steps and numbers as texts, and a last line without its end",
    files: {
      "metrics.jsonl":
        '\ufeff{"step": "1", "reward": "0.5", "loss": 1}\r\n{"step": "2", "reward": 0.75, "loss": "nan"}\r\n{"step": 3, "reward": 1}',
    },
    expected: {
      readers: { "metrics.jsonl": "plain-jsonl" },
      series: { reward: "1: 0.5, 2: 0.75, 3: 1", loss: "1: 1, 2: NaN" },
    },
  },
  {
    section: "gui 7",
    says: "steps come twice after a resume: both are kept in the file's order",
    files: { "metrics.jsonl": jsonl(...[1, 2, 3, 2, 3].map((step, i) => ({ step, loss: i }))) },
    expected: { series: { loss: "1: 0, 2: 1, 3: 2, 2: 3, 3: 4" } },
  },
  {
    section: "rlvr C1",
    says: "torn and foreign lines in the middle are counted with their line; what is null is missing",
    files: {
      "metrics.jsonl":
        '{"step": 1, "loss": 1}\n{"step": 2, "lo\n\n[1, 2]\n{"step": 3, "loss": null, "kl": 0.5}\n{"step": 4, "loss": 2}\n',
    },
    expected: {
      series: { loss: "1: 1, 4: 2", kl: "3: 0.5" },
      diagnostics: ["metrics.jsonl:2 torn-line", "metrics.jsonl:4 not-a-record"],
    },
  },
  {
    section: "gui 7",
    says: "one object over many lines, and a file without a byte, are no lines of metrics",
    files: {
      "metrics.jsonl": '{\n "step": 1,\n "loss": 2\n}\n',
      "empty.jsonl": "",
      "empty.json": "",
      "trace.jsonl": "\n\n",
    },
    expected: { readers: {}, series: {} },
  },
  {
    section: "gui 7",
    says: "a table of metrics with a byte order mark, CRLF, empty cells, nan and percent",
    files: { "metrics.csv": "\ufeffstep,loss,reward,pass_at_1\r\n1,0.5,,61.31\r\n2,nan,0.25,54.74\r\n" },
    expected: {
      readers: { "metrics.csv": "csv-metrics" },
      series: { loss: "1: 0.5, 2: NaN", reward: "2: 0.25", pass_at_1: "1: 61.31, 2: 54.74" },
    },
  },
  {
    section: "gui 3.8",
    says: "older names of TRL and verl mean today's; a rate in thousandths is a rate",
    files: {
      "metrics.jsonl": jsonl({
        step: 1,
        completion_length: 30,
        "rewards/format": 0.5,
        "train/lr(1e-3)": 0.25,
        approxkl: 0.5,
        frac_reward_zero_std: 0.25,
      }),
    },
    expected: {
      series: {
        completion_length: "1: 30",
        "reward/format": "1: 0.5",
        lr: "1: 0.00025",
        kl_old: "1: 0.5",
        zero_std_frac: "1: 0.25",
      },
    },
  },
];
