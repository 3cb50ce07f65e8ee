// What GE-Lab's scorers print: calculate_score_refine.py's blocks, and interactive_eval.py's path table (formats/gui-and-trainers.md 2.7).
// A scorer that ends in ZeroDivisionError has printed its numbers before: they are read all the same.
import { isFields, numberOf } from "../../base/json";
import { measure, rate } from "../../metrics/evalMetric";
import { headLines, logLine } from "../logText";
import type { LineParser, LineReader, RecordSink, SourceSample } from "../reader";
import { lastByte } from "../scan";

const NAME = /^(all \(non-icon\)|w\/o complete & edge|only complete|only edge|icon cap|icon gnd|path \d+):$/;
const FIELD = /^(score|total|correct \(sum of scores\)): ([\d.]+)$/;
const TASKS = /^path (\d+), task total (\d+)$/;
const TABLE = /^\s*(Path@\d+|Overall):\s+(\d+) tasks \| (.*)$/;

interface State {
  /** The block or the task table that is being read. */
  name: string | null;
  total: number | null;
  average: number | null;
}

class GelabScoresParser implements LineParser {
  private now: State = { name: null, total: null, average: null };

  constructor(
    private readonly sink: RecordSink,
    saved?: unknown,
  ) {
    if (isFields(saved)) this.now = { ...this.now, ...(saved as Partial<State>) };
  }

  line(bytes: Uint8Array, start: number, end: number): void {
    if (lastByte(bytes, start, end) < 0) return;
    const line = logLine(bytes, start, end, this.sink);
    const { now } = this;
    const name = NAME.exec(line)?.[1];
    const tasks = TASKS.exec(line);
    if (name !== undefined) this.now = { name, total: null, average: null };
    else if (tasks) this.now = { name: `path ${String(tasks[1])} tasks`, total: numberOf(tasks[2]), average: null };
    else if (TABLE.test(line)) this.table(line);
    else if (now.name !== null) this.field(line, now.name);
    if (/^Traceback|ZeroDivisionError/.test(line)) {
      const message = "The scorer ended in an error after these numbers.";
      this.sink.diagnostic({ code: "scorer-failed", severity: "warning", message });
    }
  }

  state(): State {
    return { ...this.now };
  }

  private field(line: string, name: string): void {
    const { now } = this;
    const [, field, text] = FIELD.exec(line) ?? [];
    const value = numberOf(text);
    if (field === "total") now.total = value;
    // The sum of scores over the total is exact, the printed score is rounded.
    else if (field?.startsWith("correct") && value !== null && now.total !== null) {
      this.emit(name, [rate("score", now.total > 0 ? value / now.total : null, now.total)], now.total);
    }
    const average = numberOf(/^Average steps: (\S+)$/.exec(line)?.[1]);
    if (average !== null) now.average = average;
    const overall = numberOf(/^Overall accuracy: (\S+)$/.exec(line)?.[1]);
    if (overall === null) return;
    this.emit(
      name,
      [rate("accuracy", overall, now.total), measure("average_steps", now.average, now.total)],
      now.total,
    );
  }

  private table(line: string): void {
    const [, name = "", tasks, rates = ""] = TABLE.exec(line) ?? [];
    const n = numberOf(tasks);
    const metrics = [...rates.matchAll(/(Pass@\w+):\s+([\d.]+)%/g)].map(([, pass = "", percent]) =>
      rate(pass.toLowerCase(), Number(percent) / 100, n),
    );
    if (metrics.length > 0) this.emit(name.toLowerCase(), metrics, n);
  }

  private emit(label: string, metrics: ReturnType<typeof rate>[], episodes: number | null): void {
    const path = /^path[ @](\d+)/.exec(label)?.[1];
    const by = path === undefined ? { key: "rows", group: label } : { key: "path", group: path };
    this.sink.evaluation({ label, backend: null, by, episodes, steps: null, metrics });
    this.now = { name: null, total: null, average: null };
  }
}

function detect(sample: SourceSample): number {
  const lines = headLines(sample);
  if (lines.some((line) => TABLE.test(line) && line.includes("Pass@"))) return 0.9;
  return lines.some((line) => NAME.test(line)) && lines.some((line) => /^correct \(sum of scores\): /.test(line))
    ? 0.95
    : 0;
}

export const gelabScores: LineReader = {
  id: "gelab-scores",
  title: "GE-Lab scores",
  version: 2,
  axis: "line",
  input: "lines",
  detect,
  open: (sink, saved) => new GelabScoresParser(sink, saved),
};
