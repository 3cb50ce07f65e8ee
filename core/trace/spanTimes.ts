// What the phases of a step took, summed by name until somebody asks: `{"type": "span", "name": "optim_step", "ts": 12.5, "dur": 0.2}`.
// Spans of single completions and requests run beside one another, so their sum is no time of the step; there are millions of them,
// and they are passed over by their first bytes.
import { isFields, numberOf, textOf, type Fields } from "../base/json";
import { ascii, startsWith } from "./scan";

const head = ascii('{"type": "span", "name": "');
const request = ascii("vllm.");
const verdict = ascii("verify");
/** An outer `verify` holds its two times and nothing else; that of a completion a worker, a slot, a verdict and a prompt as well. */
const LONGEST_OUTER = 100;
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

interface Sum {
  name: string;
  seconds: number;
  /** Spans since the last time somebody asked. */
  count: number;
}

export class SpanTimes {
  private readonly sums = new Map<string, Sum>();
  /** By a hash of the name's bytes: a trace has some thirty names, and none is decoded twice. */
  private readonly known = new Map<number, Sum>();

  constructor(saved: unknown) {
    for (const item of Array.isArray(saved) ? saved : [])
      if (isFields(item) && typeof item.name === "string")
        this.sums.set(item.name, { seconds: 0, count: 0, ...item, name: item.name });
  }

  state(): unknown {
    return [...this.sums.values()];
  }

  /** `last`: the place of the line's last byte. False where it is no span as Python writes it: then it is for `add`. */
  line(bytes: Uint8Array, start: number, last: number): boolean {
    if (bytes[last] !== CLOSE || !startsWith(bytes, start, last, head)) return false;
    const from = start + head.length;
    if (startsWith(bytes, from, last, request)) return true;
    if (last - start > LONGEST_OUTER && startsWith(bytes, from, last, verdict)) return true;
    let at = from;
    let hash = 5381;
    for (; at < last && bytes[at] !== QUOTE; at++) hash = (Math.imul(hash, 33) ^ (bytes[at] ?? 0)) | 0;
    const nameEnd = at;
    // `", "ts": 12.5, "dur": 0.0023`: the number behind the second colon.
    for (let colons = 0; at < last && colons < 2; at++) if (bytes[at] === COLON) colons++;
    if (bytes[at] === SPACE) at++;
    let end = at;
    while (end < last && bytes[end] !== COMMA) end++;
    const seconds = numberIn(bytes, at, end);
    if (Number.isNaN(seconds)) return false;
    let sum = this.known.get(hash);
    if (!sum) this.known.set(hash, (sum = this.sumOf(textIn(bytes, from, nameEnd))));
    sum.seconds += seconds;
    sum.count++;
    return true;
  }

  /** A span that was parsed, of another writer. */
  add(event: Fields): void {
    const seconds = numberOf(event.dur);
    const name = textOf(event.name);
    if (seconds === null || name === null || name.startsWith("vllm.") || "worker" in event) return;
    const sum = this.sumOf(name);
    sum.seconds += seconds;
    sum.count++;
  }

  /** What came since the last call. */
  *take(): Generator<{ name: string; seconds: number }> {
    for (const sum of this.sums.values()) {
      const { name, seconds, count } = sum;
      if (count > 0) yield { name, seconds };
      sum.seconds = sum.count = 0;
    }
  }

  private sumOf(name: string): Sum {
    let sum = this.sums.get(name);
    if (!sum) this.sums.set(name, (sum = { name, seconds: 0, count: 0 }));
    return sum;
  }
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
