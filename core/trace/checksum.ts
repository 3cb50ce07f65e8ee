// CRC-32 over part of a buffer, four bytes at a time: event files use Castagnoli's polynomial, W&B the one of zlib.

export type Crc = (bytes: Uint8Array, start: number, end: number, seed?: number) => number;

/** `polynomial` is reflected. `seed` is the result for the bytes before. */
function crcOf(polynomial: number): Crc {
  const tables = Array.from({ length: 4 }, () => new Uint32Array(256));
  const [t0 = new Uint32Array(256), t1 = t0, t2 = t0, t3 = t0] = tables;
  for (let n = 0; n < 256; n++) {
    let c = n;
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ polynomial : c >>> 1;
    t0[n] = c >>> 0;
  }
  const next = (table: Uint32Array, n: number): number => (t0[(table[n] ?? 0) & 255] ?? 0) ^ ((table[n] ?? 0) >>> 8);
  for (let n = 0; n < 256; n++) {
    t1[n] = next(t0, n);
    t2[n] = next(t1, n);
    t3[n] = next(t2, n);
  }
  return (bytes, start, end, seed = 0) => {
    let c = ~seed;
    let at = start;
    for (; at + 4 <= end; at += 4) {
      c ^= (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
      c = (t3[c & 255] ?? 0) ^ (t2[(c >>> 8) & 255] ?? 0) ^ (t1[(c >>> 16) & 255] ?? 0) ^ (t0[c >>> 24] ?? 0);
    }
    for (; at < end; at++) c = (t0[(c ^ (bytes[at] ?? 0)) & 255] ?? 0) ^ (c >>> 8);
    return ~c >>> 0;
  };
}

export const crc32c = crcOf(0x82f63b78);
export const crc32 = crcOf(0xedb88320);
