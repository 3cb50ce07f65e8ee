// Several lenses over groups of samples: sums, pairs, steps; which lenses fit which references; what a group's interval promises.
import { describe, expect, it } from "vitest";
import { Agreement, mergedSteps, passMark, type Cell } from "../../../core/lenses/agreement";
import { goldKind, referenceFor } from "../../../core/lenses/gold";
import { judgeOne } from "../../../core/lenses/judge";
import { suggestLenses } from "../../../core/lenses/suggest";
import { groupedWilson, wilson } from "../../../core/metrics/intervals";
import { seeded } from "../random";

describe("agreement", () => {
  const ids = ["gsm8k-strict", "gsm8k-flexible"];
  const group = (at: number, step: number | null, texts: string[], gold: string, reward: Cell[]) => ({
    at,
    step,
    cells: texts.map((response, i): Cell[] => [
      ...ids.map((id) => judgeOne({ id, options: {} }, { response, gold }).verdict),
      reward[i] ?? null,
    ]),
  });
  const all = new Agreement(3);
  all.add(group(0, 1, ["I get 12", "It is 12 then"], "12", ["pass", "pass"]));
  all.add(group(1, 2, ["The answer is 12.", "12"], "12", ["pass", "fail"]));
  all.add(group(2, 3, ["The answer is 11."], "12", [null]));
  all.add(group(3, null, ["Twelve: 12"], "12", ["fail"]));

  it("counts verdicts, passes that another column does not give, and passes by step", () => {
    expect([all.groups, all.samples]).toEqual([4, 6]);
    expect(all.totals).toEqual([
      { pass: 1, fail: 1, none: 4 },
      { pass: 5, fail: 1, none: 0 },
      { pass: 3, fail: 2, none: 0 },
    ]);
    expect(all.only).toEqual([
      [0, 0, 0],
      [4, 0, 2],
      [2, 0, 0],
    ]);
    expect(all.both[1]?.[2]).toBe(3);
    expect(all.shared[0]).toEqual([0, 6, 5]);
    expect(all.steps()).toEqual([
      { step: 1, pass: [0, 2, 2], n: [2, 2, 2] },
      { step: 2, pass: [1, 2, 1], n: [2, 2, 2] },
      { step: 3, pass: [0, 0, 0], n: [1, 1, 0] },
    ]);
    expect(all.disagreements(1, 2)).toEqual([
      { at: 1, samples: [1] },
      { at: 3, samples: [0] },
    ]);
    expect(all.disagreements(0, 1)).toEqual([]);
  });

  it("adds neighbouring steps up where there are too many, and loses none", () => {
    const steps = Array.from({ length: 10 }, (_, step) => ({ step, pass: [step, 1], n: [10, 2] }));
    const merged = mergedSteps(steps, 4);
    expect(merged.map(({ step }) => step)).toEqual([0, 3, 6, 9]);
    expect(merged[0]).toEqual({ step: 0, pass: [3, 3], n: [30, 6] });
    expect(merged.reduce((sum, { pass }) => sum + (pass[0] ?? 0), 0)).toBe(45);
    expect(mergedSteps(steps, 10)).toEqual(steps);
  });

  it.each([
    [0, 1, 0.5],
    [1, 1, 0.5],
    [0, 0, 0],
    [-1, 1, 0],
    [-100, 1, 0],
    [0.1, 1.1, 0.55],
    [-1, -1, -0.5],
  ])("takes rewards from %d to %d above %d for a pass", (low, high, mark) => {
    expect(passMark(low, high)).toBeCloseTo(mark);
  });
});

