// Finding fields in undecoded bytes must agree with JSON.parse.
import { describe, expect, it } from "vitest";
import { ascii, checkUtf8, findFields, lastByte, startsWith, valueIn } from "../../../core/trace/scan";
import { seeded } from "../random";
import { Collector } from "./collect";

const keys = ["rewards", "version", "x"];
const keyBytes = keys.map(ascii);

function found(text: string): unknown[] | null {
  // Bytes before and after, as inside a chunk of a file.
  const bytes = Buffer.from(`"}]${text}\n{"rewards": [0], "x": "`);
  const end = 3 + Buffer.byteLength(text);
  const ranges = findFields(bytes, 3, end, keyBytes);
  return ranges && ranges.map((range) => valueIn(bytes, range));
}

describe("findFields", () => {
  it("finds own keys only, the last of equal ones", () => {
    expect(found('{"rewards": [1, 2], "version": 3}')).toEqual([[1, 2], 3, undefined]);
    expect(found('{"n": {"rewards": [7], "x": 1}, "l": [{"x": 2}], "x": "a\\"b,}"}')).toEqual([
      undefined,
      undefined,
      'a"b,}',
    ]);
    expect(found('{"c": ["\\", \\"rewards\\": [9]", ", \\"x\\": 1"], "rewards":[NaN]}')).toEqual([
      [NaN],
      undefined,
      undefined,
    ]);
    expect(found('{"x": 1, "x": 2}')).toEqual([undefined, undefined, 2]);
    expect(found("{}")).toEqual([undefined, undefined, undefined]);
    expect(found(' { "x" : null , "version" : true } \r')).toEqual([undefined, true, null]);
  });

  it("answers null where it cannot tell, so that the caller parses", () => {
    for (const text of [
      "",
      "[]",
      "17",
      "{",
      '{"x": 1',
      '{"x" 1}',
      '{"x": }',
      '{"a\\u0062": 1}',
      '{"x": "open',
      '{"x": 1} {}',
      '{"x": [1}',
    ]) {
      expect([text, found(text)]).toEqual([text, null]);
    }
  });

  it("agrees with JSON.parse on objects made at random", () => {
    const random = seeded(17);
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
    const value = (depth: number): unknown => {
      const kind = Math.floor(random() * (depth > 2 ? 4 : 6));
      if (kind === 0) return Math.round(random() * 1e6) / 100 - 500;
      if (kind === 1) return pick([true, false, null]);
      if (kind < 4)
        return Array.from({ length: Math.floor(random() * 40) }, () =>
          pick([...'ab"\\,:{}[]\n é🍵', "\\\\", "rewards"]),
        ).join("");
      if (kind === 4) return Array.from({ length: Math.floor(random() * 4) }, () => value(depth + 1));
      return object(depth + 1);
    };
    const object = (depth: number): Record<string, unknown> =>
      Object.fromEntries(
        Array.from({ length: Math.floor(random() * 5) }, () => [
          pick([...keys, "y", "long key, with: marks", "{"]),
          value(depth),
        ]),
      );
    for (let round = 0; round < 3000; round++) {
      const made = object(0);
      const text = JSON.stringify(made, null, pick([0, 1]));
      expect(found(text)).toEqual(keys.map((key) => made[key]));
    }
  });
});

describe("bytes", () => {
  it("are compared and looked at without decoding", () => {
    const bytes = Buffer.from('xx{"type": 1} \r');
    expect(startsWith(bytes, 2, bytes.length, ascii('{"type"'))).toBe(true);
    expect(startsWith(bytes, 2, 5, ascii('{"type"'))).toBe(false);
    expect(lastByte(bytes, 0, bytes.length)).toBe(125);
    expect(lastByte(Buffer.from("  \t"), 0, 3)).toBe(-1);
  });

  it("are found to be no UTF-8 wherever the bad one stands", () => {
    for (let size = 0; size < 40; size++) {
      for (let bad = -1; bad < size; bad++) {
        for (let start = 0; start < 4; start++) {
          const bytes = Buffer.alloc(start + size + 3, 0xff);
          bytes.fill(97, start, start + size);
          if (bad >= 0) bytes[start + bad] = 0xe9;
          const sink = new Collector();
          checkUtf8(bytes, start, start + size, sink);
          expect(sink.collected.diagnostics.length).toBe(bad >= 0 ? 1 : 0);
        }
      }
    }
    const sink = new Collector();
    const fine = Buffer.from("é🍵 \uFFFD");
    checkUtf8(fine, 0, fine.length, sink);
    expect(sink.collected.diagnostics).toEqual([]);
  });
});
