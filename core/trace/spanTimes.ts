// What the phases of a step took, summed by name until somebody asks: `{"type": "span", "name": "optim_step", "ts": 12.5, "dur": 0.2}`.
// Spans of single completions and requests run beside one another, so their sum is no time of the step: of those it is their number,
// their mean, and of verdicts the share that passed. There are millions of them, and none is decoded.
import { isFields, numberOf, textOf, type Fields } from "../base/json";
import { ascii, startsWith } from "./scan";

const head = wordOf('{"type": "span", "name": "');
const request = ascii("vllm.");
const verdict = wordOf('verify"');
/** An outer `verify` holds its two times and nothing else; that of a completion a worker, a slot, a verdict and a prompt as well. */
const LONGEST_OUTER = 100;
/** From the quote behind the name to the time, and from the comma behind that to the duration. */
const TS = '", "ts": '.length;
const DUR = ', "dur": '.length;
const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const SPACE = 32;
const CLOSE = 125;
const ZERO = 48;
const NINE = 57;
const POINT = 46;
/** Fifteen digits are enough of a duration. */
const MOST = 1e14;

const powers = Array.from({ length: 40 }, (_, n) => 10 ** n);

interface Word {
  size: number;
  view: DataView;
}

function wordOf(text: string): Word {
  const { buffer, byteOffset, length } = ascii(text);
  return { size: length, view: new DataView(buffer, byteOffset, length) };
}

let seen: { bytes: Uint8Array; view: DataView } | null = null;

/** Lines come in pieces of many: asking a piece for its buffer takes longer than comparing four bytes. */
function viewOf(bytes: Uint8Array): DataView {
  if (seen?.bytes === bytes) return seen.view;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  seen = { bytes, view };
  return view;
}

/** Four bytes at a time; a word has at least as many, and so must what follows `at`. */
function isAt(bytes: DataView, at: number, { size, view }: Word): boolean {
  let i = 0;
  for (; i + 4 <= size; i += 4) if (bytes.getInt32(at + i) !== view.getInt32(i)) return false;
  return i === size || bytes.getInt32(at + size - 4) === view.getInt32(size - 4);
}

interface Sum {
  name: string;
  /** One of many at once. */
  single: boolean;
  seconds: number;
  /** Spans since the last time somebody asked. */
  count: number;
  /** Verdicts, and those that passed. */
  judged: number;
  passed: number;
}

const nothing = { seconds: 0, count: 0, judged: 0, passed: 0 };
const passedKey = ascii(', "passed": ');
const WORKER = ', "worker": '.length;
const SLOT = ', "slot": '.length;

export class SpanTimes {
  private readonly sums = new Map<string, Sum>();
  /** By a hash of the name's bytes: a trace has some thirty names, and none is decoded twice. */
  private readonly known = new Map<number, Sum>();
  /** Nearly all spans are one of these two: they are known without looking up. */
  private verdicts: Sum | null = null;
  private request: Sum | null = null;
  private requestName = verdict;

  constructor(saved: unknown) {
    for (const item of Array.isArray(saved) ? saved : [])
      if (isFields(item) && typeof item.name === "string")
        this.sums.set(keyOf(item.name, item.single === true), { ...nothing, single: false, ...item, name: item.name });
  }

  state(): unknown {
    return [...this.sums.values()];
  }

  /** `last`: the place of the line's last byte. False where it is no span as Python writes it: then it is for `add`. */
  line(bytes: Uint8Array, start: number, last: number): boolean {
    if (bytes[last] !== CLOSE || last - start < head.size + 4) return false;
    const view = viewOf(bytes);
    if (!isAt(view, start, head)) return false;
    const from = start + head.size;
    const judged = last - start > LONGEST_OUTER && isAt(view, from, verdict);
    let sum = judged ? this.verdicts : this.request;
    const same = judged ? verdict : this.requestName;
    if (!sum || last - from < same.size || !isAt(view, from, same)) {
      sum = this.sumIn(bytes, from, last, judged);
      if (judged) this.verdicts = sum;
      else if (sum.single) [this.request, this.requestName] = [sum, wordOf(`${sum.name}"`)];
    }
    const at = durationIn(bytes, from + sum.name.length, last);
    const rough = sum.single ? roughly(bytes, at) : NaN;
    const seconds = Number.isNaN(rough) ? numberIn(bytes, at, endOfNumber(bytes, at, last)) : rough;
    const passed = judged ? verdictIn(bytes, at, last) : 0;
    if (Number.isNaN(seconds) || passed < 0) return false;
    sum.seconds += seconds;
    sum.count++;
    if (!judged) return true;
    sum.judged++;
    sum.passed += passed;
    return true;
  }

