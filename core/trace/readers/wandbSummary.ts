// W&B's wandb-summary.json: the last value of each metric (formats/gui-and-trainers.md 3.6). Online runs have one; the curves are in the .wandb log.
import { isFields, numberOf, type Fields } from "../../base/json";
import { headValue, parseDocument, reportWrongDocument } from "../document";
import { hfCanonical } from "../hfLog";
import type { DocumentReader, RecordSink, SourceSample } from "../reader";
import { trainerSteps, valuesOf } from "../wandbHistory";

const isSummary = (value: unknown): value is Fields =>
  isFields(value) && "_step" in value && ("_runtime" in value || "_timestamp" in value || "_wandb" in value);

function parse(text: string, path: string, sink: RecordSink): void {
  const value = parseDocument(text, path, sink);
  if (value === undefined) return;
  if (!isSummary(value)) {
    reportWrongDocument(sink, path, "a summary of a W&B run");
    return;
  }
  const trained = trainerSteps.map((name) => numberOf(value[name])).find((number) => number !== null);
  const step = trained ?? numberOf(value._step) ?? NaN;
  for (const [name, metric] of Object.entries(value).flatMap(([key, each]) => valuesOf(key, each))) {
    const number = numberOf(metric);
    if (number !== null && !name.startsWith("_")) sink.point(name, step, number);
  }
  const runtime = numberOf(value._runtime);
  if (runtime !== null) sink.fact("runtime", runtime);
}

function detect(sample: SourceSample): number {
  const value = headValue(sample);
  if (value !== undefined) return isSummary(value) ? 0.9 : 0;
  const whole = /^\s*\{/.test(sample.head) && !/\}\s*\n\s*\{/.test(sample.head);
  return whole && /"_step"\s*:/.test(sample.head) && /"_(runtime|wandb|timestamp)"\s*:/.test(sample.head) ? 0.7 : 0;
}

export const wandbSummary: DocumentReader = {
  id: "wandb-summary",
  title: "W&B summary",
  version: 2,
  axis: "step",
  input: "document",
  detect,
  canonical: hfCanonical,
  parse,
};
