// The parts of the views that draw nothing: numbers, curves, text, terminal output, eval grid, saved choices.
import { describe, expect, it } from "vitest";
import type { EvalTable } from "../../core/model/evaluation";
import type { Series } from "../../core/model/series";
import { ansiPieces, foldReturns } from "../../webviews/shared/ansi";
import { curveData, nearest, smooth, sortSeries, thin } from "../../webviews/shared/curveData";
import { panned, within, zoomed } from "../../webviews/shared/curveRange";
import { evalColumns, evalRows } from "../../webviews/shared/evalGrid";
import { formatBytes, formatDuration, formatNumber, formatTick } from "../../webviews/shared/format";
import { stretches, visible } from "../../webviews/shared/text";
import { readViewState } from "../../webviews/shared/viewState";
import { makeEvals, makeSeries, random } from "./harness/data";

describe("numbers", () => {
  it.each([
    [0.6123, "0.612"],
    [12480, "12,480"],
    [0.000012, "1.2e-5"],
    [0, "0"],
    [-0.25, "−0.25"],
    ["NaN", "NaN"],
    ["-Infinity", "−∞"],
    [null, "–"],
    [0.05, "0.05"],
    [1234567, "1,234,567"],
  ] as const)("%s is written %s", (value, text) => expect(formatNumber(value)).toBe(text));

  it("writes durations, sizes and ticks", () => {
    expect([45, 120, 4320, 200_000].map(formatDuration)).toEqual(["45 s", "2 min", "1 h 12 min", "2 days"]);
    expect(formatBytes(184_220)).toBe("184 KB");
    expect([0, 0.25, 0.5].map((v) => formatTick(v, 0.25))).toEqual(["0", "0.3", "0.5"]);
    expect([0, 0.5, 1].map((v) => formatTick(v, 0.5))).toEqual(["0", "0.5", "1.0"]);
  });
});

describe("a stretch of steps", () => {
  const whole = { from: 0, to: 1000 };

  it("comes closer around a place that stays where it is, and never leaves what there is", () => {
    expect(zoomed(whole, whole, 250, 0.5)).toEqual({ from: 125, to: 625 });
    expect(zoomed({ from: 0, to: 100 }, whole, 0, 2)).toEqual({ from: 0, to: 200 });
    expect(zoomed({ from: 900, to: 1000 }, whole, 900, 2)).toEqual({ from: 800, to: 1000 });
    expect(zoomed({ from: 0, to: 600 }, whole, 300, 2)).toBeNull();
    expect(panned({ from: 0, to: 100 }, whole, -1)).toEqual({ from: 0, to: 100 });
    expect(panned({ from: 850, to: 950 }, whole, 1)).toEqual({ from: 900, to: 1000 });
  });

  it("is drawn with its neighbours, so that lines go on to the edge", () => {
    const points = Array.from({ length: 10 }, (_, n) => ({ x: n * 10, y: n }));
    expect(within(points, { from: 32, to: 48 }).map((p) => p.x)).toEqual([20, 30, 40, 50, 60]);
    expect(within(points, { from: -5, to: 200 })).toHaveLength(10);
    expect(within(points, null)).toBe(points);
  });
});

describe("curves", () => {
  const series = (steps: Series["steps"], values: Series["values"]): Series => ({
    ...makeSeries(1)[0]!,
    steps,
    values,
  });

  it("keeps NaN as a gap and counts it, skips what is missing, sorts a resumed run", () => {
    const data = curveData(series([1, 2, 3, 2], [1, "NaN", null, 4]), 0);
    expect(data.points.map((p) => p.x)).toEqual([1, 2, 2]);
    expect(data.odd).toHaveLength(1);
    expect([data.min, data.max]).toEqual([1, 4]);
  });

  it("smooths without dragging the start to zero", () => {
    const flat = smooth(
      [1, 2, 3].map((x) => ({ x, y: 5 })),
      0.9,
    );
    flat.forEach((p) => expect(p.y).toBeCloseTo(5));
  });

  it("thins a million points and loses no extreme", () => {
    const next = random(1);
    const points = Array.from({ length: 1_000_000 }, (_, x) => ({
      x,
      y: x === 777_777 ? 99 : x === 5 ? Number.NaN : next(),
    }));
    const thinned = thin(points, 300);
    expect(thinned.length).toBeLessThanOrEqual(1500);
    expect(thinned.some((p) => p.y === 99)).toBe(true);
    expect(thinned.some((p) => Number.isNaN(p.y))).toBe(true);
    expect(thinned.at(-1)?.x).toBe(999_999);
  });

  it("finds the nearest point and orders reward first", () => {
    const points = [0, 10, 20].map((x) => ({ x, y: 0 }));
    expect([-5, 4, 6, 14.9, 99].map((x) => nearest(points, x))).toEqual([0, 0, 1, 1, 2]);
    expect(nearest([], 3)).toBe(-1);
    expect(
      sortSeries(makeSeries(1))
        .map((s) => s.name)
        .slice(0, 3),
    ).toEqual(["reward", "loss", "kl"]);
  });
});

