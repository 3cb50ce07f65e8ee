// A reader made of a mapping in .runside/sources.yaml: CSV and JSON lines whose columns somebody has named.
import { isFields, numberOf, type Fields } from "../base/json";
import { flattened, namedPart, partedName } from "./curveNames";
import { cellsOf, delimiterOf, LONGEST_ROW, numberInCell, rowsOf } from "./csv";
import { fieldsOf, listOf, restOf, shown, valueOf } from "./document";
import { goldOf } from "./gold";
import { GrowingGroups } from "./growingGroups";
import type { LineParser, LineReader, RecordSink, RolloutBody } from "./reader";
import { decode, lastByte, parseLine, reportNotARecord } from "./scan";
import type { SourceMapping } from "./sourceMapping";
import { wallSeconds } from "./wallTime";

/** The names of a CSV's columns and what parts them: found in its first line, needed when a row is read again. */
interface Columns {
  names: string[];
  delimiter: string;
}

/** One for each file: of a CSV it remembers the columns. */
export function mappedReader(mapping: SourceMapping): LineReader {
  const columns: Columns = { names: [], delimiter: mapping.delimiter ?? "," };
  const isCsv = mapping.kind === "csv";
  const names = Array.isArray(mapping.metrics) ? {} : (mapping.metrics ?? {});
  return {
    id: isCsv ? "own-csv" : "own-jsonl",
    title: isCsv ? "CSV, columns by .runside/sources.yaml" : "JSON lines, fields by .runside/sources.yaml",
    version: versionOf(mapping),
    axis: mapping.step !== undefined ? "step" : "line",
    input: "lines",
    detect: () => 0,
    canonical: (raw) => {
      const named = Object.keys(names).find(
        (name) => raw === name || (mapping.series !== undefined && raw.endsWith(`/${name}`)),
      );
      return named === undefined ? null : raw.slice(0, -named.length) + (names[named] ?? named);
    },
    readRollout: (record) => {
      const lines = record.split(/\r?\n/);
      const rows = isCsv
        ? rowsOf(lines, columns.delimiter).map((cells) => fieldsOfCells(cells, columns.names))
        : lines.map(valueOf).filter(isFields);
      return bodyOf(rows, mapping);
    },
    open: (sink, saved) => new MappedParser(mapping, columns, sink, saved),
  };
}

/** Another mapping reads the same bytes otherwise: what was indexed by the one before is dropped. */
function versionOf(mapping: SourceMapping): number {
  let hash = 7;
  for (const character of JSON.stringify(mapping)) hash = (Math.imul(hash, 31) + (character.codePointAt(0) ?? 0)) | 0;
  return hash >>> 0;
}

const fieldsOfCells = (cells: readonly string[], names: readonly string[]): Fields =>
  Object.fromEntries(names.map((name, i) => [name, cells[i] ?? ""]));

class MappedParser implements LineParser {
  private readonly groups: GrowingGroups;
  private at = 0;
  /** A CSV's row that ends inside quotes so far, and where it began. */
  private open = "";
  private openedAt = 0;
  private told = false;
  /** Rows before the first that held a number; null once one did. */
  private empty: number | null = 0;

  constructor(
    private readonly mapping: SourceMapping,
    private readonly columns: Columns,
    private readonly sink: RecordSink,
    saved: unknown,
  ) {
    const state = fieldsOf(saved);
    this.groups = new GrowingGroups(sink, state.groups);
    this.at = numberOf(state.at) ?? 0;
    this.open = typeof state.open === "string" ? state.open : "";
    this.openedAt = numberOf(state.openedAt) ?? 0;
    this.told = state.told === true;
    this.empty = state.empty === null ? null : (numberOf(state.empty) ?? 0);
    columns.names = listOf(state.names).filter((name) => typeof name === "string");
    if (typeof state.delimiter === "string") columns.delimiter = state.delimiter;
  }

  state(): unknown {
    const { at, open, openedAt, told, empty } = this;
    return { groups: this.groups.state(), at, open, openedAt, told, empty, ...this.columns };
  }

  line(bytes: Uint8Array, start: number, end: number, offset: number): void {
    if (this.mapping.kind === "csv") {
      this.csvLine(bytes, start, end, offset);
      return;
    }
    const value = parseLine(bytes, start, end, this.sink);
    if (isFields(value)) this.row(value, offset, end - start);
    else if (value !== undefined) reportNotARecord(this.sink, "an object with fields");
  }

  private csvLine(bytes: Uint8Array, start: number, end: number, offset: number): void {
    if (this.open === "" && lastByte(bytes, start, end) < 0) return;
    const text = decode(bytes, start, end, this.sink).replace(/\r$/, "");
    if (this.columns.names.length === 0) {
      this.header(text.replace(/^\uFEFF/, ""));
      return;
    }
    if (this.open === "") this.openedAt = offset;
    const whole = this.open === "" ? text : `${this.open}\n${text}`;
    const cells = cellsOf(whole, this.columns.delimiter);
    this.open = cells || whole.length > LONGEST_ROW ? "" : whole;
    const { names } = this.columns;
    if (cells?.length === names.length) {
      // A writer that was started again writes its line of names again.
      if (!cells.every((cell, i) => cell.trim() === names[i]))
        this.row(fieldsOfCells(cells, names), this.openedAt, offset + (end - start) - this.openedAt);
    } else if (cells) this.odd(`A row has ${String(cells.length)} cells and the header ${String(names.length)}.`);
    else if (this.open === "") this.odd("A quoted cell does not end.");
  }

  private header(text: string): void {
    this.columns.delimiter = this.mapping.delimiter ?? delimiterOf(text);
    this.columns.names = (cellsOf(text, this.columns.delimiter) ?? []).map((cell) => cell.trim());
  }

