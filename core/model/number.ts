// Not-a-number is data: on the wire and in --json a non-finite value is one of three strings, and null means missing.
import * as z from "zod/mini";

export type WireNumber = number | "NaN" | "Infinity" | "-Infinity" | null;

export const wireNumber = z.union([
  z.number(),
  z.literal("NaN"),
  z.literal("Infinity"),
  z.literal("-Infinity"),
  z.null(),
]);

export function toWire(value: number | null | undefined): WireNumber {
  if (value === null || value === undefined) return null;
  if (Number.isFinite(value)) return value;
  if (Number.isNaN(value)) return "NaN";
  return value > 0 ? "Infinity" : "-Infinity";
}

/** null (missing) stays null: callers must not take it for 0. */
export function fromWire(value: WireNumber): number | null {
  return typeof value === "string" ? Number(value) : value;
}

/** A long column of numbers. Checked element by element in one pass, which costs a fraction of zod's own array check. */
export const wireColumn = z.custom<WireNumber[]>((value) => {
  if (!Array.isArray(value)) return false;
  return value.every(
    (v) => typeof v === "number" || v === null || v === "NaN" || v === "Infinity" || v === "-Infinity",
  );
}, "a column of numbers");
