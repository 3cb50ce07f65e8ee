// GE-Lab's eval_subN_summary.json (formats/gui-and-trainers.md 2.4): how many tasks of which length an evaluation set holds.
import { isFields, numberOf, type Fields } from "../../base/json";
import { fieldsOf, headValue, parseDocument, reportWrongDocument } from "../document";
import type { DocumentReader, RecordSink, SourceSample } from "../reader";

const isSummary = (value: unknown): value is Fields =>
  isFields(value) && "total_tasks" in value && "total_samples" in value && isFields(value.distribution);

function parse(text: string, path: string, sink: RecordSink): void {
  const value = parseDocument(text, path, sink);
  if (value === undefined) return;
  if (!isSummary(value)) {
    reportWrongDocument(sink, path, "the summary of an evaluation set");
    return;
  }
  for (const name of ["total_tasks", "total_samples", "test_subtree", "seed"]) {
    const number = numberOf(value[name]);
    if (number !== null) sink.fact(name, number);
  }
  const target = fieldsOf(value.paper_target);
  for (const [hops, count] of Object.entries(fieldsOf(value.distribution))) {
    const [x, n] = [numberOf(hops), numberOf(count)];
    if (x !== null && n !== null) sink.point("tasks_by_path_length", x, n);
    const wanted = numberOf(target[hops]);
    if (n === null || wanted === null || wanted === n) continue;
    const message = `Of path length ${hops} there are ${String(n)} tasks, and should be ${String(wanted)}.`;
    sink.diagnostic({ code: "off-target", severity: "info", message });
  }
}

const detect = (sample: SourceSample): number => (isSummary(headValue(sample)) ? 0.9 : 0);

export const gelabSummary: DocumentReader = {
  id: "gelab-summary",
  title: "GE-Lab evaluation set summary",
  version: 1,
  axis: "line",
  input: "document",
  detect,
  parse,
};
