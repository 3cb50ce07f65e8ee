// GE-Lab's predictions.jsonl: a row of its evaluation set with what the model said (formats/gui-and-trainers.md 2.7).
import { labelOfPath } from "../label";
import { valueOf } from "../document";
import { bodyOf, frameOfRow, judge, predictedOf, rowOf, stepIndexOf, type GelabRow } from "../gelabRecord";
import type { LineParser, LineReader, RecordSink, SourceSample, StepBody } from "../reader";
import { headRecords, parseLine, reportNotARecord } from "../scan";

export function predictionOf(record: unknown): GelabRow | null {
  const row = rowOf(record);
  return row !== null && row.prediction !== null ? row : null;
}

class GelabPredictionsParser implements LineParser {
  constructor(private readonly sink: RecordSink) {}

  line(bytes: Uint8Array, start: number, end: number, offset: number): void {
    const record = parseLine(bytes, start, end, this.sink);
    if (record === undefined) return;
    const row = predictionOf(record);
    if (!row) {
      reportNotARecord(this.sink, "a row with its prediction");
      return;
    }
    const place = { offset, length: end - start, episodeId: row.task, index: stepIndexOf(row) };
    const verdict = judge(row, frameOfRow(row, null));
    this.sink.step({ ...place, ...verdict });
    if (verdict.clickHit === false) tellFrame(row, this.sink);
  }

  state(): unknown {
    return null;
  }
}

export function tellFrame(row: GelabRow, sink: RecordSink): void {
  const { action, otherFrame } = predictedOf(row, frameOfRow(row, null));
  if (!otherFrame) return;
  const message = `A predicted click misses its box in the frame of its row and hits it in the other (${action?.frame ?? "?"}): the scorer counts a miss, and it is drawn where it was meant.`;
  sink.diagnostic({ code: "mixed-frames", severity: "warning", message });
}

function readSteps(record: string): StepBody[] {
  const row = predictionOf(valueOf(record));
  return row ? [bodyOf(row, row.task, stepIndexOf(row), null)] : [];
}

function detect(sample: SourceSample): number {
  const records = headRecords(sample);
  const own = records.filter((record) => predictionOf(record) !== null);
  return own.length > 0 && own.length >= records.length * 0.6 ? 0.95 : 0;
}

export const gelabPredictions: LineReader = {
  id: "gelab-predictions",
  title: "GE-Lab predictions",
  version: 2,
  axis: "line",
  input: "lines",
  detect,
  labelOf: labelOfPath,
  readSteps,
  open: (sink) => new GelabPredictionsParser(sink),
};
