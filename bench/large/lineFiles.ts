// Text formats that grow without bound, as their trainers write them (the shapes stand in test/fixtures/traces).
import { counters, meta } from "../rlvrSteps";
import { fileOfLines, prose, python, type LargeFile, type Random } from "./largeFile";

const json = { kind: "json_lines", name: "Python json" };

const line = (value: unknown): string => `${JSON.stringify(value)}\n`;

const rlvrTrace: LargeFile = {
  reader: "rlvr-trace",
  name: "trace.jsonl",
  peer: json,
  make: fileOfLines(meta("bench"), (i, random) => {
    const spans = Array.from(
      { length: 40 },
      (_, slot) =>
        `{"type": "span", "name": "vllm.generate_single", "ts": ${i + random()}, "dur": ${random() * 9}, "replica": 0, "slot": ${slot}}\n` +
        `{"type": "buffer", "ts": ${i + random()}, "size": ${slot}, "by_version": {"${i}": ${slot}}, "fates": {"used": {"${i}": ${slot}}, "wasted": {}, "filtered": {"${i}": 3}, "failed": {}}}\n`,
    );
    return spans.join("") + counters(i + 1, i * 10);
  }),
};

const rlvrRollouts: LargeFile = {
  reader: "rlvr-rollouts",
  name: "rollouts.jsonl",
  peer: json,
  share: 0.5,
  make: fileOfLines("", (i, random) => {
    const completions = Array.from({ length: 8 }, () => prose(random, 900));
    const rewards = completions.map(() => (random() < 0.5 ? 1 : 0));
    return line({
      prompt_id: `gsm8k_${i}`,
      prompt: `Q: A farmer has ${i} apples. How many are left?\nA:`,
      completions,
      rewards,
      generated_at_version: i >> 7,
      trainer_version_after: i >> 7,
      dataset: "gsm8k",
    });
  }),
};

const rlvrSamples: LargeFile = {
  reader: "rlvr-samples",
  name: "samples.jsonl",
  peer: json,
  make: fileOfLines("", (i, random) => {
    const id = { prompt_id: `gsm8k_${i}`, version: i >> 7, dataset: "gsm8k" };
    const ts = i + Math.round(random() * 1e3) / 1e3;
    return (
      line({ event: "generation_start", ts, ...id }) +
      line({ event: "generation_done", ts, ...id, version_after: i >> 7, version_delta: 0, n_completions: 8 }) +
      line({ event: "buffered", ts, ...id, n_kept: 8, n_total: 8 }) +
      line({
        event: "trained",
        ts,
        prompt_id: id.prompt_id,
        trained_at_step: (i >> 7) + 1,
        trainer_version: i >> 7,
        dataset: "gsm8k",
        n_tokens: 340,
      })
    );
  }),
};

const openadaptSamples: LargeFile = {
  reader: "openadapt-samples",
  name: "samples.jsonl",
  peer: json,
  make: fileOfLines("", (i, random) => {
    const [x, y] = [random(), random()];
    const click = { type: "click", text: null, element_index: null };
    return line({
      episode_id: `episode_${i >> 4}`,
      step_index: i & 15,
      goal: "Open the till",
      system_prompt: prose(random, 700),
      user_prompt: prose(random, 300),
      model_output_raw: `Thought: ${prose(random, 200)}\nAction: CLICK(x=${x.toFixed(2)}, y=${y.toFixed(2)})`,
      pred_action: { ...click, x, y },
      ground_truth_action: { ...click, x: x + 0.001, y },
      correct_type: true,
      coord_error_norm: 0.001,
      element_match: null,
    });
  }),
};

const lmEvalSamples: LargeFile = {
  reader: "lm-eval-samples",
  name: "samples_gsm8k_2026-02-07T17-30-12.000000.jsonl",
  peer: json,
  // Of each document its rows of several filters are found by a hash and kept for the rows to come.
  share: 1 / 3,
  make: fileOfLines("", (i, random) =>
    line({
      doc_id: i,
      doc: { question: prose(random, 200), answer: `#### ${i % 90}` },
      target: String(i % 90),
      arguments: { gen_args_0: { arg_0: prose(random, 1500), arg_1: { until: ["Q:"] } } },
      resps: [[`${prose(random, 500)}The answer is ${i % 90}.`]],
      filtered_resps: [String(i % 90)],
      filter: "strict-match",
      metrics: ["exact_match"],
      doc_hash: "aa".repeat(32),
      prompt_hash: "bb".repeat(32),
      target_hash: "cc".repeat(32),
      exact_match: random() < 0.5 ? 1 : 0,
    }),
  ),
};

const swiftLogging: LargeFile = {
  reader: "swift-logging",
  name: "logging.jsonl",
  peer: json,
  share: 0.5,
  make: fileOfLines("", (i, random) =>
    line({
      ...{ loss: random(), grad_norm: random(), learning_rate: 1e-6, reward: random(), reward_std: random() },
      ...{ "rewards/ActionMatchORM/mean": random(), "rewards/ActionMatchORM/std": random(), kl: random() },
      ...{ "completions/mean_length": 30.5, "completions/clipped_ratio": 0, epoch: i / 1e5 },
      "global_step/max_steps": `${i + 1}/1000000`,
      ...{ percentage: "1.06%", elapsed_time: "1h 2m 3s", remaining_time: "4h 5m 28s" },
      ...{ "memory(GiB)": 4.87, "train_speed(s/it)": 4 },
    }),
  ),
};

