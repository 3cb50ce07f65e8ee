// RLVR experiments' traces/rollouts.jsonl (rollout_logger.py; formats/rlvr-openbrowser.md A2.3): one prompt group a line.
// Indexing looks at a line's numbers only; its texts are parsed when somebody reads that one group.
import { isFields, numberOf, parseJsonLine, textOf, type Fields } from "../../base/json";
import { labelOfPath } from "../label";
import { actionOfRecord, boxOf } from "../openadaptAction";
import type { LineParser, LineReader, RecordSink, RolloutBody, SourceSample } from "../reader";
import { constraintsOf, goldOf } from "../gold";
import { rewardNumbers } from "../groups";
import { ascii, checkUtf8, findFields, headRecords, parseLine, reportNotARecord, valueIn } from "../scan";

/** The version's key changed twice in January 2026; all three are in the wild. */
const versionKeys = ["generated_at_version", "generated_at_step", "version"];
const stepKeys = ["step", "trained_at_step"];
const numberKeys = ["rewards", ...versionKeys, ...stepKeys, "completions"];
const numberKeyBytes = numberKeys.map(ascii);

class RlvrRolloutsParser implements LineParser {
  constructor(private readonly sink: RecordSink) {}

  line(bytes: Uint8Array, start: number, end: number, offset: number): void {
    const ranges = findFields(bytes, start, end, numberKeyBytes);
    const rewards = ranges && valueIn(bytes, ranges[0]);
    if (ranges && Array.isArray(rewards)) {
      checkUtf8(bytes, start, end, this.sink);
      const fields: Record<string, unknown> = { rewards };
      numberKeys.forEach((key, i) => {
        if (i > 0 && key !== "completions") fields[key] = valueIn(bytes, ranges[i]);
      });
      this.rollout(fields, offset, end - start);
      return;
    }
    const record = parseLine(bytes, start, end, this.sink);
    if (record === undefined) return;
    if (!isFields(record) || !(Array.isArray(record.rewards) || Array.isArray(record.completions))) {
      reportNotARecord(this.sink, "a group of completions with rewards");
      return;
    }
    if (!Array.isArray(record.rewards)) {
      this.sink.diagnostic({ code: "missing-field", severity: "warning", message: 'A group has no "rewards".' });
    }
    this.rollout(record, offset, end - start);
  }

  state(): unknown {
    return null;
  }

  private rollout(record: Fields, offset: number, length: number): void {
    const rewards = (Array.isArray(record.rewards) ? record.rewards : []).map((r) => numberOf(r) ?? NaN);
    const first = (keys: readonly string[]): number =>
      keys.map((key) => numberOf(record[key])).find((n) => n !== null) ?? NaN;
    const samples = rewards.length || (Array.isArray(record.completions) ? record.completions.length : 0);
    this.sink.rollout({
      offset,
      length,
      step: first(stepKeys),
      version: first(versionKeys),
      samples,
      ...rewardNumbers(rewards),
    });
  }
}

const referenceKeys = ["reference", "gold", "gold_answer", "ground_truth", "answer"];
const understood = new Set(["prompt_id", "prompt", "completions", "rewards", "images", "target", "reward_parts"]);
const perSample = ["finish_reasons", "tokens", "completion_tokens"];

function readRollout(record: string): RolloutBody | null {
  const parsed = parseJsonLine(record);
  if (!parsed.ok || !isFields(parsed.value)) return null;
  const fields = parsed.value;
  const completions = list(fields.completions);
  const rewards = list(fields.rewards);
  const finish = list(fields.finish_reasons);
  const tokens = list(fields.tokens ?? fields.completion_tokens);
  const target = isFields(fields.target) ? fields.target : null;
  const referenceKey = referenceKeys.find((key) => fields[key] !== undefined && fields[key] !== null);
  const samples = Array.from({ length: Math.max(completions.length, rewards.length) }, (_, i) => ({
    text: textOf(completions[i]) ?? "",
    reward: numberOf(rewards[i]),
    parts: partsOf(fields.reward_parts, i),
    tokens: numberOf(tokens[i]),
    finish: textOf(finish[i]),
  }));
  const shown = ([key]: [string, unknown]): boolean =>
    !understood.has(key) && key !== referenceKey && !(perSample.includes(key) && Array.isArray(fields[key]));
  return {
    promptId: fields.prompt_id === undefined || fields.prompt_id === null ? null : asText(fields.prompt_id),
    prompt: textOf(fields.prompt) ?? (fields.prompt === undefined ? "" : asText(fields.prompt)),
    samples,
    ...goldOf(referenceKey === undefined ? constraintsOf(fields) : fields[referenceKey]),
    images: list(fields.images).filter((path) => typeof path === "string"),
    expected: actionOfRecord(target),
    expectedBox: target ? boxOf(target.bbox) : null,
    extra: Object.fromEntries(
      Object.entries(fields)
        .filter(shown)
        .map(([key, value]) => [key, asText(value)]),
    ),
  };
}

/** Reward by component: `{name: [one per sample]}` or one `{name: number}` per sample. */
function partsOf(value: unknown, sample: number): Record<string, number> {
  const named = Array.isArray(value) ? (value as unknown[])[sample] : value;
  if (!isFields(named)) return {};
  const parts: Record<string, number> = {};
  for (const [name, part] of Object.entries(named)) {
    const number = numberOf(Array.isArray(part) ? part[sample] : Array.isArray(value) ? part : null);
    if (number !== null) parts[name] = number;
  }
  return parts;
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const asText = (value: unknown): string =>
  typeof value === "string" ? value : typeof value === "number" ? String(value) : JSON.stringify(value);

function detect(sample: SourceSample): number {
  const records = headRecords(sample);
  const groups = records.filter((r) => isFields(r) && Array.isArray(r.completions) && Array.isArray(r.rewards));
  if (groups.length > 0) return groups.length >= records.length * 0.6 ? 0.95 : 0;
  // The first group may alone be longer than the sample: its keys, written as keys, must do.
  const long = records.every((r) => r === undefined) && sample.head.length < sample.size;
  return long && /^\s*\{.*"prompt"\s*:\s*"/.test(sample.head) && /[,{]\s*"completions"\s*:\s*\[/.test(sample.head)
    ? 0.8
    : 0;
}

export const rlvrRollouts: LineReader = {
  id: "rlvr-rollouts",
  title: "RLVR rollouts",
  version: 1,
  axis: "version",
  input: "lines",
  detect,
  labelOf: labelOfPath,
  readRollout,
  open: (sink) => new RlvrRolloutsParser(sink),
};
