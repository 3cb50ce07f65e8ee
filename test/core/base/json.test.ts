// JSON as Python writes it.
import { describe, expect, it } from "vitest";
import { numberOf, parseJsonLine } from "../../../core/base/json";

const valueOf = (text: string): unknown => {
  const parsed = parseJsonLine(text);
  return parsed.ok ? parsed.value : undefined;
};

describe("parseJsonLine", () => {
  it("reads bare NaN and infinities as numbers", () => {
    expect(valueOf('{"a": NaN, "b": [Infinity, -Infinity, -1.5], "c": {"d":NaN}}')).toEqual({
      a: NaN,
      b: [Infinity, -Infinity, -1.5],
      c: { d: NaN },
    });
    expect(valueOf("NaN")).toBeNaN();
  });

  it("leaves those words alone inside strings", () => {
    const line = String.raw`{"x: NaN, y": "NaN", "t": "a \"NaN\\\" Infinity\\", "v": NaN, "mark": "~NaN~"}`;
    expect(valueOf(line)).toEqual({ "x: NaN, y": "NaN", t: 'a "NaN\\" Infinity\\', v: NaN, mark: "~NaN~" });
  });

  it("says what is wrong and never throws", () => {
    for (const text of ["", "{", '{"a": 1', "{]", '{"a": NaN', '{"a": "NaN', "nan", "NaN NaN", '"\\']) {
      const parsed = parseJsonLine(text);
      expect(parsed.ok).toBe(false);
      if (!parsed.ok) expect(parsed.why).toMatch(/JSON|middle/);
    }
  });

  it("reads a NaN beside a string of megabytes", () => {
    const long = '\\"x'.repeat(2_000_000);
    expect(valueOf(`{"t": "${long}", "v": NaN}`)).toMatchObject({ v: NaN });
  });
});

describe("numberOf", () => {
  it("takes numbers, also from strings, and nothing else", () => {
    expect([1, "2", " -0.5e3 ", ".5", "NaN", "inf", "-Infinity", "+inf"].map(numberOf)).toEqual([
      1,
      2,
      -500,
      0.5,
      NaN,
      Infinity,
      -Infinity,
      Infinity,
    ]);
    expect(["", "12a", "0x10", "1,5", null, undefined, true, [], {}].map(numberOf)).toEqual(Array(9).fill(null));
  });
});