const swiftCompletions: LargeFile = {
  reader: "swift-completions",
  name: "completions.jsonl",
  peer: json,
  share: 0.25,
  make: fileOfLines("", (i, random) => {
    const rows = Array.from({ length: 16 }, (_, n) => n);
    return line({
      step: rows.map(() => String(i + 1)),
      prompt: rows.map((n) => `Go to page ${i * 2 + (n >> 3)} ${"please ".repeat(20)}`),
      completion: rows.map(() => prose(random, 300)),
      ActionMatchORM: rows.map(() => (random() < 0.5 ? 1 : 0)),
      advantages: rows.map(() => random()),
      solution: rows.map(() => "CLICK 120 300"),
    });
  }),
};

const rolloutRows: LargeFile = {
  reader: "rollout-rows",
  name: "rollouts.jsonl",
  peer: json,
  share: 0.2,
  make: fileOfLines("", (i, random) =>
    line({
      input: `user\nWhat is ${i >> 3} times two?\nassistant\n`,
      output: prose(random, 1000),
      gts: String(i >> 3),
      score: random() < 0.5 ? 1 : 0,
      step: (i >> 10) + 1,
      acc: random(),
    }),
  ),
};

const gelabPredictions: LargeFile = {
  reader: "gelab-predictions",
  name: "predictions.jsonl",
  peer: json,
  share: 0.25,
  make: fileOfLines("", (i, random) => {
    const [x, y] = [Math.floor(random() * 1900) + 50, Math.floor(random() * 1900) + 50];
    const action = (box: string): string => `Explain:click home icon on page_3.\tAction: click(start_box='${box}')`;
    const user = `<image>Instruction: from page_3 to page_7. History: ${prose(random, 300)}`;
    return line({
      idx: i,
      task: "From page_3 to page_7",
      messages: [
        { role: "user", content: user },
        { role: "assistant", content: action(`<|box_start|>(${x},${y})<|box_end|>`) },
      ],
      images: ["datas/images/page_3.png"],
      source: "sub4",
      path: 1,
      bbox_norm: [x - 50, y - 50, x + 50, y + 50],
      prediction: action(`(${x},${y})`),
    });
  }),
};

const metrics = (random: Random): string =>
  Array.from({ length: 8 }, (_, n) => `"train/part_${n}": ${python(random())}`).join(", ");

const plainJsonl: LargeFile = {
  reader: "plain-jsonl",
  name: "metrics.jsonl",
  peer: json,
  make: fileOfLines(
    "",
    (i, random) =>
      `{"step": ${i}, "loss": ${python(random())}, "lr": 1e-05, ${metrics(random)}, "note": "as before"}\n`,
  ),
};

const csvMetrics: LargeFile = {
  reader: "csv-metrics",
  name: "metrics.csv",
  peer: { kind: "csv_rows", name: "Python csv" },
  make: fileOfLines(
    "epoch,step,train_loss,val_loss,grad_norm,lr,tokens\n",
    (i, random) =>
      `${i >> 10},${i},${random()},${i % 10 === 0 ? String(random()) : ""},${random()},0.0001,${i * 512}\n`,
  ),
};

const verlConsole: LargeFile = {
  reader: "verl-console",
  name: "train.log",
  peer: { kind: "verl_console", name: "Python re" },
  make: fileOfLines("(TaskRunner pid=1234) Checkpoint tracker file does not exist\n", (i, random) => {
    const parts = [
      "actor/pg_loss",
      "actor/entropy",
      "actor/grad_norm",
      "critic/score/mean",
      "critic/rewards/mean",
      "response_length/mean",
      "timing_s/gen",
      "perf/throughput",
    ];
    const said = parts.map((name) => `${name}:${random()}`).join(" - ");
    return `(TaskRunner pid=1234) step:${i + 1} - ${said} - training/global_step:${i + 1}\n(WorkerDict pid=77) ${prose(random, 120)}\n`;
  }),
};

const hfStdout: LargeFile = {
  reader: "hf-stdout",
  name: "stdout.log",
  peer: { kind: "hf_stdout", name: "Python re, literal_eval" },
  make: fileOfLines("Loading checkpoint shards: 100%|##########| 2/2 [00:01<00:00,  1.50it/s]\n", (i, random) => {
    const bars = Array.from({ length: 4 }, (_, n) => `\r ${n}%|          | ${i + n}/1000000 [00:00<01:40,  1.00s/it]`);
    return `${bars.join("")}{'loss': ${random()}, 'grad_norm': ${random()}, 'learning_rate': 5e-05, 'epoch': ${i / 1e4}}\n`;
  }),
};

const trainerState: LargeFile = {
  reader: "hf-trainer-state",
  name: "trainer_state.json",
  peer: { kind: "json_document", name: "Python json" },
  // One document: read up to 64 MB.
  share: 0.33,
  make: (file, bytes) => {
    const entry = (i: number, random: Random): string =>
      `    {\n      "epoch": ${i / 1e4},\n      "grad_norm": ${random()},\n      "learning_rate": 5e-05,\n      "loss": ${random()},\n      "step": ${i + 1}\n    },\n`;
    const head = `{\n  "best_metric": null,\n  "epoch": 2.0,\n  "global_step": 30,\n  "log_history": [\n`;
    const tail = `    {"epoch": 2.0, "train_loss": 0.5, "step": 9999999}\n  ],\n  "max_steps": 10000000,\n  "num_train_epochs": 3,\n  "total_flos": 1.0\n}\n`;
    fileOfLines(head, entry, tail)(file, Math.min(bytes, 60e6));
  },
};

export const lineFiles: readonly LargeFile[] = [
  csvMetrics,
  gelabPredictions,
  hfStdout,
  lmEvalSamples,
  openadaptSamples,
  plainJsonl,
  rlvrRollouts,
  rlvrSamples,
  rlvrTrace,
  rolloutRows,
  swiftCompletions,
  swiftLogging,
  trainerState,
  verlConsole,
];
