// The part of a log that a view holds: lines, where they begin and end in the file, and a bound on how many.
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

/** A log that became shorter was begun anew: the caller must start over. */
export function withLater(held: LogLines, page: LogPage): LogLines | "restarted" {
  if (page.size < held.end) return "restarted";
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
