// Bytes in chunks -> whole lines with their byte offsets, without copying a line that lies inside one chunk.
// The agent's tail feeds it; a line longer than `limit` is reported and skipped instead of filling memory.

/** A line is `bytes[start, end)` without its newline; `offset` is where it begins in the file. */
export type LineSink = (bytes: Uint8Array, start: number, end: number, offset: number) => void;

const NEWLINE = 10;

export class LineSplitter {
  private rest: Uint8Array[] = [];
  private restSize = 0;
  private skipping = false;
  /** File offset of the first byte that has not been handed out as part of a whole line. */
  private lineStart: number;

  constructor(
    private readonly sink: LineSink,
    private readonly options: { offset?: number; limit: number; onTooLong: (offset: number, size: number) => void },
  ) {
    this.lineStart = options.offset ?? 0;
  }

  /** Where reading must resume so that a half line is read again from its start. */
  get resumeOffset(): number {
    return this.lineStart;
  }

  /** Bytes seen of a line whose newline has not come yet. */
  get pending(): number {
    return this.restSize;
  }

  /** Whether the unfinished last line ends with this byte: a `}` means that it may be whole. */
  endsWith(byte: number): boolean {
    const last = this.rest[this.rest.length - 1];
    return last !== undefined && last[last.length - 1] === byte;
  }

  /** The unfinished last line, for whoever must look at it to know whether it is whole. Empty where it is too long to be kept. */
  peek(): Uint8Array {
    return this.skipping || this.restSize === 0 ? new Uint8Array(0) : this.joined();
  }

  push(chunk: Uint8Array): void {
    let at = 0;
    if (this.restSize > 0) {
      const end = chunk.indexOf(NEWLINE);
      if (end < 0) {
        this.keep(chunk);
        return;
      }
      this.finishRest(chunk, end);
      at = end + 1;
    }
    for (let end = chunk.indexOf(NEWLINE, at); end >= 0; end = chunk.indexOf(NEWLINE, at)) {
      const size = end - at;
      if (size > this.options.limit) this.options.onTooLong(this.lineStart, size);
      else this.emit(chunk, at, end);
      this.lineStart += size + 1;
      at = end + 1;
    }
    if (at < chunk.length) this.keep(chunk.subarray(at));
  }

  /** The unfinished last line, for a file that is known to be complete. It is handed out without a newline having come. */
  flush(): void {
    if (this.restSize === 0) return;
    const size = this.restSize;
    if (this.skipping) this.options.onTooLong(this.lineStart, size);
    else this.emit(this.joined(), 0, size);
    this.lineStart += size;
    this.drop();
  }

  /** A byte order mark before the first line belongs to the file and not to the line. */
  private emit(bytes: Uint8Array, start: number, end: number): void {
    const marked =
      this.lineStart === 0 && bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf;
    if (marked) this.sink(bytes, start + 3, end, 3);
    else this.sink(bytes, start, end, this.lineStart);
  }

  private keep(piece: Uint8Array): void {
    this.restSize += piece.length;
    if (this.restSize > this.options.limit) {
      this.skipping = true;
      this.rest = [];
    }
    // A copy, because the caller reuses its read buffer; not slice(), which on a Node Buffer is only a view.
    if (!this.skipping) this.rest.push(new Uint8Array(piece));
  }

  private finishRest(chunk: Uint8Array, end: number): void {
    const size = this.restSize + end;
    if (this.skipping || size > this.options.limit) this.options.onTooLong(this.lineStart, size);
    else {
      this.rest.push(chunk.subarray(0, end));
      this.restSize = size;
      this.emit(this.joined(), 0, size);
    }
    this.lineStart += size + 1;
    this.drop();
  }

  private joined(): Uint8Array {
    if (this.rest.length === 1 && this.rest[0]) return this.rest[0];
    const whole = new Uint8Array(this.restSize);
    let at = 0;
    for (const piece of this.rest) {
      whole.set(piece, at);
      at += piece.length;
    }
    return whole;
  }

  private drop(): void {
    this.rest = [];
    this.restSize = 0;
    this.skipping = false;
  }
}
