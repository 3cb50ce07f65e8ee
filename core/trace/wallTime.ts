// Wall times as trainers and monitors write them: seconds or milliseconds since 1970, ISO, nvidia-smi's slashes.
import { numberOf } from "../base/json";

/** Columns and fields that hold one, most telling first. */
export const timeKeys = [
  "_timestamp",
  "timestamp",
  "wall_time",
  "wall time",
  "walltime",
  "datetime",
  "time",
  "ts",
  "created_at",
];

/** 2001 to 2100: a smaller number counts from something else, such as the start of the run. */
const EARLIEST = 978_307_200;
const LATEST = 4_102_444_800;

const within = (seconds: number): number | null => (seconds >= EARLIEST && seconds <= LATEST ? seconds : null);

/** Seconds since 1970, or null for what is no wall time. A time without a zone is local, as Python's `datetime.now()` writes it. */
export function wallSeconds(value: unknown): number | null {
  const number = numberOf(value);
  if (number !== null) return within(number) ?? within(number / 1000) ?? within(number / 1e6) ?? within(number / 1e9);
  if (typeof value !== "string") return null;
  const text = value.trim();
  if (!/^\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d/.test(text)) return null;
  const iso = text.replace(/^(\d{4})\/(\d\d)\/(\d\d)/, "$1-$2-$3").replace(/^(\S+) (\d)/, "$1T$2");
  const milliseconds = Date.parse(iso.replace(/[.,](\d{3})\d*/, ".$1").replace(/ ?UTC$/, "Z"));
  return Number.isNaN(milliseconds) ? null : within(milliseconds / 1000);
}
