// Real oddities of configs, as the format pages state them: what runs, what it is compared by, and what is said of it.
import { describe, expect, it } from "vitest";
import { asRunsideError } from "../../../core/base/errors";
import { planRecognised, recogniseConfig } from "../../../core/recipes/launch";
import { parseAssignment } from "../../../core/recipes/overrides";
import { examples } from "./examples";

interface Oddity {
  /** `rlvr A1.2` is formats/rlvr-openbrowser.md, `gui 1.3` formats/gui-and-trainers.md. */
  section: string;
  says: string;
  /** The example of this recipe, changed: `from` becomes `to`; `text` instead of it all. */
  of: string;
  change?: [from: string, to: string];
  text?: string;
  files?: readonly string[];
  set?: string;
  facts?: Record<string, unknown>;
  /** `line code` of each note. */
  notes?: string[];
  /** What the whole text becomes with `set`. */
  becomes?: string;
  command?: RegExp;
  refuses?: RegExp;
}

const job = examples["anyscale-job"]?.text ?? "";
const pears = "training:\n  lr: 1.0e-4 # why\nloss: {beta: 1}\n";

const oddities: readonly Oddity[] = [
  {
    section: "rlvr A1.2",
    says: "keys stand twice: the last one counts, and its line is said",
    of: "rlvr",
    change: ["roles:\n", "loss:\n  name: dapo\n  beta: 0.05\nroles:\n"],
    facts: { beta: 0.05 },
    notes: ["16 duplicate-key"],
  },
  {
    section: "rlvr A1.2",
    says: "YAML 1.1 reads 5e-6 as a text: a number for the person, a warning for the run",
    of: "rlvr",
    change: ["5.0e-6", "5e-6"],
    facts: { learningRate: 5e-6 },
    notes: ["23 python-text"],
  },
  {
    section: "rlvr A1.2",
    says: "1.0e5 has no sign in its exponent and is a text too",
    of: "python",
    change: ["0.001", "1.0e5"],
    facts: { learningRate: 1e5 },
    notes: ["4 python-text"],
  },
  {
    section: "rlvr A1.2",
    says: "whole numbers are keys",
    of: "rlvr",
    change: ["  max_steps: 30\n", "  max_steps: 30\n  completions_per_micro_batch: {768: 64, 1024: 32}\n"],
    facts: { groupSize: 8 },
  },
  {
    section: "rlvr A1.2",
    says: "an edit keeps the comment that says why, and writes a dot and a signed exponent",
    of: "python",
    text: pears,
    set: "training.lr=5e-6",
    becomes: pears.replace("1.0e-4", "5.0e-06"),
  },
  {
    section: "rlvr A1.2",
    says: "the learning rate lives with the trainer, whatever the order of roles",
    of: "rlvr",
    change: ["  - name: rollout\n    kind: vllm\n", ""],
    facts: { learningRate: 5e-6 },
  },
  { section: "rlvr A1.2", says: "no config sets the seed: it is the program's 42", of: "rlvr", facts: { seed: 42 } },
  {
    section: "rlvr A1.1",
    says: "an entrypoint that does not exist any more is looked for under both names",
    of: "rlvr",
    change: ["  alpha_grpo: 1.0\n  alpha_sft: 0.0\n", ""],
    refuses: /train_grpo_LEGACY_DO_NOT_USE\.py or entrypoints\/train_grpo\.py, which is not in this workspace/,
  },
  {
    section: "rlvr A1.1",
    says: "a key that is read with brackets is missing: said before minutes of loading",
    of: "rlvr",
    change: ["  alpha_grpo: 1.0\n", ""],
    refuses: /needs training\.alpha_grpo/,
  },
  {
    section: "rlvr A1.2",
    says: "a page of plots is a third schema",
    of: "rlvr",
    text: "output: a.html\nhtml_prefix: x\nruns:\n  - {id: a, run_dir: /r}\n",
    refuses: /:3 .*plots of finished runs/,
  },
  {
    section: "rlvr B1.2",
    says: "every value of a job's environment is a text, and compares as a number",
    of: "anyscale-job",
    facts: { beta: 0.1, groupSize: 4 },
  },
  {
    section: "rlvr B1.3",
    says: "what a job leaves out is its program's default",
    of: "anyscale-job",
    text: job.replace(/ {2}KL_COEFF.*\n {2}GROUP_SIZE.*\n/, ""),
    facts: { beta: 0.1, groupSize: 4, seed: 42 },
  },
  {
    section: "rlvr B1.2",
    says: "the entrypoint is a line for a shell, and runs as exactly that",
    of: "anyscale-job",
    command: /^sh -c bash -c "python -m infra\.training\.finetuning\.online_grpo_trainer"$/,
  },
  {
    section: "rlvr B1.1",
    says: "a job may name a module that is not there",
    of: "anyscale-job",
    change: ["online_grpo_trainer", "pear_trainer"],
    refuses: /:2 .*pear_trainer\.py, which is not in this workspace/,
  },
  {
    section: "gui 1.3",
    says: "the benchmark writes no samples: both models are evaluated once more",
    of: "openadapt",
    command: /run_qwen_login_benchmark .*eval_policy .*--ignore-lora; .*eval_policy/,
  },
  {
    section: "gui 1.3",
    says: "without lora.weights_path there is no adapter to evaluate",
    of: "openadapt",
    change: ["  weights_path: checkpoints/pears\n", ""],
    command: /^uv run python -m openadapt_ml\.scripts\.train --config \{config\}$/,
  },
  {
    section: "gui 2.1",
    says: "notes write --output_file; the program takes --output",
    of: "gelab",
    command: /interactive_eval\.py .*--output \{out\}\/interactive\.json/,
  },
  {
    section: "gui 3.2",
    says: "TRL's GRPO without a reward cannot start from its command line",
    of: "trl",
    change: ["reward_funcs: [accuracy_reward]\n", ""],
    refuses: /needs reward_funcs/,
  },
  {
    section: "gui 7",
    says: "a byte order mark and CRLF",
    of: "python",
    text: `\ufeff${pears.replaceAll("\n", "\r\n")}`,
    set: "loss.beta=2",
    becomes: `\ufeff${pears.replaceAll("\n", "\r\n").replace("beta: 1", "beta: 2")}`,
    facts: { learningRate: 1e-4 },
  },
];

describe.each(oddities)(
  "$section: $says",
  ({ of, change, text, files, set, facts, notes, becomes, command, refuses }) => {
    it("runs, or says why not", () => {
      const example = examples[of];
      if (!example) throw new Error(`no example of ${of}`);
      if (change) expect(example.text).toContain(change[0]);
      const config = text ?? (change ? example.text.replace(...change) : example.text);
      const there = files ?? example.files;
      const recognised = recogniseConfig({
        path: example.path,
        text: config,
        exists: (at) => there.includes(at),
        set: set === undefined ? [] : [parseAssignment(set)],
      });
      expect(recognised.recipe.id).toBe(of);
      let why: string | null = null;
      try {
        const { plan, facts: found } = planRecognised(recognised, null);
        expect(Object.fromEntries(found.map(({ name, value }) => [name, value]))).toMatchObject(facts ?? {});
        if (command) expect(plan.commands.map((argv) => argv.join(" ")).join("; ")).toMatch(command);
      } catch (error) {
        if (!refuses) throw error;
        why = asRunsideError(error).message;
      }
      if (refuses) expect(why).toMatch(refuses);
      expect(recognised.notes.map(({ line, code }) => `${String(line)} ${code}`)).toEqual(notes ?? []);
      if (becomes !== undefined) expect(recognised.text).toBe(becomes);
    });
  },
);
