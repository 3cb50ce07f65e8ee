// W&B's run-<id>.wandb (formats/gui-and-trainers.md 3.6): a LevelDB log of protobuf Records, and of an offline run all there is.
import { PbfReader } from "pbf";
import { isFields, numberOf, parseJsonLine } from "../../base/json";
import { ByteQueue } from "../byteQueue";
import { crc32 } from "../checksum";
import { hfCanonical } from "../hfLog";
import type { ByteParser, BytesReader, RecordSink, SourceSample } from "../reader";
import { logHistory, placeIn, type DeclaredStep, type WandbPlace } from "../wandbHistory";

const HEADER = 7;
const BLOCK = 32768;
/** Bytes before the data of a piece: its checksum, length and kind. */
const PIECE = 7;
/** Bytes. Longer ones hold no metrics. */
const LONGEST_RECORD = 64 << 20;
const MAGIC = ":W&B";
const kind = { full: 1, first: 2, middle: 3, last: 4 } as const;

interface Item {
  key: string;
  nested: string[];
  json: string;
}

interface Update {
  items: Item[];
  step: number | null;
}

interface Run {
  id: string;
  project: string;
  name: string;
  config: Item[];
}

/** One Record: exactly one of its fields is set, but nothing here depends on that. */
interface Entry {
  history: Update | null;
  config: Update | null;
  metric: DeclaredStep | null;
  run: Run | null;
  exit: { code: number; runtime: number | null } | null;
}

class LogParser implements ByteParser {
  private readonly queue: ByteQueue;
  private place: WandbPlace;
  /** Offset in the file of the next piece of a record. */
  private at: number;
  /** An unfinished record's pieces, each where its data lies in the file; null between records, and where the first is lost. */
  private pieces: { from: number; ends: [start: number, end: number][] } | null = null;

  constructor(
    private readonly sink: RecordSink,
    saved: unknown,
    private readonly path: string,
    offset: number,
  ) {
    const fields = isFields(saved) ? saved : {};
    this.place = placeIn(fields);
    this.queue = new ByteQueue(offset, numberOf(fields.ahead) ?? (offset === 0 ? HEADER : 0));
    this.at = offset + this.queue.ahead;
  }

  get resumeOffset(): number {
    return this.queue.start;
  }

  get pending(): number {
    return this.queue.length;
  }

  state(): unknown {
    return { ...this.place, ahead: this.queue.ahead };
  }

  push(bytes: Uint8Array): void {
    this.queue.push(bytes);
    while (this.piece());
    this.queue.drop((this.pieces?.from ?? this.at) - this.queue.start - this.queue.ahead);
  }

  /** Reads one piece; false where it has not come yet. Blocks are counted from the file's start, its header included. */
  private piece(): boolean {
    const left = BLOCK - (this.at % BLOCK);
    if (left < PIECE) {
      this.at += left;
      return true;
    }
    const held = this.queue.bytes;
    const from = this.at - this.queue.start;
    if (from + PIECE > held.length) return false;
    const view = new DataView(held.buffer, held.byteOffset, held.byteLength);
    const length = view.getUint16(from + 4, true);
    const type = held[from + 6] ?? 0;
    const end = from + PIECE + length;
    // Room that was reserved and never written.
    const empty = type === 0 && length === 0;
    const fits = PIECE + length <= left;
    if (fits && !empty && end > held.length) return false;
    if (!fits || empty || crc32(held, from + 6, end) !== view.getUint32(from, true)) {
      if (!empty) this.report("damaged-record", this.at, "is damaged; the rest of its block was passed over");
      // As LevelDB's own reader goes on (log_reader.cc).
      this.pieces = null;
      this.at += left;
      return true;
    }
    if (type === kind.full || type === kind.first) this.pieces = { from: this.at, ends: [] };
    this.pieces?.ends.push([this.at + PIECE, this.at + PIECE + length]);
    this.at += PIECE + length;
    if (type === kind.full || type === kind.last) this.finish(held);
    else if (this.pieces && this.at - this.pieces.from > LONGEST_RECORD) {
      this.report("record-too-long", this.pieces.from, "is longer than 64 MB and was passed over");
      this.pieces = null;
    }
    return true;
  }

  private finish(held: Uint8Array): void {
    if (!this.pieces) return;
    const { from, ends } = this.pieces;
    const base = this.queue.start;
    this.pieces = null;
    try {
      this.record(joined(ends.map(([start, end]) => held.subarray(start - base, end - base))));
    } catch {
      this.report("damaged-record", from, "is damaged and was passed over");
    }
  }

