// What a model wrote in an RLVR evaluation, one prompt a line: completions.jsonl, results.jsonl, math_test_completions.jsonl, pass@k
// completions and verification_results.jsonl, verified_samples.jsonl (scripts/eval_*.py; formats/rlvr-openbrowser.md A2.5).
import { isFields, numberOf, textOf, type Fields } from "../../base/json";
import { fieldsOf, listOf, restOf, shown, valueOf } from "../document";
import { stepOfPath } from "../evalPath";
import type { LineParser, LineReader, RecordSink, RolloutBody, SourceSample } from "../reader";
import { goldOf, goldOfRecord } from "../gold";
import { rewardNumbers } from "../groups";
import { headRecords, parseLine, reportNotARecord } from "../scan";

type Sample = RolloutBody["samples"][number];

/** A lone completion says what it answers; a data set of prompts and completions for training has a `source` and is none of these. */
function isSingle(fields: Fields): boolean {
  if (typeof fields.completion !== "string" || (fields.id ?? fields.doc_id ?? fields.idx) === undefined) return false;
  // eval_math_checkpoint.py writes the problem, not its prompt.
  if ("idx" in fields) return "reward" in fields && "answer" in fields && typeof fields.problem === "string";
  return "gold_answer" in fields || "instruction_id_list" in fields || isFields(fields.verification);
}

/** `completions` of pass@k are records with a text, `scores` lie beside them once verified. */
function isGroup(fields: Fields): boolean {
  const completions = listOf(fields.completions);
  const texts = completions.length > 0 && completions.every((c) => isFields(c) && typeof c.text === "string");
  return fields.prompt_id !== undefined && !("rewards" in fields) && (texts || Array.isArray(fields.scores));
}

const isRecord = (value: unknown): value is Fields => isFields(value) && (isSingle(value) || isGroup(value));

/** 1 and 0 for right and wrong; the fraction of the instructions followed, where there are several. */
function rewardOf(fields: Fields): number | null {
  const verification = fieldsOf(fields.verification);
  for (const value of [verification.reward, verification.score, fields.reward])
    if (numberOf(value) !== null) return numberOf(value);
  for (const value of [verification.correct, verification.all_pass, fields.correct])
    if (typeof value === "boolean") return value ? 1 : 0;
  return null;
}

function samplesOf(fields: Fields): Sample[] {
  if (!isGroup(fields)) {
    const parts: Record<string, number> = {};
    for (const entry of listOf(fieldsOf(fields.verification).per_instruction)) {
      const [name, passed] = listOf(entry);
      if (typeof name === "string" && typeof passed === "boolean") parts[name] = passed ? 1 : 0;
    }
    return [{ text: textOf(fields.completion) ?? "", reward: rewardOf(fields), parts, tokens: null, finish: null }];
  }
  const completions = listOf(fields.completions);
  const scores = listOf(fields.scores);
  return Array.from({ length: Math.max(completions.length, scores.length) }, (_, i) => {
    const one = fieldsOf(completions[i]);
    const reward = numberOf(one.score) ?? numberOf(scores[i]);
    return {
      text: textOf(one.text) ?? textOf(completions[i]) ?? "",
      reward,
      parts: {},
      tokens: numberOf(one.num_tokens),
      finish: textOf(one.finish_reason),
    };
  });
}

class RlvrEvalSamplesParser implements LineParser {
  private readonly step: number;

  constructor(
    private readonly sink: RecordSink,
    path: string,
  ) {
    this.step = stepOfPath(path) ?? NaN;
  }

  line(bytes: Uint8Array, start: number, end: number, offset: number): void {
    const record = parseLine(bytes, start, end, this.sink);
    if (record === undefined) return;
    if (!isRecord(record)) {
      reportNotARecord(this.sink, "a prompt with what was written to it");
      return;
    }
    const rewards = samplesOf(record).map((sample) => sample.reward ?? NaN);
    const entry = { offset, length: end - start, step: this.step, version: NaN, samples: rewards.length };
    this.sink.rollout({ ...entry, ...rewardNumbers(rewards) });
  }

  state(): unknown {
    return null;
  }
}

const known = new Set([
  "id",
  "idx",
  "prompt_id",
  "prompt",
  "completion",
  "completions",
  "scores",
  "verification",
  "gold_answer",
]);
const goldKeys = ["gold_answer", "answer", "ground_truth"];

function readRollout(record: string): RolloutBody | null {
  const fields = valueOf(record);
  if (!isRecord(fields)) return null;
  const gold = goldOfRecord(fields, ["gold_answer", "answer"]) ?? goldOfRecord(fields.problem, goldKeys);
  const verification = fieldsOf(fields.verification);
  const said = Object.entries(verification).filter(([, value]) => value !== null && typeof value !== "object");
  const id = fields.prompt_id ?? fields.id ?? fields.doc_id ?? fields.idx;
  return {
    promptId: id === undefined || id === null ? null : shown(id),
    prompt: textOf(fields.prompt) ?? textOf(fields.problem) ?? "",
    samples: samplesOf(fields),
    ...goldOf(gold),
    images: [],
    expected: null,
    expectedBox: null,
    extra: {
      ...restOf(fields, known),
      ...Object.fromEntries(said.map(([name, value]) => [`verification.${name}`, shown(value)])),
    },
  };
}

function detect(sample: SourceSample): number {
  const records = headRecords(sample);
  const own = records.filter(isRecord);
  if (own.length > 0) return own.length >= records.length * 0.6 ? 0.9 : 0;
  // The first prompt of a pass@512 file is alone longer than the sample.
  const long = records.every((r) => r === undefined) && sample.head.length < sample.size;
  return long && /^\{"prompt_id": ?"/.test(sample.head) && /"completions": ?\[\{"text": ?"/.test(sample.head) ? 0.8 : 0;
}

/** What was generated first is judged in another file beside it; the judged shards of a large evaluation are merged above them. */
function supersededBy(path: string): string[] {
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  const verdicts = ["verification_results.jsonl", "all_verification_results.jsonl"];
  const above = folder.replace(/shard_\d+\/$/, "");
  const merged = above === folder ? [] : verdicts.map((name) => above + name);
  if (/(^|\/)completions\.jsonl$/.test(path))
    return ["results.jsonl", "verified_samples.jsonl", ...verdicts].map((name) => folder + name).concat(merged);
  return path.endsWith("/verification_results.jsonl") ? merged : [];
}

export const rlvrEvalSamples: LineReader = {
  id: "rlvr-eval-samples",
  title: "RLVR evaluation samples",
  version: 2,
  axis: "step",
  input: "lines",
  detect,
  supersededBy,
  readRollout,
  open: (sink, _saved, path = "") => new RlvrEvalSamplesParser(sink, path),
};
