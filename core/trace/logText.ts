// Lines of a console log as text: colours, progress bars and the prefixes of Ray and of launchers taken off.
import { numberOf } from "../base/json";
import type { RecordSink } from "./reader";
import { decode } from "./scan";

/** Console lines are short; what is longer is somebody's data, and not worth a regular expression. */
const LONGEST = 20_000;
const colours = /\u001b\[[0-9;?]*[A-Za-z]/g;

/** One line: what stood last on it (a bar is redrawn behind `\r`), without colours. */
export function logLine(bytes: Uint8Array, start: number, end: number, sink: RecordSink): string {
  const text = decode(bytes, start, Math.min(end, start + LONGEST), sink)
    .replace(colours, "")
    .trimEnd();
  return text.slice(text.lastIndexOf("\r") + 1);
}

/** `(TitanModelRank pid=12345) ` before and ` [repeated 8x across cluster]` behind (Ray), `[train] ` of a combined launcher. */
export function withoutPrefixes(line: string): string {
  return line
    .replace(/^\[(train|eval)\] /, "")
    .replace(/^\([\w.()]+ pid=\d+(?:, ip=[\d.]+)?\) /, "")
    .replace(/ \[repeated \d+x across cluster\].*$/, "");
}

/** Whole lines of a head, the last one only where the file ends there. */
export function headLines(sample: { head: string; size: number }): string[] {
  const lines = sample.head.replace(colours, "").split(/\r?\n/);
  if (sample.head.length < sample.size && lines.length > 1) lines.pop();
  return lines.map((line) => line.slice(line.lastIndexOf("\r") + 1));
}

/** `key=value` pairs whose values are numbers, `nan` and `inf` among them. */
export function numbersIn(text: string, pattern = /(?<![\w./@-])([A-Za-z_][\w./@-]*)=([^\s,]+)/g): [string, number][] {
  return [...text.matchAll(pattern)].flatMap(([, key = "", value = ""]) => {
    const number = numberOf(value);
    return number === null ? [] : [[key, number] satisfies [string, number]];
  });
}

/** The numbers of a Python dict printed on one line: keys quoted, values bare or (transformers 5) quoted. */
export const numbersInDict = (text: string): [string, number][] =>
  numbersIn(text, /['"]([^'"]+)['"]:\s*['"]?([-+\w.]+)['"]?/g);
