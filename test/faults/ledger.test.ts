// The ledger must see what the faults suite looks for, or its zeros mean nothing.
import { describe, expect, it } from "vitest";
import { compare, hashOf, logName, metricLine, rolloutLine, traceLine } from "./ledger";
import { isWrong, markdown } from "./report";
import type { Row } from "./row";

const lines = Array.from({ length: 50 }, (_, n) => logName(`step ${n}`));

describe("the ledger of the faults suite", () => {
  it("finds nothing where every line was answered once, in any order", () => {
    expect(compare(lines, [...lines].reverse())).toEqual({ lost: [], doubled: [] });
    expect(hashOf(lines)).toBe(hashOf([...lines].reverse()));
  });

  it("names a lost line, a doubled one, and one that was never written", () => {
    expect(compare(lines, lines.slice(1))).toEqual({ lost: ["log step 0"], doubled: [] });
    expect(compare(lines, [...lines, "log step 3"])).toEqual({ lost: [], doubled: ["log step 3"] });
    expect(compare(lines, [...lines.slice(1), "log step 99"])).toEqual({
      lost: ["log step 0"],
      doubled: ["log step 99"],
    });
  });

  it("tells lines apart by everything that they say", () => {
    const long = "x".repeat(2000);
    expect(logName(`${long}a`)).not.toBe(logName(`${long}b`));
    expect(metricLine('{"step": 1, "reward": 0.5}')).not.toBe(metricLine('{"step": 1, "reward": 0.25}'));
    const group = { prompt_id: "p", step: 1, completions: ["a", "b"] };
    expect(traceLine(JSON.stringify(group))).toBe(rolloutLine("p", 1, ["a", "b"]));
    expect(traceLine(JSON.stringify(group))).not.toBe(rolloutLine("p", 1, ["a", "c"]));
  });

  it("calls a row wrong for a lost line, a doubled one, a late state and a fault that was not played", () => {
    const right: Row = {
      fault: "f",
      shown: "lost",
      seconds: 1,
      lost: [],
      doubled: [],
      destroyed: ["a"],
      lines: 3,
      hash: "",
    };
    expect(isWrong(right)).toBe(false);
    for (const wrong of [
      { ...right, lost: ["a"] },
      { ...right, doubled: ["a"] },
      { ...right, seconds: 15.1 },
    ])
      expect(isWrong(wrong)).toBe(true);
    expect(isWrong({ fault: "f", failed: "it broke" })).toBe(true);
    expect(markdown([right], 3)).toMatch(
      /\| f +\| lost +\| 1\.0 \| 3 +\| 0 +\| 0 +\| 1 +\|[\s\S]*destroyed by the fault: `a`/,
    );
    const rows: Row[] = [
      { ...right, lost: ["a", "b"], doubled: ["c"], seconds: 16 },
      { fault: "g", failed: "x" },
      { fault: "h", missing: "y" },
    ];
    expect(markdown([right, ...rows], 3)).toContain(
      "\n2 faults, 6 lines: 2 lost, 1 doubled; 1 shown later than 15 s, 1 failed, 1 left out; 3 s.\n",
    );
    expect(markdown([right], 1201)).toContain("1201 s, over the 1200 s that the suite may take.");
  });
});
