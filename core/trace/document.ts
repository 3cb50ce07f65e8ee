// What the readers of whole JSON files share: parsing one, and its values as they are shown.
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

/** The same, without what is nothing: an empty text, list or object, which writers leave in every record. */
export function saidIn(fields: Fields, known: ReadonlySet<string>): Record<string, string> {
  return Object.fromEntries(Object.entries(restOf(fields, known)).filter(([, text]) => !/^(|\[\]|\{\})$/.test(text)));
}
