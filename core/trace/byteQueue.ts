// Bytes in pieces -> one contiguous stretch of what no record has taken yet. Each byte is copied once, whatever the pieces.

export class ByteQueue {
  private buffer = new Uint8Array(0);
  private from = 0;
  private to = 0;

  /** `offset`: where in the file the first byte lies that will be pushed; `ahead`: how many of them nobody wants. */
  constructor(
    private offset: number,
    private unwanted: number,
  ) {}

  /** Offset in the file of the first byte held. */
  get start(): number {
    return this.offset;
  }

  /** Bytes that are still to come and that nobody wants. */
  get ahead(): number {
    return this.unwanted;
  }

  get length(): number {
    return this.to - this.from;
  }

  /** What is held. Valid until the next `push`. */
  get bytes(): Uint8Array {
    return this.buffer.subarray(this.from, this.to);
  }

  push(piece: Uint8Array): void {
    const skipped = Math.min(this.unwanted, piece.length);
    this.unwanted -= skipped;
    this.offset += skipped;
    const rest = skipped > 0 ? piece.subarray(skipped) : piece;
    this.makeRoom(rest.length);
    this.buffer.set(rest, this.to);
    this.to += rest.length;
  }

  /** Gives up the first `count` bytes, also those that have not come yet. */
  drop(count: number): void {
    const here = Math.min(count, this.length);
    this.from += here;
    this.offset += here;
    this.unwanted += count - here;
  }

  private makeRoom(more: number): void {
    if (this.to + more <= this.buffer.length) return;
    const needed = this.length + more;
    // A much too large buffer, left by one large record, is given back.
    const fits = needed <= this.buffer.length && needed * 8 >= this.buffer.length;
    const target = fits ? this.buffer : new Uint8Array(needed + (this.length >> 1));
    target.set(this.bytes);
    this.to = this.length;
    this.from = 0;
    this.buffer = target;
  }
}