  private record(data: Uint8Array): void {
    const entry: Entry = { history: null, config: null, metric: null, run: null, exit: null };
    const read = new PbfReader(data).readFields(readRecord, entry);
    if (read.history) {
      const { items, step } = read.history;
      const named = items.map((item) => [nameOf(item), valueOf(item)] as const);
      this.place = logHistory(named, step, this.place, this.sink);
    }
    if (read.metric && read.metric.step !== "") this.place.own.push(read.metric);
    if (read.run) facts(read.run, this.sink);
    if (read.config) config(read.config.items, this.sink);
    if (!read.exit) return;
    this.sink.fact("exit_code", read.exit.code);
    if (read.exit.runtime !== null) this.sink.fact("runtime", read.exit.runtime);
  }

  private report(code: string, at: number, what: string): void {
    const message = `${this.path}: the record at byte ${String(at)} ${what}.`;
    this.sink.diagnostic({ code, severity: "warning", message });
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1 && pieces[0]) return pieces[0];
  const whole = new Uint8Array(pieces.reduce((size, piece) => size + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

const nameOf = ({ key, nested }: Item): string => (nested.length > 0 ? nested.join(".") : key);

function valueOf(item: Item): unknown {
  const parsed = parseJsonLine(item.json);
  return parsed.ok ? parsed.value : null;
}

function facts(run: Run, sink: RecordSink): void {
  for (const [name, value] of [
    ["run_id", run.id],
    ["project", run.project],
    ["title", run.name],
  ] as const) {
    if (value !== "") sink.fact(name, value);
  }
  config(run.config, sink);
}

function config(items: readonly Item[], sink: RecordSink): void {
  for (const item of items) {
    const value = valueOf(item);
    const name = nameOf(item);
    if (!name.startsWith("_") && (typeof value === "string" || typeof value === "number"))
      sink.fact(`config/${name}`, value);
  }
}

function readRecord(field: number, entry: Entry, pbf: PbfReader): void {
  if (field === 2) entry.history = pbf.readMessage(readHistory, { items: [], step: null });
  else if (field === 5) entry.config = pbf.readMessage(readConfig, { items: [], step: null });
  else if (field === 12) entry.metric = pbf.readMessage(readMetric, { name: "", glob: "", step: "" });
  else if (field === 17) entry.run = pbf.readMessage(readRun, { id: "", project: "", name: "", config: [] });
  else if (field === 18) entry.exit = pbf.readMessage(readExit, { code: 0, runtime: null });
}

function readHistory(field: number, update: Update, pbf: PbfReader): void {
  if (field === 1) update.items.push(pbf.readMessage(readItem, { key: "", nested: [], json: "" }));
  else if (field === 2) pbf.readMessage((inner, u, p) => void (inner === 1 && (u.step = p.readVarint(true))), update);
}

function readConfig(field: number, update: Update, pbf: PbfReader): void {
  if (field === 1) update.items.push(pbf.readMessage(readItem, { key: "", nested: [], json: "" }));
}

function readMetric(field: number, metric: DeclaredStep, pbf: PbfReader): void {
  if (field === 1) metric.name = pbf.readString();
  else if (field === 2) metric.glob = pbf.readString();
  else if (field === 4) metric.step = pbf.readString();
}

function readItem(field: number, item: Item, pbf: PbfReader): void {
  if (field === 1) item.key = pbf.readString();
  else if (field === 2) item.nested.push(pbf.readString());
  else if (field === 16) item.json = pbf.readString();
}

function readRun(field: number, run: Run, pbf: PbfReader): void {
  if (field === 1) run.id = pbf.readString();
  else if (field === 3) run.project = pbf.readString();
  else if (field === 8) run.name = pbf.readString();
  else if (field === 4) run.config.push(...pbf.readMessage(readConfig, { items: [], step: null }).items);
}

function readExit(field: number, exit: { code: number; runtime: number | null }, pbf: PbfReader): void {
  if (field === 1) exit.code = pbf.readVarint(true);
  else if (field === 2) exit.runtime = pbf.readVarint(true);
}

/** `offline-run-20260102_100000-<id>/run-<id>.wandb`: a run that was resumed keeps its id. */
function lifeOf(path: string): { run: string; at: number } | null {
  const match = /^(.*\/|)(?:offline-)?run-(\d{8})_(\d{6})-([^/]+)\/run-\4\.wandb$/.exec(path);
  return match ? { run: `${match[1] ?? ""}${match[4] ?? ""}`, at: Number(`${match[2] ?? ""}${match[3] ?? ""}`) } : null;
}

const detect = (sample: SourceSample): number =>
  sample.head.startsWith(MAGIC) && sample.head.includes("\0") ? 0.95 : 0;

export const wandbLog: BytesReader = {
  id: "wandb-log",
  title: "W&B run log",
  version: 4,
  axis: "step",
  input: "bytes",
  detect,
  canonical: hfCanonical,
  lifeOf,
  open: (sink, saved, path = "the file", offset = 0) => new LogParser(sink, saved, path, offset),
};
