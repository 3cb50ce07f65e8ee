// GE-Lab's predictions as one JSON list, which its scorer takes as well (formats/gui-and-trainers.md 2.7, `--file F`).
import { byteLength, headValue, listOf, parseDocument, reportWrongDocument, valueOf } from "../document";
import { bodyOf, frameOfRow, judge, stepIndexOf } from "../gelabRecord";
import { labelOfPath } from "../label";
import type { DocumentReader, RecordSink, SourceSample, StepBody } from "../reader";
import { predictionOf, tellFrame } from "./gelabPredictions";

function parse(text: string, path: string, sink: RecordSink): void {
  const value = parseDocument(text, path, sink);
  if (value === undefined) return;
  const rows = listOf(value).flatMap((record) => predictionOf(record) ?? []);
  const written = listOf(value).length;
  if (rows.length === 0) {
    reportWrongDocument(sink, path, "rows with their predictions");
    return;
  }
  if (rows.length < written) {
    const message = `${String(written - rows.length)} of ${String(written)} values are no row with its prediction.`;
    sink.diagnostic({ code: "not-a-record", severity: "warning", message });
  }
  const length = byteLength(text);
  for (const row of rows) {
    const place = { offset: 0, length, episodeId: row.task, index: stepIndexOf(row) };
    sink.step({ ...place, ...judge(row, frameOfRow(row, null)) });
    tellFrame(row, sink);
  }
}

const readSteps = (record: string): StepBody[] =>
  listOf(valueOf(record)).flatMap((one) => {
    const row = predictionOf(one);
    return row ? [bodyOf(row, row.task, stepIndexOf(row), null)] : [];
  });

function detect(sample: SourceSample): number {
  const value = headValue(sample);
  if (value !== undefined) {
    const rows = listOf(value);
    const own = rows.filter((row) => predictionOf(row) !== null);
    return own.length > 0 && own.length >= rows.length * 0.6 ? 0.95 : 0;
  }
  const { head } = sample;
  return /^\uFEFF?\s*\[\s*\{/.test(head) && /"prediction"\s*:/.test(head) && /"content"\s*:\s*"<image>/.test(head)
    ? 0.85
    : 0;
}

export const gelabPredictionList: DocumentReader = {
  id: "gelab-prediction-list",
  title: "GE-Lab predictions, one list",
  version: 1,
  axis: "line",
  input: "document",
  detect,
  labelOf: labelOfPath,
  readSteps,
  parse,
};
