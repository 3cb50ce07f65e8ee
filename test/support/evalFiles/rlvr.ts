// What RLVR's evaluation scripts leave (formats/rlvr-openbrowser.md A2.5): rows with verdicts, a summary beside them, a line a checkpoint.
import { join } from "node:path";
import { indented, jsonLines, spread, write } from "./counts";

export interface Part {
  level: string;
  total: number;
  right: number;
}

interface Row {
  id: string;
  level?: string;
  type?: string;
  right: boolean;
}

/** Rows of a benchmark without parts. */
export const plainRows = (name: string, total: number, right: number): Row[] =>
  spread(total, right).map((one, i) => ({ id: `${name}_${String(i)}`, right: one }));

/** Rows whose levels, and whose subjects, have these counts: rights and wrongs of both are laid against each other in order. */
export function mathRows(
  levels: readonly Part[],
  subjects: readonly { subject: string; total: number; right: number }[],
): Row[] {
  const laid = (right: boolean): Row[] => {
    const count = (part: { total: number; right: number }): number => (right ? part.right : part.total - part.right);
    const levelOf = levels.flatMap((part) => Array.from({ length: count(part) }, () => part.level));
    const typeOf = subjects.flatMap((part) => Array.from({ length: count(part) }, () => part.subject));
    return levelOf.map((level, i) => ({ id: "", level, type: typeOf[i] ?? "algebra", right }));
  };
  return [...laid(true), ...laid(false)].map((row, i) => ({ ...row, id: `math_${String(i)}` }));
}

const share = (rows: readonly Row[]): number => rows.filter(({ right }) => right).length / rows.length;

function tally<T>(rows: readonly Row[], keyOf: (row: Row) => string, of: (rows: Row[]) => T): Record<string, T> {
  const keys = [...new Set(rows.map(keyOf))].sort();
  return Object.fromEntries(keys.map((key) => [key, of(rows.filter((row) => keyOf(row) === key))]));
}

const counted = (rows: readonly Row[]) => ({
  correct: rows.filter(({ right }) => right).length,
  total: rows.length,
  accuracy: share(rows),
});

const textOf = (row: Row): string => ` It is $\\boxed{${row.right ? "7" : "8"}}$.`;

/** eval_checkpoint.py: results.jsonl and summary.json in `folder`; what it returns is the checkpoint's line of eval_all_checkpoints.sh. */
export function writeCheckpointEvaluation(
  folder: string,
  checkpoint: string,
  benchmark: string,
  rows: readonly Row[],
): object {
  const results = rows.map((row) => ({
    id: row.id,
    prompt: `Problem: how many pears are in basket ${row.id}?\n\nSolution:`,
    completion: textOf(row),
    gold_answer: "7",
    ...(row.level === undefined ? {} : { level: row.level, type: row.type }),
    verification: {
      reward: row.right ? 1 : 0,
      correct: row.right,
      ...(row.level === undefined ? {} : { level: row.level, type: row.type }),
    },
  }));
  write(join(folder, "results.jsonl"), jsonLines(results));
  const levels = rows[0]?.level === undefined ? {} : { level_accuracy: tally(rows, (row) => row.level ?? "", share) };
  const subjects = rows[0]?.type === undefined ? {} : { subject_accuracy: tally(rows, (row) => row.type ?? "", share) };
  const { correct, total, accuracy } = counted(rows);
  const head = { checkpoint, benchmark, generation_time_s: 61.5, verification_time_s: 4.25 };
  const numbers = { n_examples: total, n_correct: correct, accuracy };
  write(join(folder, "summary.json"), indented({ ...head, ...numbers, ...levels, ...subjects }));
  return { accuracy: Math.round(accuracy * 1e4) / 1e4, n_correct: correct, n_examples: total, ...levels };
}

