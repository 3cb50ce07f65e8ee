// OpenAdapt's config.json beside its training_log.json, `asdict(TrainingConfig)` (training/trainer.py; formats/gui-and-trainers.md 1.10):
// facts only.
import { isFields, type Fields } from "../../base/json";
import { headValue, parseDocument, reportWrongDocument } from "../document";
import type { DocumentReader, RecordSink, SourceSample } from "../reader";

/** No other trainer's arguments have these three. */
const own = ["early_stop_loss", "early_stop_patience", "eval_samples"];

const isConfig = (value: unknown): value is Fields =>
  isFields(value) && "num_train_epochs" in value && own.filter((key) => key in value).length >= 2;

function parse(text: string, path: string, sink: RecordSink): void {
  const value = parseDocument(text, path, sink);
  if (value === undefined) return;
  if (!isConfig(value)) {
    reportWrongDocument(sink, path, "the arguments of a training");
    return;
  }
  for (const [name, fact] of Object.entries(value)) {
    if (typeof fact === "number" && Number.isFinite(fact)) sink.fact(name, fact);
    else if (typeof fact === "boolean" || (typeof fact === "string" && fact !== "")) sink.fact(name, String(fact));
  }
}

const detect = (sample: SourceSample): number => (isConfig(headValue(sample)) ? 0.9 : 0);

export const openadaptTrainingConfig: DocumentReader = {
  id: "openadapt-training-config",
  title: "OpenAdapt training arguments",
  version: 1,
  axis: "step",
  input: "document",
  detect,
  parse,
};