  private sumIn(bytes: Uint8Array, from: number, last: number, judged: boolean): Sum {
    let hash = judged ? 1 : 5381;
    let at = from;
    for (; at < last && bytes[at] !== QUOTE; at++) hash = (Math.imul(hash, 33) ^ (bytes[at] ?? 0)) | 0;
    let sum = this.known.get(hash);
    if (!sum) {
      sum = this.sumOf(textIn(bytes, from, at), judged || startsWith(bytes, from, last, request));
      this.known.set(hash, sum);
    }
    return sum;
  }

  /** A span that was parsed, of another writer. */
  add(event: Fields): void {
    const seconds = numberOf(event.dur);
    const name = textOf(event.name);
    if (seconds === null || name === null) return;
    const sum = this.sumOf(name, name.startsWith("vllm.") || "worker" in event);
    sum.seconds += seconds;
    sum.count++;
    const passed = numberOf(event.passed);
    if (passed === null) return;
    sum.judged++;
    sum.passed += passed > 0 ? 1 : 0;
  }

  /** What came since the last call, as curves. */
  *take(): Generator<[raw: string, value: number]> {
    yield* this.sofar();
    for (const sum of this.sums.values()) Object.assign(sum, nothing);
  }

  /** The same, and it goes on. */
  *sofar(): Generator<[raw: string, value: number]> {
    for (const { name, single, seconds, count, judged, passed } of this.sums.values()) {
      if (count === 0) continue;
      if (!single) yield [`span.${name}`, seconds];
      else {
        yield [`span.${name}/count`, count];
        yield [`span.${name}/mean`, seconds / count];
      }
      if (judged > 0) yield [`span.${name}/passed`, passed / judged];
    }
  }

  private sumOf(name: string, single: boolean): Sum {
    const key = keyOf(name, single);
    let sum = this.sums.get(key);
    if (!sum) this.sums.set(key, (sum = { name, single, ...nothing }));
    return sum;
  }
}

/** `verify` is the name of both the phase and each of its verdicts. */
const keyOf = (name: string, single: boolean): string => (single ? `${name}/` : name);

/** 0 or 1 from `0.0023, "worker": 0, "slot": 1, "passed": 1`, -1 where something else stands there. */
function verdictIn(bytes: Uint8Array, duration: number, last: number): number {
  const worker = endOfNumber(bytes, duration, last);
  const slot = endOfNumber(bytes, worker + WORKER, last);
  const passed = endOfNumber(bytes, slot + SLOT, last);
  if (!startsWith(bytes, passed, last, passedKey)) return -1;
  const digit = (bytes[passed + passedKey.length] ?? 0) - ZERO;
  return digit === 0 || digit === 1 ? digit : -1;
}

/** `", "ts": 12.5, "dur": 0.0023`: where the number behind the second colon begins, as Python places it or else wherever it is. */
function durationIn(bytes: Uint8Array, nameEnd: number, last: number): number {
  let at = nameEnd + TS;
  if (bytes[nameEnd] === QUOTE && bytes[at - 2] === COLON) {
    while (at < last && bytes[at] !== COMMA) at++;
    if (bytes[at + DUR - 2] === COLON && bytes[at + DUR - 1] === SPACE) return at + DUR;
  }
  at = nameEnd;
  for (let colons = 0; at < last && colons < 2; at++) if (bytes[at] === COLON) colons++;
  return bytes[at] === SPACE ? at + 1 : at;
}

function endOfNumber(bytes: Uint8Array, at: number, last: number): number {
  while (at < last && bytes[at] !== COMMA) at++;
  return at;
}

/** To nine digits, which fit a small integer: enough for a mean, and several times as fast. NaN for what may have an exponent. */
function roughly(bytes: Uint8Array, from: number): number {
  let whole = 0;
  let point = 0;
  let at = from;
  for (let byte = bytes[at] ?? 0; whole < 100_000_000; byte = bytes[++at] ?? 0) {
    if (byte >= ZERO && byte <= NINE) whole = whole * 10 + byte - ZERO;
    else if (byte === POINT && point === 0) point = at;
    else break;
  }
  const scale = powers[point === 0 ? 0 : at - point - 1];
  // Before an exponent stands one digit.
  return at === from || scale === undefined || (point === from + 1 && bytes[from] !== ZERO) ? NaN : whole / scale;
}

/** NaN for what is no number; an exponent goes the long way. */
function numberIn(bytes: Uint8Array, from: number, to: number): number {
  let whole = 0;
  let scale = 1;
  let behind = false;
  for (let at = from; at < to; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === POINT && !behind) behind = true;
    else if (byte < ZERO || byte > NINE || (whole >= MOST && !behind)) return numberOf(textIn(bytes, from, to)) ?? NaN;
    else if (whole < MOST) {
      whole = whole * 10 + byte - ZERO;
      if (behind) scale *= 10;
    }
  }
  return to > from ? whole / scale : NaN;
}

const textIn = (bytes: Uint8Array, from: number, to: number): string =>
  String.fromCharCode(...bytes.subarray(from, Math.min(to, from + 200)));
