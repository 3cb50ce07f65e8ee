// lm-evaluation-harness' samples_<task>_<date>.jsonl (formats/gui-and-trainers.md 3.7): one row per document and filter.
import { isFields, textOf, type Fields } from "../../base/json";
import { fieldsOf, listOf, restOf, shown, valueOf } from "../document";
import { stepOfPath } from "../evalPath";
import { constraintsOf, goldOf } from "../gold";
import { rewardNumbers } from "../groups";
import { labelOfPath } from "../label";
import type { LineParser, LineReader, RecordSink, RolloutBody, SourceSample } from "../reader";
import { headRecords, parseLine, reportNotARecord } from "../scan";

const understood = new Set(["doc_id", "target", "arguments", "resps", "metrics"]);
const plain = new Set([...understood, "doc", "filtered_resps", "filter", "doc_hash", "prompt_hash", "target_hash"]);

const isSample = (value: unknown): value is Fields =>
  isFields(value) &&
  "doc_id" in value &&
  Array.isArray(value.resps) &&
  ("filtered_resps" in value || "target" in value);

/** Named by `metrics`; before that field came, every number that is not one of the harness' own fields. */
function metricsOf(row: Fields): Record<string, number> {
  const named = listOf(row.metrics).filter((name) => typeof name === "string");
  const names = named.length > 0 ? named : Object.keys(row).filter((key) => !plain.has(key));
  const found: Record<string, number> = {};
  for (const name of names) {
    const number = scoreOf(row[name]);
    if (number !== null) found[name] = number;
  }
  return found;
}

/** A score, a verdict, or the verdicts of several constraints (IFEval's `inst_level_*`): their share. */
function scoreOf(value: unknown): number | null {
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "number") return value;
  if (!Array.isArray(value) || value.length === 0 || !value.every((v) => typeof v === "boolean")) return null;
  return value.filter(Boolean).length / value.length;
}

class LmEvalSamplesParser implements LineParser {
  private readonly step: number;

  constructor(
    private readonly sink: RecordSink,
    path: string,
  ) {
    this.step = stepOfPath(path) ?? NaN;
  }

  line(bytes: Uint8Array, start: number, end: number, offset: number): void {
    const row = parseLine(bytes, start, end, this.sink);
    if (row === undefined) return;
    if (!isSample(row)) {
      reportNotARecord(this.sink, "a sample of the harness");
      return;
    }
    const reward = Object.values(metricsOf(row))[0] ?? NaN;
    const samples = Math.max(1, responsesOf(row).length);
    const entry = { step: this.step, version: NaN, samples, ...rewardNumbers([reward]) };
    this.sink.rollout({ offset, length: end - start, ...entry });
  }

  state(): unknown {
    return null;
  }
}

/** `resps` is a list per request; of a choice between answers each response is `[log likelihood, is greedy]`. */
const responsesOf = (row: Fields): unknown[] => listOf(row.resps).flatMap((request) => listOf(request));

function readRollout(record: string): RolloutBody | null {
  const row = valueOf(record);
  if (!isSample(row)) return null;
  const parts = metricsOf(row);
  const texts = responsesOf(row).map(shown);
  // A verdict on several responses (repeats, or the answers to choose from) is no verdict on each.
  const alone = texts.length < 2;
  const score = { reward: alone ? (Object.values(parts)[0] ?? null) : null, parts: alone ? parts : {} };
  const filter = textOf(row.filter);
  return {
    promptId: row.doc_id === null ? null : `${shown(row.doc_id)}${filter === null ? "" : ` (${filter})`}`,
    prompt: promptOf(row.arguments),
    samples: (texts.length > 0 ? texts : [""]).map((text) => ({ text, ...score, tokens: null, finish: null })),
    // The target of IFEval is a 0: what counts stands in its document.
    ...goldOf(constraintsOf(fieldsOf(row.doc)) ?? row.target),
    images: [],
    expected: null,
    expectedBox: null,
    extra: restOf(row, new Set([...understood, ...(alone ? Object.keys(parts) : [])])),
  };
}

/** `{"gen_args_0": {"arg_0": prompt}}`; until 0.4.2 `[[prompt, settings]]`. */
function promptOf(value: unknown): string {
  const first = Array.isArray(value) ? listOf(value[0])[0] : fieldsOf(fieldsOf(value).gen_args_0).arg_0;
  if (first === undefined || first === null) return "";
  return shown(first);
}

function detect(sample: SourceSample): number {
  const records = headRecords(sample);
  const whole = records.filter((record) => record !== undefined);
  const samples = whole.filter(isSample);
  if (samples.length > 0) return samples.length >= whole.length * 0.6 ? 0.95 : 0;
  const long = whole.length === 0 && sample.head.length < sample.size;
  return long && /^\s*\{\s*"doc_id"\s*:\s*\d+\s*,\s*"doc"\s*:\s*\{/.test(sample.head) ? 0.7 : 0;
}

export const lmEvalSamples: LineReader = {
  id: "lm-eval-samples",
  title: "lm-evaluation-harness samples",
  version: 1,
  axis: "step",
  input: "lines",
  detect,
  labelOf: labelOfPath,
  readRollout,
  open: (sink, _saved, path = "") => new LmEvalSamplesParser(sink, path),
};
