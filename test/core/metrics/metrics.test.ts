// Intervals, thinning and names.
import { describe, expect, it } from "vitest";
import { wilson } from "../../../core/metrics/intervals";
import { canonicalName, seriesRank } from "../../../core/metrics/names";
import { thin } from "../../../core/metrics/thin";
import { seeded } from "../random";

const rounded = (rate: number, n: number): number[] => {
  const interval = wilson(rate, n);
  return interval ? [interval.low, interval.high].map((bound) => Math.round(bound * 100) / 100) : [];
};

describe("wilson", () => {
  it("gives the intervals of formats/gui-and-trainers.md 5.10", () => {
    expect(rounded(1 / 3, 3)).toEqual([0.06, 0.79]);
    expect(rounded(1, 5)).toEqual([0.57, 1]);
    expect(rounded(84 / 137, 137)).toEqual([0.53, 0.69]);
    expect(rounded(75 / 137, 137)).toEqual([0.46, 0.63]);
  });

  it("is exact at the ends and silent without trials", () => {
    expect(wilson(0, 10)?.low).toBe(0);
    expect(wilson(1, 10)?.high).toBe(1);
    for (const [rate, n] of [
      [0.5, 0],
      [NaN, 5],
      [1.2, 5],
      [-0.1, 5],
      [0.5, NaN],
      [0.5, Infinity],
    ] as const) {
      expect(wilson(rate, n)).toBeNull();
    }
  });
});

describe("thin", () => {
  it("leaves short columns as they are", () => {
    expect(thin([1, 2, 3], [4, NaN, 6], 10)).toEqual({ steps: [1, 2, 3], values: [4, NaN, 6] });
    expect(thin([], [], 10)).toEqual({ steps: [], values: [] });
  });

  it("keeps ends, extremes, order and one non-finite value a bucket, within the limit", () => {
    const random = seeded(9);
    for (const limit of [5, 6, 7, 50, 999]) {
      const count = 10_000;
      const steps = Array.from({ length: count }, (_, i) => i * 3);
      const values = steps.map(() => random());
      values[1234] = -5;
      values[7777] = 9;
      const calm = thin(steps, values, limit);
      expect(calm.steps.length).toBeLessThanOrEqual(limit);
      expect(calm.values).toContain(-5);
      expect(calm.values).toContain(9);
      expect([calm.steps[0], calm.steps.at(-1)]).toEqual([0, (count - 1) * 3]);
      expect(calm.steps).toEqual([...calm.steps].sort((a, b) => a - b));
      values[5000] = NaN;
      const odd = thin(steps, values, limit);
      expect(odd.steps.length).toBeLessThanOrEqual(limit);
      expect(odd.steps).toContain(15_000);
      expect(odd.values).toContain(-5);
    }
  });

  it("takes typed columns, also of nothing but NaN", () => {
    const values = new Float64Array(1000).fill(NaN);
    const thinned = thin(
      Float64Array.from({ length: 1000 }, (_, i) => i),
      values,
      20,
    );
    expect(thinned.values.every(Number.isNaN)).toBe(true);
    expect(thinned.steps.length).toBeLessThanOrEqual(20);
  });
});

describe("canonicalName", () => {
  it("brings trainers' names together and leaves strangers alone", () => {
    expect(
      ["train/loss", "critic/score/mean", "rewards/format/mean", "eval_loss", "val/acc", "oak"].map(canonicalName),
    ).toEqual(["loss", "reward", "reward/format", "eval/loss", "eval/acc", "oak"]);
  });

  it("puts reward, loss and KL first", () => {
    const names = ["zebra", "lr", "kl", "reward/format", "loss", "reward"];
    expect([...names].sort((a, b) => seriesRank(a) - seriesRank(b))).toEqual([
      "reward",
      "loss",
      "kl",
      "lr",
      "reward/format",
      "zebra",
    ]);
  });
});