describe("an interval over groups", () => {
  it("is as wide as that of the groups where their samples are all alike, and as that of the samples where they are not", () => {
    const sums = (groups: readonly (readonly [k: number, m: number])[]) => ({
      passes: groups.reduce((sum, [k]) => sum + k, 0),
      n: groups.reduce((sum, [, m]) => sum + m, 0),
      groups: groups.length,
      kk: groups.reduce((sum, [k]) => sum + k * k, 0),
      km: groups.reduce((sum, [k, m]) => sum + k * m, 0),
      mm: groups.reduce((sum, [, m]) => sum + m * m, 0),
    });
    const alike = Array.from({ length: 40 }, (_, i) => [i % 2 === 0 ? 8 : 0, 8] as const);
    expect(groupedWilson(sums(alike))).toEqual(wilson(0.5, 40));
    const random = seeded(5);
    const apart = Array.from({ length: 400 }, () => {
      const k = Array.from({ length: 8 }, () => random() < 0.5).filter(Boolean).length;
      return [k, 8] as const;
    });
    const { low, high } = groupedWilson(sums(apart)) ?? { low: 0, high: 1 };
    const free = wilson(sums(apart).passes / 3200, 3200) ?? { low: 0, high: 0 };
    expect((high - low) / (free.high - free.low)).toBeGreaterThan(0.999);
    expect((high - low) / (free.high - free.low)).toBeLessThan(1.15);
    // One prompt says as much as one prompt can, however many samples it has.
    expect(groupedWilson(sums([[4, 8]]))).toEqual(wilson(0.5, 1));
    expect(groupedWilson(sums([[0, 8]]))).toEqual(wilson(0, 1));
    expect(groupedWilson(sums([]))).toBeNull();
  });
});

describe("which lenses fit", () => {
  it.each([
    ["1,234", "number"],
    [" -3.5 ", "number"],
    ["$12", "number"],
    ["\\frac{1}{2}", "mathematics"],
    ["x^2 + 1", "mathematics"],
    ["We add. \\boxed{7}", "mathematics"],
    ["[1, 2)", "mathematics"],
    ["Paris", "text"],
    ["B", "text"],
    ["", "none"],
    [null, "none"],
    [["3", "4"], "number"],
    [{ func_name: "validate_title" }, "constraints"],
    ['{"func_name": "validate_title"}', "constraints"],
    [{ instruction_id_list: [], kwargs: [] }, "constraints"],
    [{ nothing: 1 }, "none"],
  ])("%j is of the kind %s", (gold, kind) => {
    expect(goldKind(gold)).toBe(kind);
  });

  it("opens records around answers and takes the number of a whole solution", () => {
    expect(referenceFor("6 and 12 are 18.\n#### 18", undefined)).toBe("18");
    expect(referenceFor("#### no\nother line", undefined)).toBe("#### no\nother line");
    expect(referenceFor('{"target":["a","b"]}', { target: ["a", "b"] })).toEqual(["a", "b"]);
    expect(referenceFor("x", { ground_truth: "#### 4", style: "rule" })).toBe("4");
    const constraints = { instruction_id_list: ["punctuation:no_comma"], kwargs: [{}] };
    expect(referenceFor(JSON.stringify(constraints), constraints)).toBe(constraints);
  });

  it("goes by the references, and by the forms that answers are written in", () => {
    const of = (golds: unknown[], response: string): string[] =>
      suggestLenses(golds.map((gold) => ({ response, gold }))).lenses;
    expect(of(["3", "4"], "It is 3")).toEqual(["gsm8k-strict", "gsm8k-flexible", "numeric"]);
    expect(of(["3", "4"], "\\boxed{3}")).toEqual(["gsm8k-strict", "boxed-strict", "gsm8k-flexible", "numeric"]);
    expect(of(["\\frac12"], "Final Answer: The final answer is $x$.")).toEqual([
      "boxed-strict",
      "minerva",
      "latex-equal",
    ]);
    expect(of(["pear"], "a pear")).toEqual(["exact", "normalised"]);
    expect(of([{ func_name: "validate_title" }, null], "")).toEqual(["ifeval"]);
    expect(suggestLenses([{ response: "{}", gold: null }])).toEqual({ lenses: [], kinds: ["none"] });
  });
});
