// ms-swift's logging.jsonl (swift/trainers/patcher.py:17; formats/gui-and-trainers.md 3.3): a Trainer's log per line, its step in
// "4/300"; the last line is a summary of the run. A restart appends, with steps going backwards: what it did is what happened.
import { isFields, numberOf, type Fields } from "../../base/json";
import { hfCanonical, isRunSummary } from "../hfLog";
import type { LineParser, LineReader, RecordSink, SourceSample } from "../reader";
import { headRecords, parseLine, reportNotARecord } from "../scan";

const STEP = "global_step/max_steps";
const PER_SECOND = "train_speed(iter/s)";

interface State {
  at: number;
  total: number | null;
}

class SwiftLoggingParser implements LineParser {
  private now: State = { at: 0, total: null };

  constructor(
    private readonly sink: RecordSink,
    saved?: unknown,
  ) {
    if (isFields(saved)) this.now = { ...this.now, ...(saved as Partial<State>) };
  }

  line(bytes: Uint8Array, start: number, end: number): void {
    const record = parseLine(bytes, start, end, this.sink);
    if (record === undefined) return;
    if (!isFields(record)) reportNotARecord(this.sink, "a log of the trainer");
    else if (isSummary(record)) this.summary(record);
    else this.log(record);
  }

  state(): State {
    return { ...this.now };
  }

  private log(log: Fields): void {
    this.place(log[STEP]);
    if (isRunSummary(log)) {
      this.summary(log);
      return;
    }
    for (const [key, value] of Object.entries(log)) {
      const number = key === STEP ? null : numberOf(value);
      if (number === null) continue;
      this.sink.point(key, this.now.at, number);
      // Since v4 the file has seconds per step itself: one curve for both.
      if (key === PER_SECOND && number > 0) this.sink.point(`1/${key}`, this.now.at, 1 / number);
    }
  }

  private place(value: unknown): void {
    const [done, total] = typeof value === "string" ? value.split("/").map(numberOf) : [];
    if (typeof done === "number" && Number.isFinite(done)) {
      if (done < this.now.at) this.sink.rewind(done);
      this.now.at = done;
    }
    if (typeof total === "number" && total !== this.now.total) {
      this.sink.fact("total_steps", total);
      this.now.total = total;
    }
  }

  /** Means of the whole run; the very last line's history repeats the lines above. Missing: the run did not finish cleanly. */
  private summary(record: Fields): void {
    for (const [key, value] of Object.entries(record)) {
      if (key === STEP || key === "epoch") continue;
      if (typeof value === "string" || typeof value === "number") this.sink.fact(key, value);
    }
  }
}

const isSummary = (record: Fields): boolean => "model_parameter_info" in record || Array.isArray(record.log_history);

const isLog = (record: unknown): boolean =>
  isFields(record) && typeof record[STEP] === "string" && /^\d+\/\d+$/.test(record[STEP]);

function detect(sample: SourceSample): number {
  const records = headRecords(sample);
  const known = records.filter((r) => isLog(r) || (isFields(r) && isSummary(r)));
  return known.some(isLog) && known.length >= records.length * 0.6 ? 0.9 : 0;
}

export const swiftLogging: LineReader = {
  id: "swift-logging",
  title: "ms-swift log",
  version: 2,
  axis: "step",
  input: "lines",
  detect,
  canonical: (raw) => (raw === `1/${PER_SECOND}` ? "step_time" : hfCanonical(raw)),
  open: (sink, saved) => new SwiftLoggingParser(sink, saved),
};
