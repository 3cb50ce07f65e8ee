// Reads bytes as the agent does, through the line splitter and a reader, and keeps everything that came out, as JSON.
import { LineSplitter } from "../../../core/base/lines";
import { toWire } from "../../../core/model/number";
import type { BytesReader, LineReader, RecordSink, SourceSample, TraceReader } from "../../../core/trace/reader";

export interface Collected {
  /** `raw@step = value`, in order. */
  points: string[];
  rollouts: Record<string, unknown>[];
  steps: unknown[];
  evaluations: unknown[];
  facts: Record<string, string | number>;
  /** `line code: message`; a document's are at line 0. */
  diagnostics: string[];
}

export class Collector implements RecordSink {
  readonly collected: Collected = { points: [], rollouts: [], steps: [], evaluations: [], facts: {}, diagnostics: [] };
  line = 0;

  point: RecordSink["point"] = (raw, step, value) => {
    this.collected.points.push(`${raw}@${String(toWire(step))} = ${String(toWire(value))}`);
  };
  rollout: RecordSink["rollout"] = (entry, held) => {
    const row = Object.fromEntries(Object.entries(entry).map(([k, v]) => [k, toWire(v as number)]));
    this.collected.rollouts.push(held === undefined ? row : { ...row, held });
  };
  step: RecordSink["step"] = (entry) => void this.collected.steps.push(entry);
  evaluation: RecordSink["evaluation"] = (table) => void this.collected.evaluations.push(table);
  fact: RecordSink["fact"] = (name, value) => void (this.collected.facts[name] = value);
  diagnostic: RecordSink["diagnostic"] = ({ code, message }) => {
    // Which position JSON.parse names, if any, differs between versions of Node.
    this.collected.diagnostics.push(`${String(this.line)} ${code}: ${message.replace(/ at position \d+/, "")}`);
  };
}

/** Feeds `bytes` in pieces that end at `cuts`; the unfinished last line is read too where the file is `complete`. */
export function readLines(
  reader: LineReader,
  bytes: Uint8Array,
  cuts: readonly number[] = [],
  complete = true,
): Collected {
  const sink = new Collector();
  const parser = reader.open(sink);
  const splitter = splitterInto(sink, parser);
  // One buffer that is reused, as a file reader has.
  const buffer = Buffer.alloc(bytes.length);
  let from = 0;
  for (const to of [...cuts, bytes.length]) {
    buffer.set(bytes.subarray(from, to));
    splitter.push(buffer.subarray(0, to - from));
    from = to;
  }
  if (complete) splitter.flush();
  return sink.collected;
}

/** Stops after `half` bytes and goes on with a new parser from the saved state, as an agent that was restarted does. */
export function readResumed(reader: LineReader, bytes: Uint8Array, half: number): Collected {
  const sink = new Collector();
  const first = reader.open(sink);
  const before = splitterInto(sink, first);
  before.push(bytes.subarray(0, half));
  const saved: unknown = JSON.parse(JSON.stringify(first.state()));
  const after = splitterInto(sink, reader.open(sink, saved), before.resumeOffset);
  after.push(bytes.subarray(before.resumeOffset));
  after.flush();
  return sink.collected;
}

function splitterInto(sink: Collector, parser: ReturnType<LineReader["open"]>, offset = 0): LineSplitter {
  return new LineSplitter(
    (bytes, start, end, at) => {
      sink.line++;
      parser.line(bytes, start, end, at);
    },
    { offset, limit: 64 * 1024 * 1024, onTooLong: () => (sink.line += 1) },
  );
}

export function readDocument(reader: TraceReader & { input: "document" }, text: string, path: string): Collected {
  const sink = new Collector();
  reader.parse(text, path, sink);
  return sink.collected;
}

export async function readBytes(reader: BytesReader, bytes: Uint8Array, path: string): Promise<Collected> {
  const sink = new Collector();
  await reader.parseBytes(bytes, path, sink);
  return sink.collected;
}

export function sampleOf(path: string, bytes: Uint8Array): SourceSample {
  const decode = (piece: Uint8Array): string => new TextDecoder().decode(piece);
  const head = decode(bytes.subarray(0, 64 * 1024));
  const sample = { path, size: bytes.length, head };
  return head.startsWith("PAR1") ? { ...sample, tail: decode(bytes.subarray(-64 * 1024)) } : sample;
}
