// Summaries of RLVR evaluations as tables (scripts/eval_*.py; formats/rlvr-openbrowser.md A2.5): every shape that its scripts write.
import { isFields, numberOf, textOf, type Fields } from "../base/json";
import type { EvalMetric, EvalTable } from "../model/evaluation";
import { fieldsOf } from "./document";
import { measure, rate } from "../metrics/evalMetric";
import { labelOfEval } from "./evalPath";

/** Rates with the keys of the n they are of; nothing else tells a summary from other JSON so well. */
const rates: Readonly<Record<string, string>> = {
  accuracy: "n_examples",
  prompt_level_strict_acc: "n_prompts",
  inst_level_acc: "inst_total",
  overall_accuracy: "total_samples",
};

/** What is an n, a place, or the k of a rate: told with the numbers that they belong to. */
const counts = new Set([
  ...["n_examples", "n_prompts", "inst_total", "total_samples", "total", "total_prompts", "num_prompts"],
  ...[
    "total_completions",
    "num_completions",
    "n_completions",
    "n_correct",
    "prompt_pass",
    "inst_pass",
    "total_correct",
  ],
  ...["num_correct", "correct", "step", "overall_pass_rate"],
]);

/** What a run took, not what it scored. */
const times = new Set(["generation_time_s", "verification_time_s", "elapsed_seconds"]);

/** `math_test_summary.json` (scripts/legacy/eval_math_checkpoint.py) calls its n `total`. */
const isMathTest = (value: Fields): boolean =>
  ["accuracy", "correct", "total"].every((key) => numberOf(value[key]) !== null) && isFields(value.by_level);

export function isEvalSummary(value: Fields): boolean {
  if (typeof value.pass_at_k === "object" && value.pass_at_k !== null) return "overall_pass_rate" in value;
  if (isMathTest(value)) return true;
  return Object.entries(rates).some(([name, n]) => name in value && n in value);
}

export interface EvalPlace {
  benchmark: string;
  step: number | null;
}

export function tableOfSummary(value: Fields, place: EvalPlace): Omit<EvalTable, "source"> {
  const prompts = numberOf(value.total_prompts) ?? numberOf(value.num_prompts);
  const counts = [value.n_examples, value.n_prompts, value.total_samples, value.total].map(numberOf);
  const n = counts.find((count) => count !== null) ?? prompts;
  return {
    label: labelOfEval(place.benchmark, place.step),
    backend: textOf(value.checkpoint) ?? textOf(value.model_path),
    ...(place.benchmark ? { benchmark: place.benchmark } : {}),
    ...(place.step === null ? {} : { step: place.step }),
    episodes: n,
    steps: null,
    metrics: metricsOf(value, prompts),
  };
}

function metricsOf(value: Fields, prompts: number | null): EvalMetric[] {
  const metrics: EvalMetric[] = [];
  for (const [name, of] of Object.entries(rates)) {
    const number = numberOf(value[name]);
    if (number !== null) metrics.push(rate(name, number, numberOf(value[of]) ?? numberOf(value.total)));
  }
  // Any of k right, or the unbiased estimate of it: a fraction in every prompt, so Wilson over the prompts is no narrower than it should be.
  for (const [k, number] of Object.entries(fieldsOf(value.pass_at_k)))
    if (numberOf(number) !== null) metrics.push(rate(k, numberOf(number), prompts));
  const completions = numberOf(value.total_completions) ?? numberOf(value.num_completions);
  const overall = numberOf(value.overall_pass_rate);
  // Completions of one prompt are not independent: their count gives no interval.
  if (overall !== null) metrics.push(measure("overall_pass_rate", overall, completions, "higher"));
  const perPrompt = numberOf(value.avg_per_prompt_pass_rate);
  if (perPrompt !== null) metrics.push(rate("avg_per_prompt_pass_rate", perPrompt, prompts));
  for (const [group, of] of [
    ["level_accuracy", "level"],
    ["subject_accuracy", "subject"],
    ["by_level", "level"],
    ["by_type", "subject"],
    ["by_task", "task"],
  ] as const) {
    for (const [name, part] of Object.entries(fieldsOf(value[group]))) metrics.push(...partsOf(`${of} ${name}`, part));
  }
  for (const name of times) {
    const seconds = numberOf(value[name]);
    if (seconds !== null) metrics.push(measure(name, seconds, null, "lower"));
  }
  for (const [name, other] of Object.entries(value)) {
    const number = typeof other === "number" ? numberOf(other) : null;
    if (number === null || counts.has(name) || metrics.some((metric) => metric.name === name)) continue;
    metrics.push(measure(name, number, null, /(acc|accuracy|rate|score)$/.test(name) ? "higher" : "unknown"));
  }
  return metrics;
}

/** A part is a bare rate without its n, or a record with both; beside the verifier's rate the harness' own may stand. */
function partsOf(name: string, part: unknown): EvalMetric[] {
  const fields = fieldsOf(part);
  const n = numberOf(fields.total) ?? numberOf(fields.n) ?? numberOf(fields.n_examples);
  const matched = numberOf(fields.exact_match_acc);
  return [
    rate(name, numberOf(part) ?? numberOf(fields.accuracy), n),
    ...(matched === null ? [] : [rate(`${name} exact_match`, matched, n)]),
  ];
}

/** The one number that is drawn over steps. */
export function headline(value: Fields): number | null {
  const pass = fieldsOf(value.pass_at_k);
  return (
    numberOf(value.accuracy) ??
    numberOf(value.prompt_level_strict_acc) ??
    numberOf(value.overall_accuracy) ??
    numberOf(pass["pass@1"]) ??
    numberOf(value.overall_pass_rate)
  );
}
