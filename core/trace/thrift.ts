// Thrift's compact protocol as far as parquet's page headers need it: a struct's whole numbers and inner structs; the rest is crossed.

export type ThriftStruct = Map<number, number | ThriftStruct>;

const kind = { yes: 1, no: 2, byte: 3, i16: 4, i32: 5, i64: 6, double: 7, binary: 8, list: 9, set: 10, struct: 12 };
/** Deeper than any header; damage must not reach the end of the stack. */
const DEEPEST = 16;

/** The struct at the start of `bytes` and its length in bytes. Throws a RangeError where the bytes end inside it, or are none. */
export function readStruct(bytes: Uint8Array): { fields: ThriftStruct; size: number } {
  let at = 0;
  const next = (): number => {
    const byte = bytes[at++];
    if (byte === undefined) throw new RangeError("the struct is longer than its bytes");
    return byte;
  };
  const varint = (): number => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = next();
      value += (byte & 127) * shift;
      if (byte < 128) return value;
      if (shift > 2 ** 63) throw new RangeError("a number is too long");
    }
  };
  const signed = (): number => {
    const raw = varint();
    return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2;
  };
  const value = (type: number, depth: number): number | ThriftStruct => {
    if (depth > DEEPEST) throw new RangeError("structs lie too deep");
    if (type === kind.yes || type === kind.no) return type === kind.yes ? 1 : 0;
    if (type === kind.byte) return next();
    if (type === kind.i16 || type === kind.i32 || type === kind.i64) return signed();
    if (type === kind.double) at += 8;
    else if (type === kind.binary) {
      // Not in one step: the number moves the place too.
      const length = varint();
      at += length;
    } else if (type === kind.list || type === kind.set) list(depth);
    else if (type === kind.struct) return struct(depth + 1);
    else throw new RangeError(`no such type as ${String(type)}`);
    if (at > bytes.length) throw new RangeError("the struct is longer than its bytes");
    return NaN;
  };
  const list = (depth: number): void => {
    const head = next();
    const count = head >> 4 === 15 ? varint() : head >> 4;
    // In a list a truth value has its own byte.
    for (let i = 0; i < count; i++) value((head & 15) <= kind.no ? kind.byte : head & 15, depth + 1);
  };
  const struct = (depth: number): ThriftStruct => {
    const fields: ThriftStruct = new Map();
    let id = 0;
    for (let head = next(); head !== 0; head = next()) {
      id = head >> 4 === 0 ? signed() : id + (head >> 4);
      fields.set(id, value(head & 15, depth));
    }
    return fields;
  };
  return { fields: struct(0), size: at };
}
