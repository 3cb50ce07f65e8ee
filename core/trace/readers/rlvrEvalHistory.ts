// RLVR evaluations' `evals/<bench>/summary.jsonl`: one line a checkpoint (eval_all_checkpoints.sh; formats/rlvr-openbrowser.md A2.5).
// The lines do not name their benchmark: it is the folder's.
import { isFields, numberOf, type Fields } from "../../base/json";
import { benchmarkOfPath } from "../evalPath";
import type { LineParser, LineReader, RecordSink, SourceSample } from "../reader";
import { headline, isEvalSummary, tableOfSummary } from "../rlvrEval";
import { headRecords, parseLine, reportNotARecord } from "../scan";

const isEntry = (record: unknown): record is Fields =>
  isFields(record) && numberOf(record.step) !== null && (isEvalSummary(record) || "inst_level_acc" in record);

class RlvrEvalHistoryParser implements LineParser {
  private readonly benchmark: string;

  constructor(
    private readonly sink: RecordSink,
    path: string,
  ) {
    this.benchmark = benchmarkOfPath(path);
  }

  line(bytes: Uint8Array, start: number, end: number): void {
    const record = parseLine(bytes, start, end, this.sink);
    if (record === undefined) return;
    if (!isEntry(record)) {
      reportNotARecord(this.sink, "a checkpoint's score");
      return;
    }
    const step = numberOf(record.step) ?? NaN;
    this.sink.evaluation(tableOfSummary(record, { benchmark: this.benchmark, step }));
    const score = headline(record);
    if (score !== null) this.sink.point(`eval/${this.benchmark || "score"}`, step, score);
  }

  state(): unknown {
    return null;
  }
}

function detect(sample: SourceSample): number {
  // One value over several lines is the summary of one checkpoint.
  const records = headRecords(sample);
  const entries = records.filter(isEntry);
  return entries.length > 0 && entries.length >= records.length * 0.6 ? 0.95 : 0;
}

export const rlvrEvalHistory: LineReader = {
  id: "rlvr-eval-history",
  title: "RLVR evaluations by step",
  version: 2,
  axis: "step",
  input: "lines",
  detect,
  open: (sink, _saved, path = "") => new RlvrEvalHistoryParser(sink, path),
};
