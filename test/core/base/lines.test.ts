// Bytes into lines: what every follower of a file rests on.
import { describe, expect, it } from "vitest";
import { LineSplitter } from "../../../core/base/lines";
import { seeded } from "../random";

function collect(options: { offset?: number; limit?: number } = {}): {
  splitter: LineSplitter;
  lines: [number, string][];
  tooLong: [number, number][];
} {
  const lines: [number, string][] = [];
  const tooLong: [number, number][] = [];
  const splitter = new LineSplitter(
    (bytes, start, end, offset) => lines.push([offset, Buffer.from(bytes.slice(start, end)).toString()]),
    { limit: 1000, ...options, onTooLong: (offset, size) => tooLong.push([offset, size]) },
  );
  return { splitter, lines, tooLong };
}

describe("LineSplitter", () => {
  it("hands out whole lines with their offsets, and holds back a half one", () => {
    const { splitter, lines } = collect({ offset: 100 });
    splitter.push(Buffer.from("one\n\ntwo\nthr"));
    expect(lines).toEqual([
      [100, "one"],
      [104, ""],
      [105, "two"],
    ]);
    expect([splitter.resumeOffset, splitter.pending]).toEqual([109, 3]);
    splitter.push(Buffer.from("ee\n"));
    expect(lines.at(-1)).toEqual([109, "three"]);
    expect([splitter.resumeOffset, splitter.pending]).toEqual([115, 0]);
  });

  it("hands out the last line without a newline on flush, once", () => {
    const { splitter, lines } = collect();
    splitter.push(Buffer.from("a\nlast"));
    splitter.flush();
    splitter.flush();
    expect(lines).toEqual([
      [0, "a"],
      [2, "last"],
    ]);
    expect(splitter.resumeOffset).toBe(6);
  });

  it("keeps a half line although the caller reuses its Buffer", () => {
    const { splitter, lines } = collect();
    const buffer = Buffer.alloc(4);
    for (const piece of ["abcd", "efgh", "ij\nk", "l\n\n\n"]) {
      buffer.write(piece);
      splitter.push(buffer);
    }
    expect(lines).toEqual([
      [0, "abcdefghij"],
      [11, "kl"],
      [14, ""],
      [15, ""],
    ]);
  });

  it("reports a line above the limit with its size, keeps nothing of it, and goes on", () => {
    for (const pieces of [[`${"x".repeat(50)}\nok\n`], ["x".repeat(20), "x".repeat(30), "\nok\n"]]) {
      const { splitter, lines, tooLong } = collect({ limit: 10 });
      for (const piece of pieces) splitter.push(Buffer.from(piece));
      expect(tooLong).toEqual([[0, 50]]);
      expect(lines).toEqual([[51, "ok"]]);
    }
    const { splitter, tooLong } = collect({ limit: 10 });
    splitter.push(Buffer.from("x".repeat(50)));
    splitter.flush();
    expect(tooLong).toEqual([[0, 50]]);
  });

  it("gives the same lines however the bytes are cut", () => {
    const random = seeded(3);
    const text = Array.from({ length: 200 }, () => "z".repeat(Math.floor(random() ** 4 * 60))).join("\n");
    const whole = text.split("\n");
    for (let round = 0; round < 200; round++) {
      const { splitter, lines } = collect();
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length;) {
        const next = Math.min(bytes.length, at + 1 + Math.floor(random() * 300));
        splitter.push(bytes.subarray(at, next));
        at = next;
      }
      splitter.flush();
      expect(lines.map(([, line]) => line)).toEqual(whole.at(-1) === "" ? whole.slice(0, -1) : whole);
      expect(lines.every(([offset, line]) => text.startsWith(line, offset))).toBe(true);
    }
  });
});