describe("text", () => {
  it("cuts around spans, whatever they are", () => {
    expect(stretches("abcdef", [[2, 4], undefined, [3, 5], [9, 12], [4, 99]])).toEqual([
      { text: "ab", action: null },
      { text: "cd", action: 0 },
      { text: "ef", action: 4 },
    ]);
    const next = random(4);
    for (let i = 0; i < 300; i++) {
      const spans = Array.from({ length: 4 }, (): [number, number] => [
        Math.floor(next() * 14) - 2,
        Math.floor(next() * 14),
      ]);
      const text = "0123456789";
      expect(
        stretches(text, spans)
          .map((s) => s.text)
          .join(""),
      ).toBe(text);
    }
  });

  it("names direction overrides and control signs", () => {
    expect(visible("a\u202Eb\u0000c\n\té")).toBe("a⟨U+202E⟩b␀c\n\té");
  });

  it("keeps terminal colours, drops the other escapes, folds progress bars", () => {
    expect(ansiPieces("\u001b[1;32mok\u001b[0m \u001b[2Kdone\u001b]8;;http://x\u0007link")).toEqual([
      { text: "ok", style: "c2 bold" },
      { text: " donelink", style: "" },
    ]);
    expect(foldReturns(" 1%\r 50%\r100%\r")).toBe("100%");
    expect(ansiPieces("\u001b[38;5;196mred\u001b[39m").map((p) => p.text)).toEqual(["red"]);
  });
});

describe("evals", () => {
  it("orders base, sft, grpo and takes null for worse", () => {
    const columns = evalColumns(makeEvals());
    expect(columns.map((c) => c.label)).toEqual(["base", "sft", "grpo"]);
    const rows = evalRows(columns);
    const best = (name: string): boolean[] => rows.find((r) => r.name === name)?.cells.map((c) => c.best) ?? [];
    expect(best("mean_coord_error")).toEqual([false, false, true]);
    expect(rows.find((r) => r.name === "action_type_accuracy")?.cells[2]?.close).toBe(true);
  });

  it("compares nothing of other sets, and says so", () => {
    const [base, sft, grpo] = evalColumns(makeEvals());
    const rows = (columns: EvalTable[]): (string | null)[] =>
      evalRows(columns).map(({ unlike, cells }) => (cells.some(({ best }) => best) ? "best" : unlike));
    expect(rows([base!, { ...grpo!, episodes: 4 }])).toEqual(
      Array(4).fill("base and grpo are of other sizes (32 and 4 episodes): not to be compared."),
    );
    expect(rows([base!, { ...grpo!, steps: 28 }])[0]).toContain("(224 and 28 steps)");
    const named = (table: EvalTable, benchmark: string, set: string): EvalTable => ({ ...table, benchmark, set });
    expect(rows([named(sft!, "pears", "a"), named(grpo!, "figs", "a")])[0]).toContain("benchmarks (pears, figs)");
    expect(rows([named(sft!, "pears", "a"), named(grpo!, "pears", "b")])[0]).toContain("of other samples");
    expect(rows([named(sft!, "pears", "a"), named(grpo!, "pears", "a")])).toEqual(Array(4).fill("best"));
  });

  it("says where one set was judged on other numbers of cases", () => {
    const [, sft, grpo] = evalColumns(makeEvals());
    const fewer = { ...grpo!, metrics: grpo!.metrics.map((m) => (m.name === "click_hit_rate" ? { ...m, n: 5 } : m)) };
    const row = evalRows([sft!, fewer]).find(({ name }) => name === "click_hit_rate");
    expect(row?.unlike).toBe("click_hit_rate rests on n=96 in sft and n=5 in grpo: not of the same cases.");
    expect(row?.cells[1]?.best).toBe(true);
  });

  it("calls nobody best where all are equal or there is one column", () => {
    const [only] = makeEvals();
    expect(evalRows([only!]).some((r) => r.cells.some((c) => c.best))).toBe(false);
    expect(evalRows([only!, { ...only!, label: "twin" }]).some((r) => r.cells.some((c) => c.best))).toBe(false);
  });
});

describe("saved choices", () => {
  it("falls back field by field", () => {
    expect(readViewState({ tab: "nowhere", smoothing: 0.3, step: 12 })).toMatchObject({
      tab: "curves",
      smoothing: 0.3,
      step: 12,
    });
    expect(readViewState("junk").follow).toBe(true);
  });
});
