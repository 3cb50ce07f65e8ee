// verl's console (utils/logger/aggregate_logger.py:26; formats/gui-and-trainers.md 3.4): `step:12 - actor/pg_loss:-0.005 - ...`, behind
// Ray's prefixes and colours; numbers as pformat writes them, `np.float64(0.5)` among them.
import { isFields, numberOf } from "../../base/json";
import { canonicalName } from "../../metrics/names";
import { plain } from "../console";
import { listOf } from "../document";
import { pythonLiteral } from "../../base/pythonLiteral";
import type { LineParser, LineReader, RecordSink, SourceSample } from "../reader";
import { ascii, checkUtf8 } from "../scan";

const decoder = new TextDecoder();
const stepHead = ascii("step:");
const INITIAL = "Initial validation metrics:";
const initialHead = ascii("Initial validation");
const rayPrefix = /^\s*\([\w.()]+ pid=\d+[^)]*\)\s?/;
/** pprint breaks its text into lines; more than this is no dict of metrics. */
const LONGEST_DICT = 64;

interface State {
  /** The beginning of a dict that goes on in the lines to come. */
  open: string[];
  /** What the initial validation said: verl logs it once more, as step 0. */
  said: string[];
}

class VerlConsoleParser implements LineParser {
  private open: string[] = [];
  private said: string[] = [];

  constructor(
    private readonly sink: RecordSink,
    saved?: unknown,
  ) {
    if (!isFields(saved)) return;
    this.open = listOf(saved.open).filter((l) => typeof l === "string");
    this.said = listOf(saved.said).filter((l) => typeof l === "string");
  }

  line(bytes: Uint8Array, start: number, end: number): void {
    checkUtf8(bytes, start, end, this.sink);
    const line = bytes.subarray(start, end);
    if (this.open.length === 0 && !holds(line, stepHead) && !holds(line, initialHead)) return;
    const text = plain(decoder.decode(line)).replace(rayPrefix, "").trimEnd();
    // A bar is drawn before its line, or behind it.
    const logged = text.split("\r").flatMap((piece) => metricsOf(piece) ?? []);
    if (logged.length > 0) {
      this.open = [];
      for (const metrics of logged) this.log(metrics);
    } else if (this.open.length > 0 || text.includes(INITIAL)) this.initial(text);
  }

  state(): State {
    return { open: [...this.open], said: [...this.said] };
  }

  private log({ step, values, odd }: Metrics): void {
    const again = step === 0 ? this.said : [];
    for (const [key, value] of values) if (!again.includes(key)) this.point(key, step, value);
    if (odd === 0) return;
    const message = `${String(odd)} values of the step are no numbers.`;
    this.sink.diagnostic({ code: "odd-value", severity: "warning", message });
  }

  private initial(text: string): void {
    this.open.push(text);
    const dict = dictOf(this.open.join("\n"));
    if (!dict && this.open.length < LONGEST_DICT) return;
    if (!dict) {
      const message = "The initial validation's metrics do not end.";
      this.sink.diagnostic({ code: "torn-line", severity: "warning", message });
    }
    this.open = [];
    this.said = [];
    for (const [key, value] of Object.entries(dict ?? {})) {
      const number = numberOf(value);
      if (number === null) continue;
      this.point(key, 0, number);
      this.said.push(key);
    }
  }

  private point(key: string, step: number, value: number): void {
    this.sink.point(key, step, value);
  }
}

interface Metrics {
  step: number;
  values: [string, number][];
  odd: number;
}

function metricsOf(text: string): Metrics | null {
  const match = /(?:^|[\s\]])step:(\d+) - (.*)$/.exec(text);
  if (!match) return null;
  const values: [string, number][] = [];
  let odd = 0;
  for (const pair of (match[2] ?? "").replace(/ \[repeated \d+x across cluster\].*$/, "").split(" - ")) {
    const colon = pair.lastIndexOf(":");
    const number = colon > 0 ? numberIn(pair.slice(colon + 1)) : null;
    if (number === null) odd++;
    else values.push([pair.slice(0, colon).trim(), number]);
  }
  return values.length > 0 ? { step: Number(match[1]), values, odd } : null;
}

function numberIn(text: string): number | null {
  return numberOf(text) ?? numberOf(pythonLiteral(text.trim())?.value);
}

/** `pprint` of a text that holds a dict: on one line, or in quoted pieces in parentheses. */
function dictOf(text: string): Record<string, unknown> | null {
  const open = text.indexOf("{", text.indexOf(INITIAL));
  const direct = open < 0 ? null : pythonLiteral(text, open);
  const value = direct?.value ?? dictInPieces(text);
  return isFields(value) ? { ...value } : null;
}

function dictInPieces(text: string): unknown {
  const at = text.search(/\(\s*(['"])/);
  if (at < 0 || !/['"]\s*\)\s*$/.test(text)) return null;
  let joined = "";
  for (let from = at + 1; ;) {
    const piece = pythonLiteral(text, from);
    if (typeof piece?.value !== "string") break;
    joined += piece.value;
    from = piece.end;
  }
  const open = joined.indexOf("{");
  return open < 0 ? null : pythonLiteral(joined, open)?.value;
}

function holds(line: Uint8Array, what: Uint8Array): boolean {
  const first = what[0] ?? 0;
  for (let at = line.indexOf(first); at >= 0; at = line.indexOf(first, at + 1)) {
    let i = 1;
    while (i < what.length && line[at + i] === what[i]) i++;
    if (i === what.length) return true;
  }
  return false;
}

/** Keys are paths, which tells verl's line from anybody's `step:3 - done`. */
function detect(sample: SourceSample): number {
  if (!sample.head.includes("step:") || /^\s*[[{]"/.test(sample.head)) return 0;
  for (const line of plain(sample.head).split(/[\r\n]/)) {
    const metrics = metricsOf(line);
    if (metrics && metrics.values.some(([key]) => key.includes("/")) && metrics.odd === 0) return 0.9;
  }
  return 0;
}

export const verlConsole: LineReader = {
  id: "verl-console",
  title: "verl console",
  version: 2,
  axis: "step",
  input: "lines",
  detect,
  canonical: (raw) => (raw.startsWith("train/") ? canonicalName(raw.slice("train/".length)) : null),
  open: (sink, saved) => new VerlConsoleParser(sink, saved),
};
