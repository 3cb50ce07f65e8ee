// OpenAdapt's training.log and console (training/trainer.py:2491, scripts/eval_policy.py; formats/gui-and-trainers.md 1.5 and 1.10).
// Losses are rounded to four places here: training_log.json beside it has them whole.
import { isFields, numberOf } from "../../base/json";
import { measure, rate } from "../../metrics/evalMetric";
import { headLines, logLine } from "../logText";
import type { EvalMetric } from "../../model/evaluation";
import type { LineParser, LineReader, RecordSink, SourceSample } from "../reader";
import { lastByte } from "../scan";
import { wallSeconds } from "../wallTime";

const LINE = /^(?:\[(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\] )?epoch=(\d+) step=(\d+) loss=([\d.einfa+-]+) lr=([\d.e+-]+)/;
const STUB = /^\s*Epoch (\d+)\/(\d+) \| Step (\d+) \| Loss: (\S+)$/;
const INVALID = /^Encountered invalid loss at epoch=(\d+) step=(\d+): (\S+)$/;
const METRIC = /^ {2}([a-z_]+)(?: \(normalized\))?: ([\d.]+|N\/A|nan)(?: \(n=(\d+)\))?$/;

interface State {
  /** The evaluation whose block is being read: its metrics come one a line, and its end only with the next line of another kind. */
  metrics: [string, number | null, number | null][] | null;
}

class OpenadaptLogParser implements LineParser {
  private metrics: State["metrics"];

  constructor(
    private readonly sink: RecordSink,
    saved?: unknown,
  ) {
    this.metrics = isFields(saved) ? ((saved as Partial<State>).metrics ?? null) : null;
  }

  line(bytes: Uint8Array, start: number, end: number): void {
    if (lastByte(bytes, start, end) < 0) return;
    const line = logLine(bytes, start, end, this.sink);
    const metric = METRIC.exec(line);
    if (this.metrics && metric) {
      this.metrics.push([metric[1] ?? "", numberOf(metric[2]), numberOf(metric[3])]);
      return;
    }
    this.endEvaluation();
    if (line.startsWith("Evaluation results")) this.metrics = [];
    else this.train(line);
  }

  state(): State {
    return { metrics: this.metrics };
  }

  private train(line: string): void {
    const [, stamp, epoch, step, loss, lr] = LINE.exec(line) ?? [];
    const stub = STUB.exec(line);
    const invalid = INVALID.exec(line);
    if (step !== undefined) {
      this.points(Number(step), { loss, lr, epoch });
      const seconds = wallSeconds(stamp);
      if (seconds !== null) this.sink.clockTick(Number(step), seconds);
    } else if (stub) {
      this.points(Number(stub[3]), { loss: stub[4], epoch: stub[1] });
      this.sink.fact("total_epochs", Number(stub[2]));
    } else if (invalid) this.points(Number(invalid[2]), { invalid_loss: invalid[3] });
    else if (line.includes("'TrainingLogger' object has no attribute 'save'")) {
      // 1.10: asked to stop, or stopped early, its loop calls a method that does not exist.
      this.sink.fact("ended", "stopped; adapter lost");
    } else if (line.startsWith("Early stopping:")) this.sink.fact("ended", "early stop");
  }

  private points(step: number, values: Record<string, string | undefined>): void {
    for (const [name, text] of Object.entries(values)) {
      const value = numberOf(text);
      if (value !== null) this.sink.point(name, step, value);
    }
  }

  private endEvaluation(): void {
    const held = this.metrics;
    this.metrics = null;
    if (!held || held.length === 0) return;
    const count = (name: string): number | null => held.find(([n]) => n === name)?.[1] ?? null;
    const [episodes, steps] = [count("num_episodes"), count("num_steps")];
    const metrics = held
      .filter(([name]) => !name.startsWith("num_"))
      .map(([name, value, n]): EvalMetric => {
        if (!/_(accuracy|rate)$/.test(name))
          return measure(name, value, n, name.endsWith("_error") ? "lower" : "higher");
        return rate(
          name,
          value,
          n ?? (name.includes("episode") ? episodes : name === "action_type_accuracy" ? steps : null),
        );
      });
    this.sink.evaluation({ label: "console", backend: null, episodes, steps, metrics });
  }
}

function detect(sample: SourceSample): number {
  const lines = headLines(sample);
  if (lines.some((line) => LINE.test(line) || /^Evaluation results \(DSL mode: /.test(line))) return 0.9;
  return lines.some((line) => STUB.test(line)) ? 0.6 : 0;
}

export const openadaptLog: LineReader = {
  id: "openadapt-log",
  title: "OpenAdapt console",
  version: 2,
  axis: "step",
  input: "lines",
  detect,
  open: (sink, saved) => new OpenadaptLogParser(sink, saved),
};
