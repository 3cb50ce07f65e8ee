// Hugging Face Trainer's trainer_state.json (transformers trainer_callback.py, TrainerState; formats/gui-and-trainers.md 3.1), and its
// log_history alone, as scripts dump it.
import { isFields, numberOf, parseJsonLine, type Fields } from "../../base/json";
import { hfCanonical, isRunSummary, isTrainerLog } from "../hfLog";
import type { DocumentReader, RecordSink, SourceSample } from "../reader";

/** What the state says beside its history. Its booleans and the callbacks' own state say nothing about the experiment. */
const facts: Readonly<Record<string, string>> = { max_steps: "total_steps" };

function parse(text: string, _path: string, sink: RecordSink): void {
  const parsed = parseJsonLine(text.replace(/^\uFEFF/, ""));
  if (!parsed.ok) {
    sink.diagnostic({
      code: "truncated",
      severity: "warning",
      message: `This state is ${parsed.why}; it is read again later.`,
    });
    return;
  }
  if (!isState(parsed.value)) {
    sink.diagnostic({ code: "not-a-record", severity: "warning", message: "This JSON holds no log_history." });
    return;
  }
  for (const [key, value] of Object.entries(parsed.value)) {
    if (typeof value === "string" || typeof value === "number") sink.fact(facts[key] ?? key, value);
  }
  let at = 0;
  const entries = new Map<string, { item: Fields; at: number }>();
  const fieldsIn = sortedFields();
  for (const [index, item] of parsed.value.log_history.entries()) {
    if (!isFields(item)) {
      const message = `log_history[${String(index)}] is no object with fields.`;
      sink.diagnostic({ code: "not-a-record", severity: "warning", message });
      continue;
    }
    at = numberOf(item.step) ?? at;
    // What a resumed run logs again takes the place of what it logged before.
    entries.set(`${String(at)} ${fieldsIn(item)}`, { item, at });
  }
  for (const entry of entries.values()) log(entry.item, entry.at, sink);
}

/** The names of an object's fields in one order. Logs have few shapes, so each is sorted once. */
function sortedFields(): (item: Fields) => string {
  const known = new Map<string, string>();
  return (item) => {
    const keys = Object.keys(item);
    const written = keys.join(" ");
    const sorted = known.get(written) ?? keys.sort().join(" ");
    known.set(written, sorted);
    return sorted;
  };
}

function log(item: Fields, step: number, sink: RecordSink): void {
  const summary = isRunSummary(item);
  for (const [key, value] of Object.entries(item)) {
    const number = numberOf(value);
    if (number === null || key === "step") continue;
    if (!summary) sink.point(key, step, number);
    else if (key !== "epoch") sink.fact(key, number);
  }
}

function isState(value: unknown): value is Fields & { log_history: unknown[] } {
  // ms-swift's last log line holds a history too, but is no state.
  return isFields(value) && Array.isArray(value.log_history) && "global_step" in value && !("memory" in value);
}

/** Logs with their step each: without one they could be anybody's records of losses. */
function isHistory(value: unknown): value is unknown[] {
  if (!Array.isArray(value) || value.length === 0) return false;
  const logs = value.filter((item) => isTrainerLog(item) && numberOf(item.step) !== null);
  return logs.length >= value.length * 0.6;
}

function detect(sample: SourceSample): number {
  const head = sample.head.replace(/^\uFEFF/, "");
  const parsed = parseJsonLine(head);
  if (parsed.ok) return isState(parsed.value) ? 0.95 : isHistory(parsed.value) ? 0.9 : 0;
  // A long history: its first logs say what the rest is.
  if (/^\s*\[\s*\{/.test(head)) {
    const first = parseJsonLine(`${head.slice(0, head.lastIndexOf("}") + 1)}]`);
    return head.length < sample.size && first.ok && isHistory(first.value) ? 0.9 : 0;
  }
  const [before, after] = head.split(/"log_history"\s*:\s*\[/, 2);
  if (after === undefined || !before || !/^\s*\{\s*"/.test(before)) return 0;
  return /"global_step"\s*:/.test(before) && !/"model_parameter_info"|\}\s*\n\s*\{/.test(before) ? 0.9 : 0;
}

export const hfTrainerState: DocumentReader = {
  id: "hf-trainer-state",
  title: "Hugging Face Trainer state",
  version: 2,
  axis: "step",
  input: "document",
  detect,
  canonical: hfCanonical,
  parse,
};
