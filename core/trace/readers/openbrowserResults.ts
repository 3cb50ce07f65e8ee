// OpenBrowser's evaluation results.json (eval_sft.py; formats/rlvr-openbrowser.md B2.3): one reward a prompt, named only by its place
// in the data file. Form, url and expected values are joined from there by `dataRow`.
import { isFields, numberOf, textOf, type Fields } from "../../base/json";
import {
  byteLength,
  fieldsOf,
  headValue,
  listOf,
  parseDocument,
  reportWrongDocument,
  restOf,
  valueOf,
} from "../document";
import { measure, rate } from "../../metrics/evalMetric";
import { rewardNumbers } from "../groups";
import { labelOfPath } from "../label";
import type { DocumentReader, RecordSink, RolloutBody, SourceSample } from "../reader";

const isResults = (value: unknown): value is Fields =>
  isFields(value) && Array.isArray(value.per_prompt) && ("nonzero_rate" in value || "avg_reward" in value);

const promptsOf = (value: Fields): Fields[] => listOf(value.per_prompt).map(fieldsOf);

/**
 * How much of the form was right, recovered from `reward = .4 success + .4 fields + .2 executed/actions` (B3.3); null where
 * nothing was parsed.
 */
export function fieldAccuracy(prompt: Fields): number | null {
  const [reward, actions, executed] = [prompt.reward, prompt.actions, prompt.executed].map(numberOf);
  if (typeof reward !== "number" || typeof executed !== "number" || typeof actions !== "number" || actions === 0)
    return null;
  const fields = (reward - (prompt.success_page === true ? 0.4 : 0) - 0.2 * (executed / actions)) / 0.4;
  // Rewards are sums of rounded parts: what is left after subtracting them is exact to nine places.
  return Number.isFinite(fields) ? Math.min(1, Math.max(0, Math.round(fields * 1e9) / 1e9)) : null;
}

function parse(text: string, path: string, sink: RecordSink): void {
  const value = parseDocument(text, path, sink);
  if (value === undefined) return;
  if (!isResults(value)) {
    reportWrongDocument(sink, path, "the results of an evaluation");
    return;
  }
  const prompts = promptsOf(value);
  const length = byteLength(text);
  prompts.forEach((prompt, i) => {
    const rewards = rewardNumbers([numberOf(prompt.reward)]);
    sink.rollout({ offset: i, length, step: NaN, version: NaN, samples: 1, ...rewards }, i);
  });
  const checkpoint = textOf(value.checkpoint);
  const n = numberOf(value.prompts_evaluated);
  const fields = prompts.map(fieldAccuracy).filter((accuracy) => accuracy !== null);
  const metrics = [
    rate("nonzero_rate", numberOf(value.nonzero_rate), n),
    measure("avg_reward", numberOf(value.avg_reward), n, "higher"),
    rate(
      "success_page",
      share(prompts, (p) => p.success_page === true),
      prompts.length,
    ),
    rate(
      "nothing_parsed",
      share(prompts, (p) => numberOf(p.actions) === 0),
      prompts.length,
    ),
    measure(
      "field_accuracy",
      fields.length > 0 ? fields.reduce((a, b) => a + b, 0) / fields.length : null,
      fields.length,
      "higher",
    ),
  ].map((metric) => (metric.name === "nothing_parsed" ? { ...metric, better: "lower" as const } : metric));
  const label = labelOfPath(path) || labelOfPath(checkpoint ?? "") || folderOf(path) || (checkpoint ?? "results");
  sink.evaluation({ label, backend: textOf(value.model), benchmark: "formfactory", episodes: n, steps: null, metrics });
  check(value, prompts, sink);
}

const share = (prompts: readonly Fields[], test: (prompt: Fields) => boolean): number | null =>
  prompts.length > 0 ? prompts.filter(test).length / prompts.length : null;

/** `eval/<name>/results.json`: the folder is all that tells results of one model apart. */
const folderOf = (path: string): string => path.split("/").at(-2) ?? "";

function check(value: Fields, prompts: readonly Fields[], sink: RecordSink): void {
  const nonzero = prompts.filter((prompt) => (numberOf(prompt.reward) ?? 0) > 0).length;
  const said = numberOf(value.nonzero_count);
  if (said !== null && said !== nonzero) {
    const message = `nonzero_count is ${String(said)}, and ${String(nonzero)} of ${String(prompts.length)} prompts have a reward.`;
    sink.diagnostic({ code: "metric-mismatch", severity: "warning", message });
  }
  for (const prompt of prompts) {
    const error = textOf(prompt.error);
    if (error === null) continue;
    const message = `Prompt ${String(numberOf(prompt.prompt_idx))}: ${error.slice(0, 200)}`;
    sink.diagnostic({ code: "prompt-failed", severity: "warning", message });
  }
}

const known = new Set(["prompt_idx", "reward"]);

function readRollout(record: string, part = 0): RolloutBody | null {
  const value = valueOf(record);
  const prompt = isResults(value) ? promptsOf(value)[part] : undefined;
  if (!prompt) return null;
  const row = numberOf(prompt.prompt_idx);
  const accuracy = fieldAccuracy(prompt);
  const parts: Record<string, number> = accuracy === null ? {} : { field_accuracy: accuracy };
  if (typeof prompt.success_page === "boolean") parts.success_page = prompt.success_page ? 1 : 0;
  return {
    promptId: row === null ? null : String(row),
    prompt: "",
    samples: [{ text: "", reward: numberOf(prompt.reward), parts, tokens: null, finish: null }],
    reference: null,
    images: [],
    expected: null,
    expectedBox: null,
    extra: restOf(prompt, known),
    ...(row !== null && Number.isInteger(row) && row >= 0 ? { dataRow: row } : {}),
  };
}

function detect(sample: SourceSample): number {
  const value = headValue(sample);
  if (value !== undefined) return isResults(value) ? 0.95 : 0;
  const { head } = sample;
  return /^\s*\{/.test(head) && /"per_prompt"\s*:\s*\[/.test(head) && /"prompts_evaluated"\s*:/.test(head) ? 0.85 : 0;
}

export const openbrowserResults: DocumentReader = {
  id: "openbrowser-results",
  title: "OpenBrowser results",
  version: 1,
  axis: "step",
  input: "document",
  detect,
  labelOf: labelOfPath,
  promptsByPlace: true,
  readRollout,
  parse,
};
