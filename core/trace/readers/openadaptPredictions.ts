// OpenAdapt's predictions_*.json of its viewer (formats/gui-and-trainers.md 1.12): recorded steps beside what a checkpoint predicted.
import { isFields, numberOf, textOf, type Fields } from "../../base/json";
import { byteLength, fieldsOf, headValue, listOf, parseDocument, reportWrongDocument, valueOf } from "../document";
import { labelOfPath, stemOf } from "../label";
import { actionOfRecord } from "../openadaptAction";
import type { DocumentReader, RecordSink, SourceSample, StepBody } from "../reader";

const episode = "recording";

function pairsOf(value: unknown): { base: Fields; prediction: Fields; index: number }[] | null {
  if (!isFields(value) || !Array.isArray(value.base_data) || !Array.isArray(value.predictions)) return null;
  const predictions = listOf(value.predictions);
  return value.base_data.map((entry: unknown, at) => {
    const base = fieldsOf(entry);
    return { base, prediction: fieldsOf(predictions[at]), index: numberOf(base.index) ?? at };
  });
}

function parse(text: string, path: string, sink: RecordSink): void {
  const value = parseDocument(text, path, sink);
  if (value === undefined) return;
  const pairs = pairsOf(value);
  if (!pairs) {
    reportWrongDocument(sink, path, "predictions beside a recording");
    return;
  }
  const length = byteLength(text);
  for (const { prediction, index } of pairs) {
    const match = prediction.match;
    sink.step({
      offset: 0,
      length,
      episodeId: episode,
      index,
      typeMatch: typeof match === "boolean" ? match : null,
      clickHit: null,
    });
  }
}

function readSteps(record: string, path: string): StepBody[] {
  return (pairsOf(valueOf(record)) ?? []).map(({ base, prediction, index }) => ({
    episodeId: episode,
    index,
    goal: stemOf(path),
    images: typeof base.image_path === "string" ? [base.image_path] : [],
    expected: actionOfRecord(base.human_action),
    expectedBox: null,
    boxFrom: null,
    predictedText: textOf(fieldsOf(prediction.predicted_action).raw_output),
    predicted: actionOfRecord(prediction.predicted_action),
    distance: null,
  }));
}

function detect(sample: SourceSample): number {
  const value = headValue(sample);
  if (value !== undefined) return pairsOf(value) ? 0.85 : 0;
  const { head } = sample;
  return /^\s*\{\s*"base_data"\s*:\s*\[/.test(head) && /"human_action"\s*:/.test(head) ? 0.8 : 0;
}

export const openadaptPredictions: DocumentReader = {
  id: "openadapt-predictions",
  title: "OpenAdapt predictions",
  version: 1,
  axis: "line",
  input: "document",
  detect,
  labelOf: labelOfPath,
  readSteps,
  parse,
};
