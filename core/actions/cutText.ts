// A text out of which pieces were cut, which still knows where each character stood. For parsers that rewrite before they match.
import type { Span } from "./outcome";

interface Segment {
  /** Where the segment begins in the cut text. */
  at: number;
  /** Where it began in the whole text. */
  from: number;
}

export class CutText {
  private constructor(
    readonly text: string,
    private readonly segments: readonly Segment[],
  ) {}

  static of(text: string, from = 0): CutText {
    return new CutText(text, [{ at: 0, from }]);
  }

  /** The place in the whole text of a character of this one. */
  originOf(index: number): number {
    const segment = this.segments[this.segmentAt(index)];
    return segment ? segment.from + index - segment.at : index;
  }

  /** From the first to behind the last character of `[start, end)`, what was cut between them included. */
  spanOf(start: number, end: number): Span {
    const begin = this.originOf(start);
    return [begin, end > start ? this.originOf(end - 1) + 1 : begin];
  }

  slice(start: number, end: number): CutText {
    const segments: Segment[] = [];
    for (let i = this.segmentAt(start); i < this.segments.length; i++) {
      const segment = this.segments[i];
      if (!segment || (segment.at >= end && segments.length > 0)) break;
      const skipped = Math.max(0, start - segment.at);
      segments.push({ at: Math.max(0, segment.at - start), from: segment.from + skipped });
    }
    return new CutText(this.text.slice(start, end), segments);
  }

  /** Ranges in order, not overlapping. */
  without(ranges: readonly Span[]): CutText {
    if (ranges.length === 0) return this;
    const pieces: string[] = [];
    const segments: Segment[] = [];
    let at = 0;
    let begin = 0;
    for (const [start, end] of [...ranges, [this.text.length, this.text.length] as Span]) {
      const kept = this.slice(begin, start);
      for (const segment of kept.segments) segments.push({ at: at + segment.at, from: segment.from });
      pieces.push(kept.text);
      at += kept.text.length;
      begin = end;
    }
    return new CutText(pieces.join(""), segments);
  }

  /** The last segment that begins at or before `index`. */
  private segmentAt(index: number): number {
    let low = 0;
    let high = this.segments.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.segments[middle]?.at ?? 0) <= index) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
