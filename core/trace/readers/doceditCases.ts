// DocEdit's per-case results (run_eval.py --output-jsonl): the scores of each repaired document, and no document.
import { numberOf, textOf } from "../../base/json";
import { restOf, valueOf } from "../document";
import { caseScores, isCase, modelOf } from "../docedit";
import { rewardNumbers } from "../groups";
import { labelOfPath } from "../label";
import type { LineParser, LineReader, RecordSink, RolloutBody, SourceSample } from "../reader";
import { headRecords, parseLine, reportNotARecord } from "../scan";

class DoceditCasesParser implements LineParser {
  constructor(private readonly sink: RecordSink) {}

  line(bytes: Uint8Array, start: number, end: number, offset: number): void {
    const record = parseLine(bytes, start, end, this.sink);
    if (record === undefined) return;
    if (!isCase(record)) {
      reportNotARecord(this.sink, "a case with its scores");
      return;
    }
    const rewards = rewardNumbers([numberOf(record.composite_score)]);
    this.sink.rollout({ offset, length: end - start, step: NaN, version: NaN, samples: 1, ...rewards });
  }

  state(): unknown {
    return null;
  }
}

const known = new Set<string>(["case_id", "adapter_name", "exact_match", ...caseScores]);

function readRollout(record: string): RolloutBody | null {
  const fields = valueOf(record);
  if (!isCase(fields)) return null;
  const parts = Object.fromEntries(caseScores.map((name) => [name, numberOf(fields[name]) ?? NaN]));
  const { composite_score: reward = null, ...others } = parts;
  return {
    promptId: textOf(fields.case_id),
    prompt: "",
    samples: [
      {
        text: "",
        reward,
        parts: { ...others, exact_match: fields.exact_match === true ? 1 : 0 },
        tokens: null,
        finish: null,
      },
    ],
    reference: null,
    images: [],
    expected: null,
    expectedBox: null,
    extra: { model: modelOf(textOf(fields.adapter_name) ?? ""), ...restOf(fields, known) },
  };
}

function detect(sample: SourceSample): number {
  const records = headRecords(sample);
  const own = records.filter(isCase);
  return own.length > 0 && own.length >= records.length * 0.6 ? 0.95 : 0;
}

export const doceditCases: LineReader = {
  id: "docedit-cases",
  title: "DocEdit cases",
  version: 1,
  axis: "line",
  input: "lines",
  detect,
  labelOf: labelOfPath,
  readRollout,
  open: (sink) => new DoceditCasesParser(sink),
};
