// A growing column of numbers in blocks: full blocks are packed into the narrowest form that keeps every number as it is, so
// that nine columns of a million rollouts take some 20 MB, and growing copies nothing.

type Block = Uint8Array | Uint16Array | Uint32Array | Float32Array | Float64Array;

/** `base` is added to whole numbers, which are kept as their distance from the block's smallest. */
export interface PackedBlock {
  base: number;
  data: Block;
}

/** Rows of a block. */
export const BLOCK = 16_384;

export class PackedColumn {
  private readonly full: PackedBlock[] = [];
  private open = new Float64Array(64);
  private used = 0;

  get length(): number {
    return this.full.length * BLOCK + this.used;
  }

  push(value: number): void {
    if (this.used === this.open.length) this.widen();
    this.open[this.used++] = value;
    if (this.used < BLOCK) return;
    this.full.push(packed(this.open));
    this.used = 0;
  }

  /** NaN outside of the column. */
  at(index: number): number {
    const block = this.full[Math.floor(index / BLOCK)];
    if (block) return block.base + (block.data[index % BLOCK] ?? NaN);
    const place = index - this.full.length * BLOCK;
    return place < this.used ? (this.open[place] ?? NaN) : NaN;
  }

  set(index: number, value: number): void {
    const place = index % BLOCK;
    const number = Math.floor(index / BLOCK);
    const block = this.full[number];
    if (!block) this.open[place] = value;
    else if (block.base + (block.data[place] ?? NaN) !== value) {
      const wide = Float64Array.from(block.data, (held) => block.base + held);
      wide[place] = value;
      this.full[number] = { base: 0, data: wide };
    }
  }

  /** Block `number` as it is saved; the last one is as long as it is full. */
  block(number: number): PackedBlock {
    return this.full[number] ?? packed(this.open.subarray(0, this.used));
  }

  /** Appends what `block` gave. */
  add({ base, data }: PackedBlock): void {
    if (this.used === 0 && data.length === BLOCK) this.full.push({ base, data });
    else for (const value of data) this.push(base + value);
  }

  private widen(): void {
    const wider = new Float64Array(Math.min(BLOCK, this.open.length * 4));
    wider.set(this.open);
    this.open = wider;
  }
}

/** A copy of `values` in the narrowest form that loses nothing. */
function packed(values: Float64Array): PackedBlock {
  let whole = true;
  let single = true;
  let least = Infinity;
  let most = -Infinity;
  for (const value of values) {
    // -0 is no whole number here: a distance from a base has no sign.
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) whole = false;
    if (!Object.is(Math.fround(value), value)) single = false;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  const span = most - least;
  if (whole && span < 2 ** 32) {
    const Narrow = span < 2 ** 8 ? Uint8Array : span < 2 ** 16 ? Uint16Array : Uint32Array;
    return { base: least, data: new Narrow(values.map((value) => value - least)) };
  }
  return { base: 0, data: single ? new Float32Array(values) : values.slice() };
}
