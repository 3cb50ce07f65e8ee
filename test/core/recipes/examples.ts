// One small config for each built-in recipe, with the files that it needs beside it. A new recipe needs an entry here.
export interface Example {
  path: string;
  text: string;
  files: readonly string[];
}

const text = (...lines: string[]): string => lines.map((line) => `${line}\n`).join("");

export const examples: Readonly<Record<string, Example>> = {
  "anyscale-job": {
    path: "jobs/pears.yaml",
    text: text(
      "name: pears",
      'entrypoint: bash -c "python -m infra.training.finetuning.online_grpo_trainer"',
      "compute_config:",
      "  cloud: x",
      "env_vars:",
      '  TRAIN_FILE: "data/pears.jsonl"',
      '  KL_COEFF: "0.1"',
      '  GROUP_SIZE: "4"',
    ),
    files: ["infra/training/finetuning/online_grpo_trainer.py"],
  },
  axolotl: {
    path: "axolotl.yml",
    text: text(
      ...["base_model: pear-1b", "datasets:", "  - path: pears.jsonl", "    type: alpaca", "adapter: lora"],
      ...[
        "micro_batch_size: 2",
        "sequence_len: 512",
        "learning_rate: 0.0002",
        "seed: 3",
        "max_steps: 20",
        "output_dir: out",
      ],
    ),
    files: ["pears.jsonl"],
  },
  gelab: {
    path: "configs/grpo.yaml",
    text: text(
      ...[
        "model: pear-vl",
        "rlhf_type: grpo",
        "dataset: st_rl.json",
        "train_type: full",
        "reward_funcs: [web_action_match]",
      ],
      ...[
        "num_generations: 8",
        "learning_rate: 1.0e-6",
        "beta: 0.04",
        "seed: 5",
        "max_steps: 100",
        "output_dir: checkpoint/x",
        "add_version: false",
      ],
    ),
    files: ["eval/interactive_eval.py", "st_rl.json"],
  },
  python: {
    path: "configs/pears.yaml",
    text: text("seed: 1", "model: pear-1b", "training:", "  lr: 0.001", "  max_steps: 10"),
    files: ["train.py"],
  },
  "llama-factory": {
    path: "pears_sft.yaml",
    text: text(
      ...[
        "model_name_or_path: pear-1b",
        "stage: sft",
        "do_train: true",
        "finetuning_type: lora",
        "template: qwen",
        "dataset: pears",
      ],
      ...["learning_rate: 1.0e-4", "seed: 2", "max_steps: 30", "output_dir: saves/pears"],
    ),
    files: [],
  },
  "lm-eval": {
    path: "eval.yaml",
    text: text(
      "model: hf",
      "model_args:",
      "  pretrained: pear-1b",
      "tasks:",
      "  - gsm8k",
      "  - ifeval",
      "num_fewshot: 0",
      "batch_size: 8",
      "seed: 4",
    ),
    files: [],
  },
  "login-example": {
    path: "grpo.yaml",
    text: text(
      "experiment: login",
      "run:",
      "  name: a",
      "  seed: 1",
      "sft:",
      "  steps: 50",
      "  lr: 0.01",
      "grpo:",
      "  steps: 120",
      "  lr: 0.005",
      "  group: 8",
      "  beta: 0.02",
    ),
    files: ["dist/train.mjs"],
  },
  openadapt: {
    path: "configs/pears.yaml",
    text: text(
      ...["model:", "  name: Qwen/Qwen3-VL-2B-Instruct", "lora:", "  r: 8", "  weights_path: checkpoints/pears"],
      ...[
        "synthetic_data:",
        "  num_sessions: 4",
        "  seed: 9",
        "  output_dir: pears_train",
        "training:",
        "  num_train_epochs: 1",
        "  learning_rate: 1.0e-4",
      ],
    ),
    files: ["pyproject.toml"],
  },
  rlvr: {
    path: "configs/pears.yaml",
    text: text(
      ...[
        "run:",
        "  name: pears",
        "model:",
        "  path: pear-1b-base",
        "data:",
        "  dataset: gsm8k",
        "sampling:",
        "  n: 8",
        "loss:",
        "  name: grpo",
        "  beta: 0.001",
      ],
      ...[
        "training:",
        "  max_steps: 30",
        "  alpha_grpo: 1.0",
        "  alpha_sft: 0.0",
        "roles:",
        "  - name: rollout",
        "    kind: vllm",
      ],
      ...["  - name: trainer", "    kind: titan", "    config:", "      optimizer:", "        lr: 5.0e-6"],
    ),
    files: ["entrypoints/train_grpo_sft.py"],
  },
  "ms-swift": {
    path: "sft.yaml",
    text: text(
      "model: pear-1b",
      "dataset: pears.jsonl",
      "train_type: lora",
      "learning_rate: 1.0e-4",
      "seed: 6",
      "max_steps: 40",
      "output_dir: out",
    ),
    files: ["pears.jsonl"],
  },
  torchtune: {
    path: "pears.yaml",
    text: text(
      ...[
        "model:",
        "  _component_: torchtune.models.qwen2_5.lora_qwen2_5_1_5b",
        "checkpointer:",
        "  checkpoint_dir: /models/pear",
      ],
      ...[
        "dataset:",
        "  _component_: torchtune.datasets.alpaca_dataset",
        "optimizer:",
        "  lr: 0.0003",
        "seed: 7",
        "epochs: 1",
        "max_steps_per_epoch: 10",
      ],
    ),
    files: [],
  },
  trl: {
    path: "grpo.yaml",
    text: text(
      ...[
        "model_name_or_path: pear-1b",
        "dataset_name: orchard/pears",
        "reward_funcs: [accuracy_reward]",
        "num_generations: 8",
      ],
      ...["learning_rate: 1.0e-6", "beta: 0.04", "seed: 8", "max_steps: 50", "output_dir: out"],
    ),
    files: [],
  },
  verl: {
    path: "ppo.yaml",
    text: text(
      ...[
        "data:",
        "  train_files: pears.parquet",
        "  seed: 11",
        "actor_rollout_ref:",
        "  model:",
        "    path: pear-1b",
        "  actor:",
        "    kl_loss_coef: 0.001",
      ],
      ...[
        "    optim:",
        "      lr: 1.0e-6",
        "  rollout:",
        "    n: 8",
        "algorithm:",
        "  adv_estimator: grpo",
        "trainer:",
        "  total_training_steps: 60",
      ],
    ),
    files: [],
  },
};
