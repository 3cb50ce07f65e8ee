// lm-evaluation-harness' samples_<task>_<date>.jsonl (formats/gui-and-trainers.md 3.7): one row per document and filter. The rows of a
// document are one rollout: its responses, and what each filter took from them and made of it.
import { isFields, textOf, type Fields } from "../../base/json";
import { fieldsOf, listOf, restOf, shown, valueOf } from "../document";
import { stepOfPath } from "../evalPath";
import { constraintsOf, goldOf } from "../gold";
import { GrowingGroups } from "../growingGroups";
import { labelOfPath } from "../label";
import type { LineParser, LineReader, RecordSink, RolloutBody, SourceSample } from "../reader";
import { ascii, headRecords, parseOutline, reportNotARecord } from "../scan";

const understood = new Set(["doc_id", "target", "arguments", "resps", "metrics"]);
const plain = new Set([...understood, "doc", "filtered_resps", "filter", "doc_hash", "prompt_hash", "target_hash"]);

/** Long, and no part of the score; the responses are counted. */
const textBytes = ["doc", "arguments"].map(ascii);

const isSample = (value: unknown): value is Fields =>
  isFields(value) &&
  "doc_id" in value &&
  Array.isArray(value.resps) &&
  ("filtered_resps" in value || "target" in value);

/** Named by `metrics`; before that field came, every number that is not one of the harness' own fields. */
function metricsOf(row: Fields): Record<string, number> {
  const found: Record<string, number> = {};
  for (const name of metricNames(row)) {
    const number = scoreOf(row[name]);
    if (number !== null) found[name] = number;
  }
  return found;
}

function metricNames(row: Fields): string[] {
  const named = listOf(row.metrics).filter((name) => typeof name === "string");
  return named.length > 0 ? named : Object.keys(row).filter((key) => !plain.has(key));
}

/** The first of `metricsOf`, of as many rows as a file has. */
function firstMetric(row: Fields): number | null {
  for (const name of metricNames(row)) {
    const number = scoreOf(row[name]);
    if (number !== null) return number;
  }
  return null;
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
  private readonly groups: GrowingGroups;
  /** Documents that have come, so that a second filter's row adds no sample. */
  private readonly seen: Set<string>;

  constructor(
    private readonly sink: RecordSink,
    saved: unknown,
    path: string,
  ) {
    this.step = stepOfPath(path) ?? NaN;
    const state = fieldsOf(saved);
    this.groups = new GrowingGroups(sink, state.groups);
    this.seen = new Set(listOf(state.seen).filter((id) => typeof id === "string"));
  }

  line(bytes: Uint8Array, start: number, end: number, offset: number): void {
    const row = parseOutline(bytes, start, end, textBytes, this.sink);
    if (row === undefined) return;
    if (!isSample(row)) {
      reportNotARecord(this.sink, "a sample of the harness");
      return;
    }
    const document = shown(row.doc_id ?? "");
    const again = this.seen.has(document);
    this.seen.add(document);
    const rewards: (number | null)[] = again ? [] : [firstMetric(row)];
    // A verdict on several responses is no verdict on each, but it is the document's.
    for (let more = again ? 0 : responseCount(row) - 1; more > 0; more--) rewards.push(null);
    this.groups.add(document, { offset, length: end - start, step: this.step, version: NaN, rewards });
  }

  state(): unknown {
    return { groups: this.groups.state(), seen: [...this.seen] };
  }
}

/** `resps` is a list per request; of a choice between answers each response is `[log likelihood, is greedy]`. */
const responsesOf = (row: Fields): unknown[] => listOf(row.resps).flatMap((request) => listOf(request));

function responseCount(row: Fields): number {
  let count = 0;
  for (const request of listOf(row.resps)) if (Array.isArray(request)) count += request.length;
  return count;
}

function readRollout(record: string): RolloutBody | null {
  const rows = record
    .split("\n")
    .map(valueOf)
    .filter((row) => isSample(row));
  const [first] = rows;
  if (!first) return null;
  const several = rows.length > 1;
  const parts = Object.assign({}, ...rows.map((row) => partsOf(row, several))) as Record<string, number>;
  const texts = responsesOf(first).map(shown);
  // A verdict on several responses (repeats, or the answers to choose from) is no verdict on each.
  const alone = texts.length < 2;
  const score = { reward: alone ? (Object.values(parts)[0] ?? null) : null, parts: alone ? parts : {} };
  const filters = rows.map((row) => [textOf(row.filter) ?? "none", row.filtered_resps] as const);
  const names = new Set(rows.flatMap((row) => Object.keys(metricsOf(row))));
  const shownElsewhere = alone || several ? names : new Set<string>();
  return {
    promptId: first.doc_id === null ? null : shown(first.doc_id),
    prompt: promptOf(first.arguments),
    samples: (texts.length > 0 ? texts : [""]).map((text) => ({ text, ...score, tokens: null, finish: null })),
    // The target of IFEval is a 0: what counts stands in its document.
    ...goldOf(constraintsOf(fieldsOf(first.doc)) ?? first.target),
    images: [],
    expected: null,
    expectedBox: null,
    extra: {
      ...restOf(first, new Set([...understood, "filter", "filtered_resps", ...shownElsewhere])),
      ...(several && !alone ? Object.fromEntries(Object.entries(parts).map(([name, n]) => [name, shown(n)])) : {}),
      ...(several
        ? Object.fromEntries(filters.map(([filter, taken]) => [`filtered_resps,${filter}`, shown(taken ?? null)]))
        : restOf({ filter: first.filter ?? null, filtered_resps: first.filtered_resps ?? null }, new Set())),
    },
  };
}

/** As the results name them: `exact_match,strict-match`, where there is more than one filter. */
function partsOf(row: Fields, several: boolean): Record<string, number> {
  const metrics = Object.entries(metricsOf(row));
  return several
    ? Object.fromEntries(metrics.map(([name, n]) => [`${name},${textOf(row.filter) ?? "none"}`, n]))
    : Object.fromEntries(metrics);
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
  version: 2,
  axis: "step",
  input: "lines",
  detect,
  labelOf: labelOfPath,
  readRollout,
  open: (sink, saved, path = "") => new LmEvalSamplesParser(sink, saved, path),
};