  private row(fields: Fields, offset: number, length: number): void {
    const { step, time, metrics, prompt, completion } = this.mapping;
    const seconds = time === undefined ? null : wallSeconds(at(fields, time));
    const written = step === undefined ? null : this.number(at(fields, step));
    if (!this.told) this.sink.fact("axis", step !== undefined ? "step" : time !== undefined ? "time" : "line");
    this.told = true;
    if (step !== undefined && written === null) this.missing("step", step, fields);
    if (time !== undefined && seconds === null) this.missing("time", time, fields);
    const x = step !== undefined ? written : time !== undefined ? seconds : this.at + 1;
    if (x !== null && Number.isFinite(x)) this.at = x;
    if (written !== null && seconds !== null) this.sink.clockTick(written, seconds);
    if (prompt !== undefined && completion !== undefined) this.sample(fields, written, offset, length);
    if (metrics !== undefined || completion === undefined) this.curves(fields);
  }

  private curves(fields: Fields): void {
    const { step, time, series, metrics } = this.mapping;
    const part = series === undefined ? undefined : at(fields, series);
    if (series !== undefined && part === undefined) this.missing("series", series, fields);
    const before = namedPart(part);
    let numbers = 0;
    for (const [name, value] of this.measured(fields)) {
      if ([step, time, series].some((known) => known === name || known?.replaceAll(".", "/") === name)) continue;
      const number = this.number(value);
      if (number !== null) {
        this.sink.point(partedName(before, name), this.at, number);
        numbers++;
      } else if (metrics && value === undefined) this.missing("metrics", name, fields);
    }
    this.countNumbers(numbers);
  }

  private measured(fields: Fields): Iterable<[string, unknown]> {
    const { metrics } = this.mapping;
    if (metrics === undefined) return flattened(fields);
    return (Array.isArray(metrics) ? metrics : Object.keys(metrics)).map((name) => [name, at(fields, name)]);
  }

  /** The first row may be one of settings; the second is not. */
  private countNumbers(numbers: number): void {
    if (numbers > 0) this.empty = null;
    else if (this.empty !== null && ++this.empty === 2) {
      const message =
        ".runside/sources.yaml makes curves of this file, and its rows hold no number that could be one; name those that do under metrics.";
      this.sink.diagnostic({ code: "no-numbers", severity: "warning", message });
    }
  }

  private sample(fields: Fields, step: number | null, offset: number, length: number): void {
    const { prompt = "", completion = "", group } = this.mapping;
    const asked = at(fields, prompt);
    if (asked === undefined) this.missing("prompt", prompt, fields);
    if (at(fields, completion) === undefined) this.missing("completion", completion, fields);
    const named = group === undefined ? undefined : at(fields, group);
    const rewards = samplesOf(fields, this.mapping).map(({ reward }) => reward);
    const key = `${String(step)} ${shown(named ?? asked ?? "")}`;
    this.groups.add(key, { offset, length, step: step ?? NaN, version: NaN, rewards });
  }

  private number(value: unknown): number | null {
    if (this.mapping.kind !== "csv") return numberOf(value);
    const cell = typeof value === "string" ? value : undefined;
    // Where semicolons part the cells, commas stand in the numbers.
    const plain = this.columns.delimiter === ";" ? cell?.replace(/^(\s*[-+]?\d+),(\d+)/, "$1.$2") : cell;
    return numberInCell(plain);
  }

  private missing(role: string, name: string, fields: Fields): void {
    const there = Object.keys(fields).slice(0, 12).join(", ");
    const isThere = at(fields, name) !== undefined;
    const message = isThere
      ? `.runside/sources.yaml takes ${role} from ${name}, which holds none in this row.`
      : `.runside/sources.yaml takes ${role} from ${name}, which this row lacks; it has ${there}.`;
    this.sink.diagnostic({ code: isThere ? `no-${role}` : "no-such-field", severity: "warning", message });
  }

  private odd(message: string): void {
    this.sink.diagnostic({ code: "odd-row", severity: "warning", message });
  }
}

/** The field of that name, else the one that its dots lead to. */
function at(fields: Fields, name: string): unknown {
  if (name in fields) return fields[name];
  let value: unknown = fields;
  for (const part of name.split(".")) value = fieldsOf(value)[part];
  return value;
}

function samplesOf(fields: Fields, mapping: SourceMapping): { text: string; reward: number | null }[] {
  const texts = at(fields, mapping.completion ?? "");
  const rewards = mapping.reward === undefined ? null : at(fields, mapping.reward);
  return [texts].flat().map((text, i) => {
    const reward: unknown = Array.isArray(rewards) ? rewards[i] : rewards;
    return { text: text === undefined || text === null ? "" : shown(text), reward: numberInReward(reward) };
  });
}

const numberInReward = (value: unknown): number | null =>
  typeof value === "boolean" ? Number(value) : typeof value === "string" ? numberInCell(value) : numberOf(value);

function bodyOf(rows: readonly Fields[], mapping: SourceMapping): RolloutBody | null {
  const [first] = rows;
  if (!first) return null;
  const { step, prompt, completion, reward, gold, group } = mapping;
  const known = new Set([step, prompt, completion, reward, gold, group].filter((name) => name !== undefined));
  const named = group === undefined ? undefined : at(first, group);
  return {
    promptId: named === undefined ? null : shown(named),
    prompt: shown(at(first, prompt ?? "") ?? ""),
    samples: rows.flatMap((row) =>
      samplesOf(row, mapping).map((sample) => ({ ...sample, parts: {}, tokens: null, finish: null })),
    ),
    ...goldOf(gold === undefined ? undefined : at(first, gold)),
    images: [],
    expected: null,
    expectedBox: null,
    extra: restOf(first, known),
  };
}
