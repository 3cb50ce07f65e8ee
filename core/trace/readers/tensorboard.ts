// TensorBoard event files (formats/gui-and-trainers.md 3.5): framed protobuf Events. Scalars of PyTorch and Hugging Face, tensor
// scalars of TF2 and JAX, texts; images, histograms and audio are passed over.
import { PbfReader } from "pbf";
import { isFields, numberOf } from "../../base/json";
import { ByteQueue } from "../byteQueue";
import { crc32c } from "../checksum";
import { hfCanonical } from "../hfLog";
import type { ByteParser, BytesReader, RecordSink, SourceSample } from "../reader";

const FRAME = 12;
const LONGEST_TEXT = 4000;
/** Bytes. Longer ones hold pictures or sounds. */
const LONGEST_RECORD = 64 << 20;
const decoder = new TextDecoder();

/** tensorflow/core/framework/types.proto. */
const dataType = { float: 1, double: 2, int32: 3, int64: 9 } as const;

interface Value {
  tag: string;
  simple: number | null;
  tensor: Tensor | null;
}

interface Tensor {
  type: number;
  content: Uint8Array | null;
  numbers: number[];
  texts: string[];
}

interface Event {
  /** Seconds since 1970. */
  time: number;
  step: number;
  version: string;
  values: Value[];
}

class EventParser implements ByteParser {
  private readonly queue: ByteQueue;
  /** Behind a damaged length: the next record is looked for. */
  private lost: boolean;

  constructor(
    private readonly sink: RecordSink,
    saved: unknown,
    private readonly path: string,
    offset: number,
  ) {
    const fields = isFields(saved) ? saved : {};
    this.queue = new ByteQueue(offset, numberOf(fields.ahead) ?? 0);
    this.lost = fields.lost === true;
  }

  get resumeOffset(): number {
    return this.queue.start;
  }

  get pending(): number {
    return this.queue.length;
  }

  state(): unknown {
    return { lost: this.lost, ahead: this.queue.ahead };
  }

  /** A short tail is a live writer's: it waits for the rest. */
  push(piece: Uint8Array): void {
    this.queue.push(piece);
    const { bytes } = this.queue;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const pbf = new PbfReader(bytes);
    let at = 0;
    while (at + FRAME <= bytes.length) {
      if (mask(crc32c(bytes, at, at + 8)) !== view.getUint32(at + 8, true)) {
        if (!this.lost) this.report(at);
        this.lost = true;
        at++;
        continue;
      }
      this.lost = false;
      const start = at + FRAME;
      const size = view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
      const end = start + size;
      if (size > LONGEST_RECORD) this.reportTooLong(at, size);
      else if (end + 4 > bytes.length) break;
      else if (mask(crc32c(bytes, start, end)) !== view.getUint32(end, true) || !this.event(pbf, start, end)) {
        this.report(at);
      }
      at = end + 4;
    }
    this.queue.drop(at);
  }

  private event(pbf: PbfReader, start: number, end: number): boolean {
    try {
      pbf.pos = start;
      emit(pbf.readFields(readEvent, { time: NaN, step: 0, version: "", values: [] }, end), this.sink);
      return true;
    } catch {
      return false;
    }
  }

  private report(at: number): void {
    const message = `${this.path}: the record at byte ${String(this.queue.start + at)} is damaged and was passed over.`;
    this.sink.diagnostic({ code: "damaged-record", severity: "warning", message });
  }

  private reportTooLong(at: number, size: number): void {
    const place = `${this.path}: the record at byte ${String(this.queue.start + at)}`;
    const message = `${place} has ${String(Math.round(size / 1e6))} MB and was passed over.`;
    this.sink.diagnostic({ code: "record-too-long", severity: "warning", message });
  }
}

const mask = (crc: number): number => (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;

function emit(event: Event, sink: RecordSink): void {
  for (const { tag, simple, tensor } of event.values) {
    const number = simple ?? (tensor ? scalarOf(tensor) : null);
    if (tag === "") continue;
    if (number !== null) {
      sink.point(tag, event.step, number);
      sink.clockTick(event.step, event.time);
    }
    // Trainers keep their arguments and some of their generations as texts; the last of a tag is shown.
    else if (tensor && tensor.texts.length > 0) {
      sink.fact(tag.replace(/\/text_summary$/, ""), tensor.texts.join("\n").slice(0, LONGEST_TEXT));
    }
  }
}

function readEvent(field: number, event: Event, pbf: PbfReader): void {
  // An absent step is step 0.
  if (field === 1) event.time = pbf.readDouble();
  else if (field === 2) event.step = pbf.readVarint(true);
  else if (field === 3) event.version = pbf.readString();
  else if (field === 5) pbf.readMessage(readSummary, event);
}

function readSummary(field: number, event: Event, pbf: PbfReader): void {
  if (field === 1) event.values.push(pbf.readMessage(readValue, { tag: "", simple: null, tensor: null }));
}

function readValue(field: number, value: Value, pbf: PbfReader): void {
  if (field === 1) value.tag = pbf.readString();
  else if (field === 2) value.simple = pbf.readFloat();
  else if (field === 8) value.tensor = pbf.readMessage(readTensor, { type: 0, content: null, numbers: [], texts: [] });
}

function readTensor(field: number, tensor: Tensor, pbf: PbfReader): void {
  if (field === 1) tensor.type = pbf.readVarint();
  else if (field === 4) tensor.content = pbf.readBytes();
  else if (field === 5) pbf.readPackedFloat(tensor.numbers);
  else if (field === 6) pbf.readPackedDouble(tensor.numbers);
  else if (field === 7 || field === 10) pbf.readPackedVarint(tensor.numbers, true);
  else if (field === 8) tensor.texts.push(decoder.decode(pbf.readBytes()));
}

/** A tensor of one number; null for texts and anything larger. */
function scalarOf(tensor: Tensor): number | null {
  if (tensor.numbers.length > 0) return tensor.numbers.length === 1 ? (tensor.numbers[0] ?? null) : null;
  const { content } = tensor;
  if (!content) return null;
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  if (tensor.type === dataType.float && view.byteLength === 4) return view.getFloat32(0, true);
  if (tensor.type === dataType.double && view.byteLength === 8) return view.getFloat64(0, true);
  if (tensor.type === dataType.int32 && view.byteLength === 4) return view.getInt32(0, true);
  if (tensor.type === dataType.int64 && view.byteLength === 8) return Number(view.getBigInt64(0, true));
  return null;
}

/** The first record says `brain.Event:2`, behind a length, two checksums and a time. */
function detect(sample: SourceSample): number {
  const at = sample.head.indexOf("brain.Event:");
  return at >= 0 && at < 64 && sample.head.includes("\0") ? 0.95 : 0;
}

/** A folder is one run, each launch of it a file. Hugging Face's Trainer gives each launch a folder of its own, named by its date. */
function lifeOf(path: string): { run: string; at: number } | null {
  const started = /\btfevents\.(\d+)/.exec(path)?.[1];
  if (started === undefined) return null;
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  return {
    run: folder.replace(/[^/]+\/$/, (name) => name.replace(/^[A-Z][a-z]{2}\d\d_\d\d-\d\d-\d\d_/, "")),
    at: Number(started),
  };
}

export const tensorboard: BytesReader = {
  id: "tensorboard",
  title: "TensorBoard events",
  version: 4,
  axis: "step",
  input: "bytes",
  detect,
  canonical: hfCanonical,
  lifeOf,
  open: (sink, saved, path = "the file", offset = 0) => new EventParser(sink, saved, path, offset),
};
