// RLVR experiments' run.json, which its runtime writes beside the traces (runtime.py; formats/rlvr-openbrowser.md A1.4): facts only.
import { isFields, textOf, type Fields } from "../../base/json";
import { fieldsOf, headValue, parseDocument, reportWrongDocument, saidIn } from "../document";
import type { DocumentReader, RecordSink, SourceSample } from "../reader";

const isRun = (value: unknown): value is Fields =>
  isFields(value) && typeof value.run_name === "string" && typeof value.run_dir === "string" && "config_path" in value;

function parse(text: string, path: string, sink: RecordSink): void {
  const value = parseDocument(text, path, sink);
  if (value === undefined) return;
  if (!isRun(value)) {
    reportWrongDocument(sink, path, "the record of a run");
    return;
  }
  const git = fieldsOf(value.git);
  const facts: [string, unknown][] = [
    ["title", value.run_name],
    ["config", value.config_path],
    ["started", value.timestamp],
    ["host", value.host],
    ["run_dir", value.run_dir],
    ["commit", git.commit],
    ["branch", git.branch],
  ];
  const known = new Set(["run_name", "config_path", "timestamp", "host", "run_dir", "git"]);
  for (const [name, fact] of [...facts, ...Object.entries(saidIn(value, known))])
    if (textOf(fact)) sink.fact(name, String(fact));
}

const detect = (sample: SourceSample): number => (isRun(headValue(sample)) ? 0.9 : 0);

export const rlvrRun: DocumentReader = {
  id: "rlvr-run",
  title: "RLVR run record",
  version: 2,
  axis: "step",
  input: "document",
  detect,
  parse,
};
