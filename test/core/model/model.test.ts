// The vocabulary's few functions: the reducer, advantages, ids, numbers on the wire.
import { describe, expect, it } from "vitest";
import { fromWire, toWire, wireColumn } from "../../../core/model/number";
import { groupAdvantages } from "../../../core/model/rollout";
import { newRunId, runIdPattern } from "../../../core/model/run";
import { applyRunDelta, emptyRunState, snapshotOf, type RunDelta, type RunState } from "../../../core/model/runState";
import type { SeriesPatch } from "../../../core/model/series";

const patch = (
  mode: "append" | "replace",
  steps: number[],
  values: SeriesPatch["values"],
  key = "f#loss",
): SeriesPatch => ({
  key,
  name: "loss",
  raw: "loss",
  source: "f",
  axis: "step",
  total: steps.length,
  mode,
  steps,
  values,
});

function after(...deltas: RunDelta[]): RunState {
  return deltas.reduce((state, delta) => {
    const next = applyRunDelta(state, delta);
    if (next === "gap") throw new Error("gap");
    return next;
  }, emptyRunState);
}

describe("applyRunDelta", () => {
  const first: RunDelta = { from: null, to: "1", title: "pears", series: [patch("replace", [1, 2], [0.5, "NaN"])] };

  it("appends what continues the state and keeps the rest", () => {
    const state = after(first, { from: "1", to: "2", series: [patch("append", [3], [0.25])], logSize: 7 });
    expect(state.series.get("f#loss")).toMatchObject({ steps: [1, 2, 3], values: [0.5, "NaN", 0.25] });
    expect(state.series.get("f#loss")).not.toHaveProperty("mode");
    expect([state.cursor, state.title, state.logSize]).toEqual(["2", "pears", 7]);
  });

  it("replaces a series that was thinned anew, and takes an append to nothing as the beginning", () => {
    const state = after(first, {
      from: "1",
      to: "2",
      series: [patch("replace", [1, 9], [1, 2]), patch("append", [4], [5], "f#kl")],
    });
    expect(state.series.get("f#loss")?.steps).toEqual([1, 9]);
    expect(state.series.get("f#kl")?.steps).toEqual([4]);
  });

  it("answers gap to a delta that continues another state, and changes nothing", () => {
    const state = after(first);
    expect(applyRunDelta(state, { from: "0", to: "3", title: "x" })).toBe("gap");
    expect(applyRunDelta(emptyRunState, { from: "1", to: "2" })).toBe("gap");
    expect(state.title).toBe("pears");
  });

  it("starts from nothing on a snapshot", () => {
    const state = after(first, { from: null, to: "9", counts: { rollouts: 1, episodes: 0, evals: 0, checkpoints: 0 } });
    expect([state.cursor, state.title, state.series.size, state.counts.rollouts]).toEqual(["9", "", 0, 1]);
  });

  it("does not change the state it was given", () => {
    const state = after(first);
    const before = JSON.stringify([...state.series]);
    applyRunDelta(state, { from: "1", to: "2", series: [patch("append", [3], [1])] });
    expect(JSON.stringify([...state.series])).toBe(before);
  });

  it("is restored by its own snapshot", () => {
    const state = after(first, { from: "1", to: "2", series: [patch("append", [3], ["Infinity"])], indexing: false });
    expect(applyRunDelta(emptyRunState, snapshotOf(state))).toEqual(state);
  });
});

describe("groupAdvantages", () => {
  it("normalises within the group by the population's deviation", () => {
    expect(groupAdvantages([1, 0, 0, 1])).toEqual([1, -1, -1, 1]);
    expect(groupAdvantages([1, null, 0, NaN])).toEqual([1, null, -1, null]);
  });

  it("has none where all rewards are equal or alone", () => {
    expect(groupAdvantages([0.3, 0.3])).toEqual([null, null]);
    expect(groupAdvantages([1])).toEqual([null]);
    expect(groupAdvantages([])).toEqual([]);
  });
});

describe("newRunId", () => {
  const now = new Date("2026-11-20T23:59:59.987Z");

  it("sorts by time and says what was run", () => {
    expect(newRunId(now, "GRPO.yaml", () => 0.5)).toBe("20261120-235959-grpo-yaml-iiii");
  });

  it("is an id whatever the config is called", () => {
    const odd = ["", "---", "日本語", "../../etc/passwd", "x".repeat(200), `${"y".repeat(31)}--z`, "$(rm -rf ~)"];
    for (const name of odd) {
      for (const random of [0, 0.999999]) expect(newRunId(now, name, () => random)).toMatch(runIdPattern);
    }
  });
});

describe("numbers on the wire", () => {
  it("keep what is not finite, and missing stays missing", () => {
    for (const value of [0, -1.5, NaN, Infinity, -Infinity]) expect(fromWire(toWire(value))).toBe(value);
    expect([toWire(null), toWire(undefined), fromWire(null)]).toEqual([null, null, null]);
    expect(toWire(NaN)).toBe("NaN");
    expect(wireColumn.safeParse([1, null, "NaN", "-Infinity"]).success).toBe(true);
    for (const bad of [["1"], [undefined], 3, [{}]]) expect(wireColumn.safeParse(bad).success).toBe(false);
  });
});
