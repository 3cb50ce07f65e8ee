// Pieces of a file, read when somebody looks at them.
import { open } from "node:fs/promises";
import type { ByteRanges } from "../../core/trace/reader";

/** Gives `use` the file for as long as it takes. Rejects where the file cannot be opened. */
export async function withRanges<T>(path: string, use: (file: ByteRanges) => Promise<T>): Promise<T> {
  const handle = await open(path, "r");
  try {
    const { size } = await handle.stat();
    const read = async (start: number, end: number): Promise<Uint8Array> => {
      const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - start));
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
      return bytes.subarray(0, bytesRead);
    };
    return await use({ size, read });
  } finally {
    await handle.close();
  }
}

/** The text of `length` bytes at `offset`; null where there is none. */
export async function textAt(path: string, offset: number, length: number): Promise<string | null> {
  const handle = await open(path, "r").catch(() => null);
  try {
    const bytes = Buffer.alloc(length);
    const read = await handle?.read(bytes, 0, length, offset);
    return read ? bytes.toString("utf8", 0, read.bytesRead) : null;
  } finally {
    await handle?.close();
  }
}
