// Contents on their way: records of a content's hash (32 bytes), its whole size (8), where this part begins (8), how long it
// is (4), all big-endian, and the bytes. A content smaller than a pack is one record; a larger one comes in order, in several packs.
export interface PackRecord {
  sha256: string;
  total: number;
  offset: number;
  bytes: Uint8Array;
}

const HEAD = 52;

export function packRecords(records: readonly PackRecord[]): Uint8Array {
  const pack = new Uint8Array(records.reduce((sum, { bytes }) => sum + HEAD + bytes.length, 0));
  const view = new DataView(pack.buffer);
  let at = 0;
  for (const { sha256, total, offset, bytes } of records) {
    for (let i = 0; i < 32; i++) pack[at + i] = parseInt(sha256.slice(2 * i, 2 * i + 2), 16);
    view.setBigUint64(at + 32, BigInt(total));
    view.setBigUint64(at + 40, BigInt(offset));
    view.setUint32(at + 48, bytes.length);
    pack.set(bytes, at + HEAD);
    at += HEAD + bytes.length;
  }
  return pack;
}

/** Null where the pack is cut or a part lies outside its content. The records' bytes are views. */
export function unpackRecords(pack: Uint8Array): PackRecord[] | null {
  const view = new DataView(pack.buffer, pack.byteOffset, pack.byteLength);
  const records: PackRecord[] = [];
  for (let at = 0; at < pack.length;) {
    if (at + HEAD > pack.length) return null;
    const sha256 = Array.from(pack.subarray(at, at + 32), (byte) => byte.toString(16).padStart(2, "0")).join("");
    const total = Number(view.getBigUint64(at + 32));
    const offset = Number(view.getBigUint64(at + 40));
    const length = view.getUint32(at + 48);
    const end = at + HEAD + length;
    if (end > pack.length || offset + length > total) return null;
    records.push({ sha256, total, offset, bytes: pack.subarray(at + HEAD, end) });
    at = end;
  }
  return records;
}
