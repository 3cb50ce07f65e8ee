// The part of a log that a view holds: lines, where they begin and end in the file, and a bound on how many.
import { stars } from "../../core/base/stars";
import type { LogPage } from "./runReads";

export interface LogLines {
  lines: readonly string[];
  start: number;
  end: number;
  size: number;
  /** Lines let go at the top, because a view is not a place to hold a whole log. */
  dropped: number;
  /** The last line has no end yet: what comes next belongs to it. */
  open: boolean;
  /** What is asked for next: the last line again if it has no end yet, because half a secret is not masked. */
  openAt: number;
}

export const mostLines = 20_000;

const split = (text: string): string[] => {
  const lines = text.split("\n");
  if (lines[lines.length - 1] === "") lines.pop();
  return lines;
};

const isOpen = ({ text }: LogPage): boolean => text !== "" && !text.endsWith("\n");

export function fromPage(page: LogPage): LogLines {
  const { start, end, openAt, size } = page;
  return { lines: split(page.text), start, end, openAt, size, dropped: 0, open: isOpen(page) };
}

export function withEarlier(held: LogLines, page: LogPage): LogLines {
  return { ...held, lines: [...split(page.text), ...held.lines], start: page.start };
}

/**
 * Where to ask on from: a little before what comes next. A log that was cut and has grown past that place since, while nobody looked,
 * says something else there.
 */
export const askAfter = (held: LogLines): number => held.openAt - bytesOf(tailOf(held));

/** A log that was begun anew, shorter or not: the caller must start over. */
export function withLater(held: LogLines, page: LogPage): LogLines | "restarted" {
  if (page.size < held.end) return "restarted";
  const tail = page.start === held.openAt ? "" : tailOf(held);
  if (page.start !== held.openAt - bytesOf(tail) || !page.text.startsWith(tail)) return "restarted";
  return joined(held, { ...page, text: page.text.slice(tail.length) });
}

const TAIL_LINES = 4;
const LONGEST_TAIL = 4096;

/** What stands before `openAt`; "" where its length in the file is not known: what is no UTF-8 was replaced, and secrets are stars. */
function tailOf(held: LogLines): string {
  const { lines, start, openAt, open } = held;
  if (lines.length === 0) return "";
  const last = open ? settled(held) : `${lines.at(-1) ?? ""}\n`;
  const text = [...lines.slice(-TAIL_LINES, -1), last].join("\n");
  const isKnown = !text.includes("\ufffd") && !text.includes(stars);
  return isKnown && text.length <= LONGEST_TAIL && bytesOf(text) <= openAt - start ? text : "";
}

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

function joined(held: LogLines, page: LogPage): LogLines {
  const further = split(page.text);
  const rest = held.open ? further.shift() : undefined;
  const before = rest === undefined ? held.lines : [...held.lines.slice(0, -1), settled(held) + rest];
  const lines = [...before, ...further];
  const dropped = Math.max(0, lines.length - mostLines);
  return {
    lines: dropped > 0 ? lines.slice(dropped) : lines,
    start: held.start,
    end: page.end,
    openAt: page.openAt,
    size: page.size,
    dropped: held.dropped + dropped,
    open: page.text === "" ? held.open : isOpen(page),
  };
}

/** Of the open line, what does not come again: all of an endless one, else what stands before the last return of its bar. */
function settled({ lines, openAt, end }: LogLines): string {
  const last = lines.at(-1) ?? "";
  return openAt === end ? last : last.slice(0, last.lastIndexOf("\r") + 1);
}
