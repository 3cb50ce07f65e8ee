// Looking at bytes before decoding them: what makes a reader fast enough for a 600 MB trace. Shared by the line readers.
import type { RecordSink } from "./reader";
import { parseJsonLine } from "../base/json";

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const OPEN_LIST = 91;
const BACKSLASH = 92;
const CLOSE_LIST = 93;
const OPEN = 123;
const CLOSE = 125;

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const strictDecoder = new TextDecoder("utf-8", { fatal: true });

export const ascii = (text: string): Uint8Array => encoder.encode(text);

/** Whether `bytes[start, end)` begins with `what`. */
export function startsWith(bytes: Uint8Array, start: number, end: number, what: Uint8Array): boolean {
  if (end - start < what.length) return false;
  for (let i = 0; i < what.length; i++) if (bytes[start + i] !== what[i]) return false;
  return true;
}

const isSpace = (byte: number | undefined): boolean => byte === 32 || byte === 10 || byte === 13 || byte === 9;

/** The last byte that is not white space, or -1 for a blank line. */
export function lastByte(bytes: Uint8Array, start: number, end: number): number {
  let at = end - 1;
  while (at >= start && isSpace(bytes[at])) at--;
  return at < start ? -1 : (bytes[at] ?? -1);
}

/** The text of `bytes[start, end)`. Bytes that are no UTF-8 become U+FFFD and are reported as `bad-utf8`. */
export function decode(bytes: Uint8Array, start: number, end: number, sink: RecordSink): string {
  const piece = bytes.subarray(start, end);
  const text = decoder.decode(piece);
  // U+FFFD may also have been written on purpose; only the strict decoder knows.
  if (text.includes("\uFFFD") && !isUtf8(piece)) reportBadUtf8(sink);
  return text;
}

/** Reports `bad-utf8` for bytes that are not going to be decoded. ASCII, which is what Python writes, costs about 0.1 ns a byte. */
export function checkUtf8(bytes: Uint8Array, start: number, end: number, sink: RecordSink): void {
  if (!isAscii(bytes, start, end) && !isUtf8(bytes.subarray(start, end))) reportBadUtf8(sink);
}

function reportBadUtf8(sink: RecordSink): void {
  sink.diagnostic({
    code: "bad-utf8",
    severity: "warning",
    message: "Bytes that are no UTF-8 were replaced by U+FFFD.",
  });
}

function isUtf8(piece: Uint8Array): boolean {
  try {
    strictDecoder.decode(piece);
    return true;
  } catch {
    return false;
  }
}

let view: { bytes: Uint8Array; words: Int32Array; byteOffset: number } | null = null;

/**
 * Four bytes at a time. The view of a piece is kept: making one for each of a million short lines, or asking the piece for its
 * buffer as often, costs more than the look.
 */
function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  if (view?.bytes !== bytes) {
    const { buffer, byteOffset } = bytes;
    view = { bytes, words: new Int32Array(buffer, 0, buffer.byteLength >> 2), byteOffset };
  }
  const { words, byteOffset } = view;
  let seen = 0;
  let at = start;
  for (; at < end && ((byteOffset + at) & 3) !== 0; at++) seen |= bytes[at] ?? 0;
  const last = (byteOffset + end) >> 2;
  let word = (byteOffset + at) >> 2;
  for (; word + 3 < last; word += 4)
    seen |= (words[word] ?? 0) | (words[word + 1] ?? 0) | (words[word + 2] ?? 0) | (words[word + 3] ?? 0);
  for (; word < last; word++) seen |= words[word] ?? 0;
  for (at = Math.max(at, last * 4 - byteOffset); at < end; at++) seen |= bytes[at] ?? 0;
  return (seen & 0x80808080) === 0;
}

/** Decodes and parses one line. Blank lines are undefined without a word, damaged ones with a diagnostic. */
export function parseLine(bytes: Uint8Array, start: number, end: number, sink: RecordSink): unknown {
  const last = lastByte(bytes, start, end);
  if (last < 0) return undefined;
  const parsed = parseJsonLine(decode(bytes, start, end, sink));
  if (parsed.ok) return parsed.value;
  reportDamaged(bytes, start, last, parsed.why, sink);
  return undefined;
}

/** Shorter values are decoded faster than passed over. */
const WORTH_SKIPPING = 48;
const placeholder: Readonly<Record<number, string>> = { [QUOTE]: '""', [OPEN_LIST]: "[]", [OPEN]: "{}" };

/**
 * As `parseLine`, but long values of the fields in `texts` are empty ones of their kind ("", [], {}): for an index, which needs
 * a record's numbers and not its prose. What is wrong inside such a value shows when the record is read.
 */
export function parseOutline(
  bytes: Uint8Array,
  start: number,
  end: number,
  texts: readonly Uint8Array[],
  sink: RecordSink,
): unknown {
  const ranges = findFields(bytes, start, end, texts) ?? [];
  const long = ranges.filter((range) => range !== undefined && range.end - range.start >= WORTH_SKIPPING) as Range[];
  if (long.length === 0) return parseLine(bytes, start, end, sink);
  long.sort((a, b) => a.start - b.start);
  let outline = "";
  let at = start;
  for (const range of long) {
    outline += decoder.decode(bytes.subarray(at, range.start)) + (placeholder[bytes[range.start] ?? 0] ?? "null");
    at = range.end;
  }
  outline += decoder.decode(bytes.subarray(at, end));
  const parsed = parseJsonLine(outline);
  if (!parsed.ok) return parseLine(bytes, start, end, sink);
  checkUtf8(bytes, start, end, sink);
  return parsed.value;
}

