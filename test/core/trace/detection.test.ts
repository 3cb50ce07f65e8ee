// Which reader a file has is decided by its first 64 KB, which is all that is read of it, whatever stands behind them.
import { open } from "node:fs/promises";
import { appendFileSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { HEAD_BYTES, sampleOf } from "../../../remote-agent/index/discover";
import { detectReader, readers } from "../../../core/trace/registry";
import { tempFolder } from "../../support/tempFolder";

const root = join(import.meta.dirname, "../../fixtures/traces");

/** Every fixture, and what reads it. */
const fixtures = readers.flatMap((reader) =>
  readdirSync(join(root, reader.id))
    .filter((name) => name !== "SOURCE.md" && !name.endsWith(".golden.json"))
    .map((name) => ({ id: reader.id, name, bytes: readFileSync(join(root, reader.id, name)) })),
);

afterEach(() => void vi.restoreAllMocks());

/** Counts the bytes that anybody reads through a file handle. */
async function countReads(): Promise<() => number> {
  const handle = await open(import.meta.filename, "r");
  const prototype = Reflect.getPrototypeOf(handle) as typeof handle;
  await handle.close();
  let total = 0;
  const original = prototype.read;
  const counting = async function (this: typeof handle, ...args: Parameters<typeof original>) {
    const result = await original.apply(this, args);
    total += result.bytesRead;
    return result;
  };
  vi.spyOn(prototype, "read").mockImplementation(counting);
  return () => total;
}

describe("detection", () => {
  it("reads 64 KB of a file of a gigabyte, and of parquet its last 64 KB", async () => {
    const folder = tempFolder("large");
    for (const { id, name, bytes } of fixtures) {
      const absolute = join(folder, id, name);
      mkdirSync(join(folder, id), { recursive: true });
      writeFileSync(absolute, bytes);
      // A hole costs no disk. Parquet's directory stands at the end, so there the file itself does.
      truncateSync(absolute, 1e9);
      if (id === "trl-completions") appendFileSync(absolute, bytes);
      const read = await countReads();
      const sample = await sampleOf({ path: name, absolute });
      expect([name, read()]).toEqual([name, HEAD_BYTES * (id === "trl-completions" ? 2 : 1)]);
      expect(sample?.head.length).toBeLessThanOrEqual(HEAD_BYTES);
      vi.restoreAllMocks();
    }
  });

  it("is not misled by what stands behind them", async () => {
    const folder = tempFolder("misleading");
    // Of formats with a record a line, with more of the same up to 64 KB and all the others' records behind.
    const texts = readers.flatMap(({ id, input }) =>
      input === "lines" ? fixtures.filter((f) => f.id === id).slice(0, 1) : [],
    );
    let recognised = 0;
    const others = Buffer.concat(texts.map(({ bytes }) => bytes));
    for (const { id, name, bytes } of texts) {
      const whole = Buffer.concat([bytes, Buffer.from("\n")]);
      const times = Math.ceil(HEAD_BYTES / whole.length);
      const absolute = join(folder, `x${name.slice(name.lastIndexOf("."))}`);
      writeFileSync(absolute, Buffer.concat([...Array.from({ length: times }, () => whole), others]));
      const alone = detectReader({ path: name, size: whole.length * times, head: headOf(whole, times) });
      const sample = await sampleOf({ path: name, absolute });
      expect([id, name, sample && detectReader(sample)?.reader.id]).toEqual([id, name, alone?.reader.id]);
      if (alone?.reader.id === id) recognised++;
    }
    // A fixture with rows of odd lengths, said over and over, is no table of its format any more.
    expect(recognised).toBeGreaterThan(texts.length * 0.8);
  });

  it("opens nothing by its name", () => {
    for (const { name } of fixtures)
      expect([name, detectReader({ path: name, size: 12, head: "nothing here" })]).toEqual([name, null]);
  });
});

const headOf = (whole: Buffer, times: number): string =>
  Buffer.concat(Array.from({ length: times }, () => whole)).toString("utf8", 0, HEAD_BYTES);
