// OpenBrowser's data: formfactory_sft*.jsonl and formfactory_flow*.jsonl (formats/rlvr-openbrowser.md B2.1), one form to fill a line.
import { isFields, textOf, type Fields } from "../../base/json";
import { listOf, restOf, valueOf } from "../document";
import { rewardNumbers } from "../groups";
import type { LineParser, LineReader, RecordSink, RolloutBody, SourceSample } from "../reader";
import { headRecords, parseLine, reportNotARecord } from "../scan";

function isForm(value: unknown): value is Fields {
  if (!isFields(value) || !isFields(value.ground_truth_fields)) return false;
  const flow = typeof value.condition === "string" && Array.isArray(value.target);
  return flow || (typeof value.instruction === "string" && typeof value.response === "string");
}

const formKeys = ["instruction", "condition", "form_name", "url"];

class OpenbrowserDataParser implements LineParser {
  constructor(private readonly sink: RecordSink) {}

  line(bytes: Uint8Array, start: number, end: number, offset: number): void {
    const record = parseLine(bytes, start, end, this.sink);
    if (record === undefined) return;
    if (!isForm(record)) reportNotARecord(this.sink, "a form with its fields");
    // A form that lacks something is counted all the same: results name their prompts by their place in this file.
    if (!isFields(record) || !formKeys.some((key) => key in record)) return;
    this.sink.rollout({ offset, length: end - start, step: NaN, version: NaN, samples: 0, ...rewardNumbers([]) });
  }

  state(): unknown {
    return null;
  }
}

const known = new Set(["instruction", "response", "condition", "target", "ground_truth_fields"]);

function readRollout(record: string): RolloutBody | null {
  const form = valueOf(record);
  if (!isFields(form)) return null;
  const fields = isFields(form.ground_truth_fields) ? Object.entries(form.ground_truth_fields) : [];
  const shownFields = fields.map(([name, value]) => [
    `field ${name}`,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  const steps = listOf(form.target).filter((step) => typeof step === "string");
  return {
    promptId: textOf(form.form_name) ?? textOf(form.url),
    prompt: textOf(form.instruction) ?? textOf(form.condition) ?? "",
    samples: [],
    reference: textOf(form.response) ?? steps.join("\n"),
    images: [],
    expected: null,
    expectedBox: null,
    extra: { ...restOf(form, known), ...(Object.fromEntries(shownFields) as Record<string, string>) },
  };
}

function detect(sample: SourceSample): number {
  const records = headRecords(sample);
  const forms = records.filter(isForm);
  return forms.length > 0 && forms.length >= records.length * 0.6 ? 0.95 : 0;
}

export const openbrowserData: LineReader = {
  id: "openbrowser-data",
  title: "OpenBrowser forms",
  version: 1,
  axis: "line",
  input: "lines",
  detect,
  holdsPrompts: true,
  readRollout,
  open: (sink) => new OpenbrowserDataParser(sink),
};
