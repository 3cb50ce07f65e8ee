// torchtune's own logs (training/metric_logging.py, DiskLogger): `Step 3 | loss:0.5 lr:2e-05`; and its bar, `1|3|Loss: 0.5:  5%|`, which
// has the epoch and the step of the whole run before the loss.
import { isFields, numberOf } from "../../base/json";
import { plain } from "../console";
import type { LineParser, LineReader, RecordSink, SourceSample } from "../reader";
import { decode } from "../scan";

const logged = /(?:^|\s)Step (\d+) \| (\S.*)$/;
const drawn = /(?:^|\s)\d+\|(\d+)\|Loss: (\S+?):?\s+\d+%\|/;

interface Log {
  step: number;
  values: [string, number][];
}

function logOf(piece: string): Log | null {
  const bar = drawn.exec(piece);
  const loss = numberOf(bar?.[2]);
  if (bar) return loss === null ? null : { step: Number(bar[1]), values: [["Loss", loss]] };
  const line = logged.exec(piece);
  if (!line) return null;
  const values = (line[2] ?? "")
    .trim()
    .split(/\s+/)
    .map((pair): [string, number | null] => {
      const colon = pair.lastIndexOf(":");
      return [pair.slice(0, colon), colon > 0 ? numberOf(pair.slice(colon + 1)) : null];
    });
  const numbers = values.filter((pair): pair is [string, number] => pair[1] !== null);
  return numbers.length > 0 && numbers.length >= values.length / 2 ? { step: Number(line[1]), values: numbers } : null;
}

class TorchtuneParser implements LineParser {
  private at = 0;
  /** Whether the last log was a bar: it is drawn again and again. */
  private drawn = false;

  constructor(
    private readonly sink: RecordSink,
    saved?: unknown,
  ) {
    if (!isFields(saved)) return;
    this.at = numberOf(saved.at) ?? 0;
    this.drawn = saved.drawn === true;
  }

  line(bytes: Uint8Array, start: number, end: number): void {
    for (const piece of plain(decode(bytes, start, end, this.sink)).split("\r")) {
      const log = logOf(piece);
      if (log) this.log(log, drawn.test(piece));
    }
  }

  state(): unknown {
    return { at: this.at, drawn: this.drawn };
  }

  private log({ step, values }: Log, isBar: boolean): void {
    if (isBar && this.drawn && step === this.at) return;
    if (step < this.at) this.sink.rewind(step);
    this.at = step;
    this.drawn = isBar;
    for (const [name, value] of values) this.sink.point(name, step, value);
  }
}

function detect(sample: SourceSample): number {
  if (!/Step \d+ \| |\|Loss: /.test(sample.head) || /^\s*[[{]"/.test(sample.head)) return 0;
  const known = plain(sample.head)
    .split(/[\r\n]/)
    .some((piece) => logOf(piece)?.values.some(([name]) => /loss|reward/i.test(name)));
  return known ? 0.9 : 0;
}

export const torchtuneLog: LineReader = {
  id: "torchtune-log",
  title: "torchtune log",
  version: 1,
  axis: "step",
  input: "lines",
  detect,
  open: (sink, saved) => new TorchtuneParser(sink, saved),
};
