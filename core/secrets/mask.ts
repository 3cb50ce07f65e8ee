// Known secret values in what a box says, as stars. Applied where an answer arrives, so that no view, document or file can forget it.
import { stars } from "../base/stars";

/** In characters. Anything shorter stands in ordinary words, and masking it would eat them. */
export const shortestSecret = 8;

export interface Mask {
  /** Nothing is known, so nothing changes. */
  readonly idle: boolean;
  text(text: string): string;
  /** Every string inside a JSON value; the very same value where nothing was found. */
  value(value: unknown): unknown;
}

export const noMask: Mask = { idle: true, text: (text) => text, value: (value) => value };

/**
 * Finds a value as it is, as JSON and as a URL write it, and each longer line of one that has several. An end of a text that is the
 * beginning of a value, or the other way round, is masked too, from eight characters on: logs arrive in pieces.
 */
export function maskOf(values: Iterable<string>): Mask {
  const forms = formsOf(values);
  if (forms.length === 0) return noMask;
  const known = new RegExp(forms.map(escaped).join("|"), "g");
  const text = (given: string): string =>
    given.length < shortestSecret ? given : withoutEdges(given.replace(known, stars), forms);
  return { idle: false, text, value: (value) => deep(value, text) };
}

/** Every way of writing the values that is looked for, longest first. */
export function formsOf(values: Iterable<string>): string[] {
  const forms = new Set<string>();
  for (const value of values) {
    for (const line of [value, ...value.split(/\r?\n/)]) {
      const trimmed = line.trim();
      if (trimmed.length < shortestSecret) continue;
      for (const form of [trimmed, JSON.stringify(trimmed).slice(1, -1), urlText(trimmed)]) forms.add(form);
    }
  }
  return [...forms].sort((a, b) => b.length - a.length);
}

/** A lone surrogate has no URL form. */
function urlText(value: string): string {
  try {
    return encodeURIComponent(value);
  } catch {
    return value;
  }
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

function withoutEdges(given: string, forms: readonly string[]): string {
  let text = given;
  for (const form of forms) {
    const longest = Math.min(form.length - 1, text.length);
    for (let n = longest; n >= shortestSecret; n--) {
      if (!text.endsWith(form.slice(0, n))) continue;
      text = text.slice(0, -n) + stars;
      break;
    }
    for (let n = longest; n >= shortestSecret; n--) {
      if (!text.startsWith(form.slice(-n))) continue;
      text = stars + text.slice(n);
      break;
    }
  }
  return text;
}

function deep(value: unknown, text: (given: string) => string): unknown {
  if (typeof value === "string") return text(value);
  if (Array.isArray(value)) {
    // Columns of steps and values are the long ones, and hold no text.
    if (typeof value[0] === "number" && typeof value[value.length - 1] === "number") return value;
    const masked = value.map((each) => deep(each, text));
    return masked.some((each, i) => each !== value[i]) ? masked : value;
  }
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  const masked = entries.map(([name, each]): [string, unknown] => [text(name), deep(each, text)]);
  const same = masked.every(([name, each], i) => name === entries[i]?.[0] && each === entries[i][1]);
  return same ? value : Object.fromEntries(masked);
}
