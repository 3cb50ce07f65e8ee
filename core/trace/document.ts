// What the readers of whole JSON files share: parsing one, and finding its array items as byte ranges.
import { isFields, parseJsonLine, type Fields } from "../base/json";
import type { RecordSink } from "./reader";

/** The value of a document, or undefined with its one diagnostic. A byte order mark is no part of the value. */
export function parseDocument(text: string, path: string, sink: RecordSink): unknown {
  const parsed = parseJsonLine(text.replace(/^\uFEFF/, ""));
  if (parsed.ok) return parsed.value;
  const message = `${path} is ${parsed.why}; it is read again when it changes.`;
  sink.diagnostic({ code: "truncated", severity: "warning", message });
  return undefined;
}

export function reportWrongDocument(sink: RecordSink, path: string, expected: string): void {
  sink.diagnostic({ code: "not-a-record", severity: "warning", message: `${path} is JSON, but not ${expected}.` });
}

/** The whole value of a record that was cut out of a file; undefined where it is damaged. */
export function valueOf(record: string): unknown {
  const parsed = parseJsonLine(record.replace(/^\uFEFF/, ""));
  return parsed.ok ? parsed.value : undefined;
}

/** The value of a head that holds the whole file, else undefined. */
export function headValue(sample: { head: string; size: number }): unknown {
  return /^\uFEFF?\s*[[{]/.test(sample.head) ? valueOf(sample.head) : undefined;
}

export const byteLength = (text: string): number => new TextEncoder().encode(text).length;

export const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {});

export const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** Text as it is, anything else as JSON: for values that are shown, not computed with. */
export function shown(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : (JSON.stringify(value) ?? "");
}

/** Fields that a reader does not know, kept to be shown. */
export function restOf(fields: Fields, known: ReadonlySet<string>): Record<string, string> {
  const rest = Object.entries(fields).filter(([key, value]) => !known.has(key) && value !== null);
  return Object.fromEntries(rest.map(([key, value]) => [key, shown(value)]));
}

/**
 * `[start, end)` of each item of the array under a top-level `key`, or of the top-level array where `key` is null, in UTF-16
 * units of a text that is known to be valid JSON.
 */
export function itemRanges(text: string, key: string | null): [number, number][] {
  const ranges: [number, number][] = [];
  const inside = key === null ? 1 : 2;
  let depth = 0;
  let wanted = key === null;
  let lastString: string | null = null;
  let itemStart = -1;
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? "";
    if (/\s/.test(char)) continue;
    const closes = char === "]" || char === "}";
    if (wanted && depth === inside && itemStart < 0 && char !== "," && !closes) itemStart = at;
    if (char === '"') {
      const end = stringEnd(text, at);
      if (depth === 1) lastString = text.slice(at + 1, end);
      at = end;
    } else if (char === "[" || char === "{") {
      depth++;
      if (key !== null && depth === 2) wanted = char === "[" && lastString === key;
    } else if (closes || char === ",") {
      if (wanted && depth === inside && itemStart >= 0) {
        ranges.push([itemStart, at]);
        itemStart = -1;
      }
      if (closes) depth--;
      if (closes && depth < inside) wanted = key === null && depth >= 1;
    }
  }
  return ranges;
}

function stringEnd(text: string, open: number): number {
  let at = open + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at;
}

/** Where the items lie in the file's bytes, with their texts. */
export function itemsOf(text: string, key: string | null): { offset: number; length: number; text: string }[] {
  let at = 0;
  let offset = 0;
  return itemRanges(text, key).map(([start, end]) => {
    offset += byteLength(text.slice(at, start));
    const item = text.slice(start, end).trimEnd();
    at = start;
    return { offset, length: byteLength(item), text: item };
  });
}
