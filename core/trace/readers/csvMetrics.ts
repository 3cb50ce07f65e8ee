// Metrics as CSV (RFC 4180; commas, semicolons or tabs): every column of numbers is a series, a step-like column the axis. Tables with
// `metric` and `value` columns are read by rows (formats/rlvr-openbrowser.md A2.5, results.csv).
import { isFields, numberOf } from "../../base/json";
import { axisNames, isBookkeeping, kindOfRow, Parts, partingNames, type Kind } from "../curveNames";
import { cellsOf, delimiterOf, headerOf, LONGEST_ROW, numberInCell, rowsOf } from "../csv";
import { listOf } from "../document";
import type { LineParser, LineReader, RecordSink, SourceSample } from "../reader";
import { decode, lastByte } from "../scan";
import { timeKeys, wallSeconds } from "../wallTime";

const nameColumns = ["metric", "tag", "name", "key"];

interface State {
  header: string[];
  delimiter: string;
  at: number;
  /** A row that ends inside quotes, so far. */
  open: string;
  /** What was last said about the axis, as the fact `axis`. */
  told: string;
  /** Which kinds of rows have the plain names. */
  kinds: unknown;
}

interface Layout {
  axis: number;
  /** The column of wall times: the axis where there is no other. */
  time: number;
  /** Columns that name the series and the one that holds its value, of a table by rows. */
  names: number[];
  value: number;
  /** Columns whose words part the curves. */
  parting: number[];
  /** What each column's curve is called; "" for those that are none. */
  titles: string[];
}

const W_AND_B_ENDS = /__(MIN|MAX)$/;

/** Of a table that W&B's page gave away each curve is `run - metric`, with its extremes beside it. */
function titlesOf(header: readonly string[]): string[] {
  const isExtreme = (name: string): boolean =>
    header.includes(name.replace(W_AND_B_ENDS, "")) && W_AND_B_ENDS.test(name);
  if (!header.some(isExtreme)) return header.map((name) => (isBookkeeping(name) ? "" : name));
  const split = (name: string): [string, string] => {
    const at = name.lastIndexOf(" - ");
    return at < 0 ? ["", name] : [name.slice(0, at), name.slice(at + 3)];
  };
  const runs = new Set(header.filter((name) => !isExtreme(name) && name.includes(" - ")).map((name) => split(name)[0]));
  return header.map((name) => {
    const [run, metric] = split(name);
    return isExtreme(name) ? "" : runs.size > 1 && run !== "" ? `${run}/${metric}` : metric;
  });
}

function layoutOf(header: readonly string[]): Layout {
  const lower = header.map((name) => name.trim().toLowerCase());
  const axis = axisNames.map((name) => lower.indexOf(name)).find((i) => i >= 0) ?? -1;
  const time = timeKeys.map((name) => lower.indexOf(name)).find((i) => i >= 0) ?? -1;
  const value = lower.indexOf("value");
  const metric = nameColumns.map((name) => lower.indexOf(name)).find((i) => i >= 0) ?? -1;
  const parting = partingNames.map((name) => lower.indexOf(name)).filter((i) => i >= 0);
  const titles = titlesOf(header);
  if (value < 0 || metric < 0) return { axis, time, names: [], value: -1, parting, titles };
  const task = lower.findIndex((name) => ["task", "dataset", "run", "split"].includes(name));
  return { axis, time, names: task >= 0 && task !== metric ? [task, metric] : [metric], value, parting: [], titles };
}

class CsvParser implements LineParser {
  private header: string[] = [];
  private delimiter = ",";
  private at = 0;
  private open = "";
  private told = "";
  private layout: Layout = layoutOf([]);
  private parts = new Parts(null);

  /** `tag`: what TensorBoard's page calls the one curve whose table it gave away. */
  constructor(
    private readonly sink: RecordSink,
    saved: unknown,
    private readonly tag: string | null,
  ) {
    if (!isFields(saved)) return;
    const state = saved as Partial<State>;
    this.header = listOf(state.header).filter((name) => typeof name === "string");
    this.delimiter = state.delimiter ?? ",";
    this.at = state.at ?? 0;
    this.open = state.open ?? "";
    this.told = state.told ?? "";
    this.layout = layoutOf(this.header);
    this.parts = new Parts(state.kinds);
  }

  line(bytes: Uint8Array, start: number, end: number): void {
    if (lastByte(bytes, start, end) < 0 && this.open === "") return;
    const text = decode(bytes, start, end, this.sink).replace(/\r$/, "");
    const row = this.open === "" ? text : `${this.open}\n${text}`;
    this.open = "";
    if (this.header.length === 0) {
      this.begin(row);
      return;
    }
    const cells = cellsOf(row, this.delimiter);
    if (cells) this.row(cells);
    else if (row.length < LONGEST_ROW) this.open = row;
    else this.report("A quoted cell does not end.");
  }