/** eval_math_checkpoint.py: math_test_completions.jsonl and math_test_summary.json in `folder`. */
export function writeMathTest(folder: string, checkpoint: string, rows: readonly Row[]): void {
  const results = rows.map((row, idx) => ({
    idx,
    problem: `How many pears are in basket ${String(idx)}?`,
    answer: "7",
    solution: "There are $\\boxed{7}$.",
    level: row.level,
    type: row.type,
    completion: textOf(row),
    reward: row.right ? 1 : 0,
  }));
  write(join(folder, "math_test_completions.jsonl"), jsonLines(results));
  const { correct, total, accuracy } = counted(rows);
  const by_level = tally(rows, (row) => row.level ?? "", counted);
  const by_type = tally(rows, (row) => row.type ?? "", counted);
  const summary = { checkpoint, total, correct, accuracy, generation_time_s: 61.5, by_level, by_type };
  write(join(folder, "math_test_summary.json"), indented(summary));
}

/** verify_lm_eval_samples.py: verified_samples.jsonl and summary.json in `folder`; of `rows`, the harness itself matched `matched`. */
export function writeVerifiedSamples(folder: string, task: string, rows: readonly Row[], matched: number): void {
  const exact = spread(rows.length, matched);
  const samples = rows.map((row, doc_id) => ({
    task,
    doc_id,
    prompt: `Problem: how many pears are in basket ${String(doc_id)}?`,
    completion: textOf(row),
    gold_answer: "7",
    reward: row.right ? 1 : 0,
    correct: row.right,
    exact_match: exact[doc_id] ? 1 : 0,
    problem: `How many pears are in basket ${String(doc_id)}?`,
    level: row.level ?? "",
    type: row.type ?? "",
  }));
  write(join(folder, "verified_samples.jsonl"), jsonLines(samples));
  const { correct, total, accuracy } = counted(rows);
  const harness = { exact_match_count: matched, exact_match_acc: matched / total };
  const by_task = { [task]: { total, correct, accuracy, ...harness } };
  const by_level = tally(rows, (row) => row.level ?? "", counted);
  const summary = { total_samples: total, total_correct: correct, overall_accuracy: accuracy, by_task, by_level };
  write(join(folder, "summary.json"), indented(summary));
}

/**
 * eval_pass_at_k.py: verification_results.jsonl and summary.json in `folder`. `passed` says of each k how many of the prompts have a
 * right completion among their first k; a prompt's first right one is its only one.
 */
export function writePassAtK(
  folder: string,
  dataset: string,
  prompts: number,
  passed: ReadonlyMap<number, number>,
): void {
  const completions = Math.max(...passed.keys());
  const first = Array.from({ length: prompts }, (_, i) => {
    const k = [...passed].find(([, right]) => i < right)?.[0];
    return k === undefined ? -1 : k - 1;
  });
  const rows = first.map((at, i) => {
    const scores = Array.from({ length: completions }, (_, c) => (c === at ? 1 : 0));
    const right = scores.filter((score) => score > 0).length;
    return {
      prompt_id: `${dataset}_${String(i)}`,
      num_completions: completions,
      num_correct: right,
      pass_rate: right / completions,
      scores,
    };
  });
  write(join(folder, "verification_results.jsonl"), jsonLines(rows));
  const correct = rows.reduce((sum, { num_correct }) => sum + num_correct, 0);
  const total = prompts * completions;
  const pass_at_k = Object.fromEntries(
    [...passed.keys()].map((k) => [`pass@${String(k)}`, first.filter((at) => at >= 0 && at < k).length / prompts]),
  );
  const rate = correct / total;
  const summary = {
    dataset,
    model_path: "pear/Pear-2B",
    n_completions: completions,
    total_prompts: prompts,
    total_completions: total,
    total_correct: correct,
    overall_pass_rate: rate,
    avg_per_prompt_pass_rate: rate,
    pass_at_k,
    elapsed_seconds: 61.5,
    throughput_completions_per_sec: total / 61.5,
    completed_at: "2026-01-02T10:00:00",
  };
  write(join(folder, "summary.json"), indented(summary));
}
