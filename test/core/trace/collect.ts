// Reads bytes as the agent does, through the line splitter and a reader, and keeps everything that came out, as JSON.
import { LineSplitter } from "../../../core/base/lines";
import { toWire } from "../../../core/model/number";
import type {
  ByteRanges,
  BytesReader,
  LineReader,
  RangesReader,
  RecordSink,
  SourceSample,
  TraceReader,
} from "../../../core/trace/reader";

export interface Collected {
  /** `raw@step = value`, in order. */
  points: string[];
  /** `step = seconds since 1970`; only of readers that tell times. */
  clock?: string[];
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

  point: RecordSink["point"] = (raw, step, value, again = false) => {
    const { points } = this.collected;
    const last = again ? points.findLastIndex((point) => point.startsWith(`${raw}@`)) : points.length;
    points[last] = `${raw}@${String(toWire(step))} = ${String(toWire(value))}`;
  };
  rewind: RecordSink["rewind"] = (step) => {
    const { points } = this.collected;
    this.collected.points = points.filter((point) => !(Number(/@(\S+) = \S+$/.exec(point)?.[1]) >= step));
  };
  clockTick: RecordSink["clockTick"] = (step, seconds) => {
    const ticks = (this.collected.clock ??= []);
    // As the index keeps them: the first of each step.
    if (!ticks.at(-1)?.startsWith(`${String(toWire(step))} = `))
      ticks.push(`${String(toWire(step))} = ${String(toWire(seconds))}`);
  };
  rollout: RecordSink["rollout"] = (entry, held, grown) => {
    const row = Object.fromEntries(Object.entries(entry).map(([k, v]) => [k, toWire(v as number)]));
    const kept = held === undefined ? row : { ...row, held: typeof held === "number" ? held : [...held] };
    this.collected.rollouts[grown ?? this.collected.rollouts.length] = kept;
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
  pushInPieces(splitter, bytes, [...cuts, bytes.length]);
  if (complete) splitter.flush();
  parser.caughtUp?.();
  return sink.collected;
}

/** Stops after `half` bytes and goes on with a new parser from the saved state, as an agent that was restarted does. */
export function readResumed(reader: LineReader, bytes: Uint8Array, half: number): Collected {
  const sink = new Collector();
  const first = reader.open(sink);
  const before = splitterInto(sink, first);
  before.push(bytes.subarray(0, half));
  first.caughtUp?.();
  const saved: unknown = JSON.parse(JSON.stringify(first.state()));
  const second = reader.open(sink, saved);
  const after = splitterInto(sink, second, before.resumeOffset);
  after.push(bytes.subarray(before.resumeOffset));
  after.flush();
  second.caughtUp?.();
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

/** Feeds `bytes` in pieces that end at `cuts`. */
export function readBytes(
  reader: BytesReader,
  bytes: Uint8Array,
  path: string,
  cuts: readonly number[] = [],
): Collected {
  const sink = new Collector();
  const parser = reader.open(sink, undefined, path, 0);
  pushInPieces(parser, bytes, [...cuts, bytes.length]);
  return sink.collected;
}

function pushInPieces(parser: { push(bytes: Uint8Array): void }, bytes: Uint8Array, cuts: readonly number[]): void {
  // One buffer that is reused, as a file reader has.
  const buffer = Buffer.alloc(bytes.length);
  let from = 0;
  for (const to of cuts) {
    buffer.set(bytes.subarray(from, to));
    parser.push(buffer.subarray(0, to - from));
    from = to;
  }
}

/** Stops after `half` bytes and goes on with a new parser from the saved state, as an agent that was restarted does. */
export function readBytesResumed(reader: BytesReader, bytes: Uint8Array, path: string, half: number): Collected {
  const sink = new Collector();
  const first = reader.open(sink, undefined, path, 0);
  first.push(bytes.subarray(0, half));
  const saved: unknown = JSON.parse(JSON.stringify(first.state()));
  const { resumeOffset } = first;
  if (resumeOffset > half) throw new Error(`it resumes at ${resumeOffset}, behind the ${half} bytes it was given`);
  reader.open(sink, saved, path, resumeOffset).push(bytes.subarray(resumeOffset));
  return sink.collected;
}

const rangesOf = (bytes: Uint8Array): ByteRanges => ({
  size: bytes.length,
  read: (start, end) => Promise.resolve(bytes.slice(start, end)),
});

/** With every group read again from the file. */
export async function readRanges(
  reader: RangesReader,
  bytes: Uint8Array,
  path: string,
): Promise<{ collected: Collected; bodies: unknown[] }> {
  const sink = new Collector();
  const file = rangesOf(bytes);
  const byRange = await reader.index(file, path, sink);
  const bodies: unknown[] = [];
  for (const { offset, samples } of sink.collected.rollouts)
    bodies.push((await byRange?.readRollout(file, { offset: Number(offset), samples: Number(samples) })) ?? null);
  return { collected: sink.collected, bodies };
}

export function sampleOf(path: string, bytes: Uint8Array): SourceSample {
  const decode = (piece: Uint8Array): string => new TextDecoder().decode(piece);
  const head = decode(bytes.subarray(0, 64 * 1024));
  const sample = { path, size: bytes.length, head };
  const mayShowAtEnd = /\.(log|txt|out)$/i.test(path) || !head.includes("\n");
  return head.startsWith("PAR1") || (bytes.length > 64 * 1024 && mayShowAtEnd)
    ? { ...sample, tail: decode(bytes.subarray(-64 * 1024)) }
    : sample;
}
