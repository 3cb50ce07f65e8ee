// W&B's run-<id>.wandb (formats/gui-and-trainers.md 3.6): a LevelDB log of protobuf Records, and of an offline run all there is.
import { PbfReader } from "pbf";
import { numberOf, parseJsonLine } from "../../base/json";
import { crc32 } from "../checksum";
import { hfCanonical } from "../hfLog";
import type { BytesReader, RecordSink, SourceSample } from "../reader";

const HEADER = 7;
const BLOCK = 32768;
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
  run: Run | null;
  exit: { code: number; runtime: number | null } | null;
}

function parseBytes(bytes: Uint8Array, path: string, sink: RecordSink): void {
  let place: Place = { at: 0, byTrainer: false };
  let bad = 0;
  const why = records(bytes, (data) => {
    try {
      const entry: Entry = { history: null, config: null, run: null, exit: null };
      const read = new PbfReader(data).readFields(readRecord, entry);
      if (read.history) place = history(read.history, place, sink);
      if (read.run) facts(read.run, sink);
      if (read.config) config(read.config.items, sink);
      if (read.exit) {
        sink.fact("exit_code", read.exit.code);
        if (read.exit.runtime !== null) sink.fact("runtime", read.exit.runtime);
      }
    } catch {
      bad++;
    }
  });
  const message = why ?? (bad > 0 ? `${String(bad)} records are damaged and were passed over.` : null);
  if (message) sink.diagnostic({ code: "damaged-record", severity: "warning", message: `${path}: ${message}` });
}

/** Calls `record` for each whole record, joined from its pieces. Blocks are counted from the file's start, its header included. */
function records(bytes: Uint8Array, record: (data: Uint8Array) => void): string | null {
  if (bytes.length < HEADER) return "the file is too short for its header.";
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let pieces: Uint8Array[] = [];
  let off = HEADER;
  while (off + 7 <= bytes.length) {
    const left = BLOCK - (off % BLOCK);
    if (left < 7) {
      off += left;
      continue;
    }
    const length = view.getUint16(off + 4, true);
    const type = bytes[off + 6] ?? 0;
    const end = off + 7 + length;
    if (type === 0 && length === 0) return null;
    if (length > left - 7) return `a record at byte ${String(off)} is longer than its block.`;
    // A live writer's last record.
    if (end > bytes.length) return null;
    if (crc32(bytes, off + 6, end) !== view.getUint32(off, true))
      return `the record at byte ${String(off)} is damaged.`;
    const data = bytes.subarray(off + 7, end);
    off = end;
    if (type === kind.full) record(data);
    else if (type === kind.first) pieces = [data];
    else pieces.push(data);
    if (type === kind.last) {
      record(joined(pieces));
      pieces = [];
    }
  }
  return null;
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
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

/** Hugging Face's callback declares this the step of all its metrics; `_step` counts calls. */
export const trainerStep = "train/global_step";

interface Place {
  at: number;
  byTrainer: boolean;
}

/** One call of `wandb.log`; returns its step. */
function history({ items, step }: Update, before: Place, sink: RecordSink): Place {
  const named = items.map((item) => [nameOf(item), valueOf(item)] as const);
  const written = (wanted: string): number | null => numberOf(named.find(([name]) => name === wanted)?.[1]);
  const trained = written(trainerStep);
  const byTrainer = before.byTrainer || trained !== null;
  const at = trained ?? (byTrainer ? before.at : (written("_step") ?? step ?? before.at));
  for (const [name, value] of named) {
    const number = typeof value === "boolean" ? null : numberOf(value);
    // `_timestamp`, `_runtime` and the like say when, not what.
    if (number !== null && !name.startsWith("_")) sink.point(name, at, number);
  }
  return { at, byTrainer };
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

const detect = (sample: SourceSample): number =>
  sample.head.startsWith(MAGIC) && sample.head.includes("\0") ? 0.95 : 0;

export const wandbLog: BytesReader = {
  id: "wandb-log",
  title: "W&B run log",
  version: 1,
  axis: "step",
  input: "bytes",
  detect,
  canonical: hfCanonical,
  parseBytes,
};