function reportDamaged(bytes: Uint8Array, start: number, last: number, why: string, sink: RecordSink): void {
  const torn = bytes[start] === OPEN && last !== CLOSE;
  sink.diagnostic({
    code: torn ? "torn-line" : "not-json",
    severity: "warning",
    message: torn ? "The line ends in the middle of a record." : `The line is ${why}.`,
  });
}

export function reportNotARecord(sink: RecordSink, expected: string): void {
  sink.diagnostic({ code: "not-a-record", severity: "warning", message: `The line is JSON, but not ${expected}.` });
}

/** Where a field's value lies: `bytes[start, end)`. */
export interface Range {
  start: number;
  end: number;
}

/**
 * Where the values of some of an object's own keys lie, found without decoding the others: strings are crossed from quote to
 * quote, so that long prompts and completions cost next to nothing. As in JSON.parse, the last of equal keys wins.
 * null: this is not one whole object, or a key is written with escapes; the caller parses it all instead.
 */
export function findFields(
  bytes: Uint8Array,
  start: number,
  end: number,
  keys: readonly Uint8Array[],
): (Range | undefined)[] | null {
  const found: (Range | undefined)[] = keys.map(() => undefined);
  let at = skipSpace(bytes, start, end);
  if (bytes[at] !== OPEN) return null;
  at = skipSpace(bytes, at + 1, end);
  if (bytes[at] === CLOSE) return skipSpace(bytes, at + 1, end) === end ? found : null;
  while (at < end) {
    if (bytes[at] !== QUOTE) return null;
    const keyEnd = stringEnd(bytes, at, end);
    if (keyEnd < 0) return null;
    const size = keyEnd - at - 1;
    let which = -1;
    for (let k = 0; k < keys.length; k++) {
      const key = keys[k];
      if (key?.length === size && startsWith(bytes, at + 1, keyEnd, key)) which = k;
    }
    if (which < 0) for (let i = at + 1; i < keyEnd; i++) if (bytes[i] === BACKSLASH) return null;
    at = skipSpace(bytes, keyEnd + 1, end);
    if (bytes[at] !== COLON) return null;
    at = skipSpace(bytes, at + 1, end);
    const valueEnd = skipValue(bytes, at, end);
    if (valueEnd <= at) return null;
    if (which >= 0) found[which] = { start: at, end: valueEnd };
    at = skipSpace(bytes, valueEnd, end);
    if (bytes[at] === CLOSE) return skipSpace(bytes, at + 1, end) === end ? found : null;
    if (bytes[at] !== COMMA) return null;
    at = skipSpace(bytes, at + 1, end);
  }
  return null;
}

/** The value in a range that `findFields` gave; undefined where it is missing or damaged. */
export function valueIn(bytes: Uint8Array, range: Range | undefined): unknown {
  if (!range) return undefined;
  const parsed = parseJsonLine(decoder.decode(bytes.subarray(range.start, range.end)));
  return parsed.ok ? parsed.value : undefined;
}

function skipSpace(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && isSpace(bytes[at])) at++;
  return at;
}

/** Index of the quote that closes the string opened at `open`, or -1. */
function stringEnd(bytes: Uint8Array, open: number, end: number): number {
  // Keys and short values end soon; a native search costs more than it saves there.
  const near = Math.min(end, open + 24);
  let at = open + 1;
  while (at < near && bytes[at] !== QUOTE) at++;
  if (at >= near) at = at < end ? bytes.indexOf(QUOTE, at) : -1;
  while (at >= 0 && at < end) {
    let before = at - 1;
    while (before > open && bytes[before] === BACKSLASH) before--;
    if ((at - before) % 2 === 1) return at;
    at = bytes.indexOf(QUOTE, at + 1);
  }
  return -1;
}

/** The end of the value that begins at `from`, or -1. */
function skipValue(bytes: Uint8Array, from: number, end: number): number {
  let depth = 0;
  let at = from;
  while (at < end) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      at = stringEnd(bytes, at, end);
      if (at < 0) return -1;
    } else if (byte === OPEN || byte === OPEN_LIST) depth++;
    else if (byte === CLOSE || byte === CLOSE_LIST) {
      if (depth === 0) return at;
      depth--;
    } else if (depth === 0 && byte === COMMA) return at;
    at++;
    if (depth === 0 && (byte === QUOTE || byte === CLOSE || byte === CLOSE_LIST)) return at;
  }
  return -1;
}

/** Whole lines of a sample's head as parsed values; the last one only where the file ends there. At most `limit`. */
export function headRecords(sample: { head: string; size: number }, limit = 40): unknown[] {
  const lines = sample.head.split("\n");
  if (sample.head.length < sample.size && lines.length > 1) lines.pop();
  const records: unknown[] = [];
  for (const line of lines) {
    if (records.length >= limit) break;
    if (line.trim() === "") continue;
    const parsed = parseJsonLine(line);
    records.push(parsed.ok ? parsed.value : undefined);
  }
  return records;
}
