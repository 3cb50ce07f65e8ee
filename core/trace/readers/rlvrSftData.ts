// RLVR experiments' SFT data (data.py; formats/rlvr-openbrowser.md A2.6): a prompt and the completion to learn a line, from a model whose
// share of right answers to it is told.
import { isFields, textOf, type Fields } from "../../base/json";
import { restOf, valueOf } from "../document";
import { goldOf, goldOfRecord } from "../gold";
import { rewardNumbers } from "../groups";
import type { LineParser, LineReader, RecordSink, RolloutBody, SourceSample } from "../reader";
import { headRecords, parseLine, reportNotARecord } from "../scan";

const isExample = (value: unknown): value is Fields =>
  isFields(value) &&
  typeof value.prompt === "string" &&
  typeof value.completion === "string" &&
  isFields(value.problem) &&
  ("pass_rate" in value || "source" in value) &&
  !("rewards" in value);

class RlvrSftDataParser implements LineParser {
  constructor(private readonly sink: RecordSink) {}

  line(bytes: Uint8Array, start: number, end: number, offset: number): void {
    const record = parseLine(bytes, start, end, this.sink);
    if (record === undefined) return;
    if (!isExample(record)) {
      reportNotARecord(this.sink, "a prompt with the completion to learn");
      return;
    }
    this.sink.rollout({ offset, length: end - start, step: NaN, version: NaN, samples: 1, ...rewardNumbers([]) });
  }

  state(): unknown {
    return null;
  }
}

const known = new Set(["prompt_id", "prompt", "completion", "problem"]);

function readRollout(record: string): RolloutBody | null {
  const example = valueOf(record);
  if (!isExample(example)) return null;
  const answer = goldOfRecord(example.problem, ["answer", "ground_truth"]) ?? example.problem;
  return {
    ...{ promptId: textOf(example.prompt_id), prompt: textOf(example.prompt) ?? "", ...goldOf(answer) },
    samples: [{ text: textOf(example.completion) ?? "", reward: null, parts: {}, tokens: null, finish: null }],
    ...{ images: [], expected: null, expectedBox: null, extra: restOf(example, known) },
  };
}

function detect(sample: SourceSample): number {
  const records = headRecords(sample);
  const own = records.filter(isExample);
  return own.length > 0 && own.length >= records.length * 0.6 ? 0.9 : 0;
}

export const rlvrSftData: LineReader = {
  id: "rlvr-sft-data",
  title: "RLVR SFT data",
  version: 1,
  axis: "line",
  input: "lines",
  detect,
  readRollout,
  open: (sink) => new RlvrSftDataParser(sink),
};
