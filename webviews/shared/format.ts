// Numbers, sizes and times as a person reads them. Views only; exports and the wire keep full precision.
import type { WireNumber } from "../../core/model/number";
import { plural, t } from "./strings";

const locale = (): string | undefined => (typeof document === "object" && document.documentElement.lang) || undefined;

const grouped = (value: number): string => value.toLocaleString(locale(), { maximumFractionDigits: 0 });

/** 0.612 · 12,480 · 1.2e-5 · NaN · – for a value that is missing. */
export function formatNumber(value: WireNumber | undefined, digits = 3, least = 1): string {
  if (value === null || value === undefined) return "–";
  const number = Number(value);
  if (Number.isNaN(number)) return "NaN";
  if (!Number.isFinite(number)) return number > 0 ? "∞" : "−∞";
  const size = Math.abs(number);
  if (size !== 0 && (size < 1e-3 || size >= 1e9))
    return minus(trimExponent(number.toExponential(Math.max(0, digits - 2))));
  if (Number.isInteger(number) || size >= 1000) return minus(grouped(number));
  return minus(
    number.toLocaleString(locale(), {
      maximumSignificantDigits: digits,
      minimumSignificantDigits: least,
    }),
  );
}

/** For columns: 0.990 under 0.938, rather than 0.99. */
export const formatAligned = (value: WireNumber): string => formatNumber(value, 3, 3);

/** Labels of one axis share their decimals, so that they can be compared at a glance. */
export function formatTick(value: number, spacing: number): string {
  const decimals = spacing > 0 ? Math.max(0, -Math.floor(Math.log10(spacing) + 1e-9)) : 0;
  if (value === 0) return "0";
  if (decimals > 4 || Math.abs(value) >= 1e6) return formatNumber(value, 3);
  return minus(value.toLocaleString(locale(), { minimumFractionDigits: decimals, maximumFractionDigits: decimals }));
}

export function formatSigned(value: WireNumber): string {
  const text = formatNumber(value);
  return typeof value === "number" && value > 0 ? `+${text}` : text;
}

export const formatCount = (value: number): string => grouped(value);

/** A rate as a percentage; anything else as a number. */
export function formatShare(value: number): string {
  return `${(value * 100).toLocaleString(locale(), { maximumFractionDigits: value > 0 && value < 0.1 ? 1 : 0 })} %`;
}

export function formatBytes(bytes: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let size = bytes;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${unit === 0 ? size : formatNumber(Number(size.toPrecision(3)))} ${units[unit] ?? ""}`;
}

export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return t("{0} s", whole);
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return t("{0} min", minutes);
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? t("{0} h", hours) : t("{0} h {1} min", hours, minutes % 60);
  return plural(Math.round(hours / 24), "{0} day", "{0} days");
}

export function formatTime(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  return at.toLocaleString(locale(), { dateStyle: "medium", timeStyle: "short" });
}

/** `step` of a series is nearly always whole; epochs are not. */
export function formatStep(step: number): string {
  return Number.isInteger(step) ? grouped(step) : formatNumber(step, 4);
}

const trimExponent = (text: string): string => text.replace(/\.?0*e/, "e").replace("e+", "e");
/** A true minus sign: a hyphen is easily overlooked in front of a narrow figure. */
const minus = (text: string): string => (text.startsWith("-") ? `−${text.slice(1)}` : text);