  state(): State {
    const { header, delimiter, at, open, told, parts } = this;
    return { header, delimiter, at, open, told, kinds: parts.state() };
  }

  private begin(row: string): void {
    const delimiter = delimiterOf(row);
    const header = headerOf(row, delimiter);
    if (!header) {
      this.report("This is no line of column names.");
      return;
    }
    this.header = header;
    this.delimiter = delimiter;
    this.layout = layoutOf(header);
    this.tell(this.axisWord());
  }

  private axisWord(): string {
    const axis = this.header[this.layout.axis]?.toLowerCase();
    return axis === undefined ? "line" : axis === "epoch" || axis === "version" ? axis : "step";
  }

  private tell(axis: string): void {
    if (axis !== this.told) this.sink.fact("axis", axis);
    this.told = axis;
  }

  private row(cells: readonly string[]): void {
    const { axis, time, names, value, parting, titles } = this.layout;
    // A writer that was started again writes its header again.
    if (cells.every((cell, i) => cell === this.header[i])) return;
    if (cells.length !== this.header.length) {
      this.report(`A row has ${String(cells.length)} cells and the header ${String(this.header.length)}.`);
      return;
    }
    const seconds = time < 0 ? null : wallSeconds(cells[time]);
    if (axis < 0 && seconds !== null && this.at === 0) this.tell("time");
    const x = axis >= 0 ? numberOf(cells[axis]) : this.told === "time" ? seconds : this.at + 1;
    if (x !== null && Number.isFinite(x)) this.at = x;
    if (axis >= 0 && seconds !== null && this.told === "step") this.sink.clockTick(this.at, seconds);
    if (value >= 0) this.point(this.nameIn(names.map((i) => cells[i] ?? "")), cells[value]);
    else {
      const kind = parting.length > 0 ? kindOfRow(parting.map((i) => cells[i])) : null;
      for (const [i, cell] of cells.entries())
        if (i !== axis && (i !== time || seconds === null)) this.point(this.titled(kind, titles[i] ?? ""), cell);
    }
  }

  private titled(kind: Kind | null, title: string): string {
    const name = title === "Value" ? (this.tag ?? title) : title;
    return kind && name !== "" ? this.parts.title(kind, name) : name;
  }

  /** `results.csv` of RLVR's eval_benchmarks.py holds evaluations alone, of tasks such as `gsm8k_5shot`. */
  private nameIn([first = "", ...rest]: readonly string[]): string {
    const isResults = this.header.join() === "step,task,metric,value";
    return [...(isResults ? ["eval", first.replace(/_\d+shot$/, "")] : [first]), ...rest].join("/");
  }

  private point(raw: string, cell: string | undefined): void {
    const number = numberInCell(cell);
    if (number !== null && raw !== "") this.sink.point(raw, this.at, number);
  }

  private report(message: string): void {
    this.sink.diagnostic({ code: "odd-row", severity: "warning", message });
  }
}

function detect(sample: SourceSample): number {
  const lines = sample.head.split(/\r?\n/);
  if (sample.head.length < sample.size && lines.length > 1) lines.pop();
  const first = lines.findIndex((line) => line.trim() !== "");
  const delimiter = delimiterOf(lines[first] ?? "");
  const header = headerOf(lines[first] ?? "", delimiter);
  const rows = rowsOf(lines.slice(first + 1, first + 60), delimiter);
  if (!header || rows.length === 0) return 0;
  const cells = rows.filter((row) => row.length === header.length);
  if (cells.length < rows.length * 0.8) return 0;
  const { axis, time, value, parting } = layoutOf(header);
  const share = (column: number, of: (cell: string) => number | null = numberInCell): number => {
    const filled = cells.map((row) => row[column]?.trim() ?? "").filter((cell) => cell !== "");
    return filled.length === 0 ? 0 : filled.filter((cell) => of(cell) !== null).length / filled.length;
  };
  const numeric = header.filter((_, i) => i !== axis && i !== time && share(i) >= 0.8).length;
  const words = parting.filter((i) => share(i) === 0).length;
  const enough =
    value >= 0 ? share(value) >= 0.8 : numeric > 0 && numeric >= (header.length - 1 - words - Number(time >= 0)) * 0.4;
  if (!enough) return 0;
  return (axis >= 0 && share(axis) >= 0.8) || (time >= 0 && share(time, wallSeconds) >= 0.8) ? 0.5 : 0.3;
}

export const csvMetrics: LineReader = {
  id: "csv-metrics",
  title: "CSV of metrics",
  version: 4,
  axis: "step",
  input: "lines",
  detect,
  open: (sink, saved, path = "") => new CsvParser(sink, saved, /\btag-(.+)\.csv$/i.exec(path)?.[1] ?? null),
};
