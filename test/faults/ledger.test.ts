// The ledger must see what the faults suite looks for, or its zeros mean nothing.
import { describe, expect, it } from "vitest";
import { applyRunDelta, emptyRunState } from "../../core/model/runState";
import type { Series } from "../../core/model/series";
import { compareHeld, HeldLog } from "./held";
import { compare, hashOf, logName, metricLine, rolloutLine, traceLine } from "./ledger";
import { isWrong, markdown } from "./report";
import type { Row } from "./row";

/** A curve of these steps as the agent sends it. */
const curve = (...steps: number[]): Series => ({
  key: "metrics.jsonl#reward",
  name: "reward",
  raw: "reward",
  source: "metrics.jsonl",
  axis: "step",
  total: steps.length,
  steps,
  values: steps.map((step) => step / 10),
});

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

  it("counts what a window that follows holds twice, and what it never got, in the curve and in the log", () => {
    const steps = [1, 2, 3, 4, 5, 6];
    const disk = steps.flatMap((step) => [logName(`step ${step}`), `metric ${step} = ${step / 10}`]);
    // Each answer brings two lines; `answers` says which of them come, and how often.
    const followedBy = (...answers: number[]): { lost: string[]; doubled: string[] } => {
      const log = new HeldLog();
      let state = emptyRunState;
      answers.forEach((answer, nth) => {
        const [first, second] = [answer * 2 - 1, answer * 2];
        const next = applyRunDelta(state, {
          from: nth === 0 ? null : state.cursor,
          to: `after ${nth}`,
          series: [{ ...curve(first, second), total: 6, mode: nth === 0 ? "replace" : "append" }],
        });
        if (next === "gap") throw new Error("it does not continue");
        state = next;
        const text = `step ${first}\nstep ${second}\n`;
        // By their places they continue each other, whatever they say.
        const end = 14 * (nth + 1);
        log.take({ text, start: 14 * nth, end, openAt: end, size: 14 * answers.length });
      });
      return compareHeld(disk, { series: state.series }, log);
    };
    expect(followedBy(1, 2, 3)).toEqual({ lost: [], doubled: [] });
    const second = ["metric 3 = 0.3", "metric 4 = 0.4", "log step 3", "log step 4"];
    expect(followedBy(1, 2, 2, 3)).toEqual({ lost: [], doubled: second });
    expect(followedBy(1, 3)).toEqual({ lost: second, doubled: [] });
  });

  it("asks a thinned curve for no point that was left out, and a log's tail for no line above it", () => {
    const disk = [1, 2, 3, 4].flatMap((step) => [logName(`step ${step}`), `metric ${step} = ${step / 10}`]);
    const thinned = new Map([["metrics.jsonl#reward", { ...curve(1, 4), total: 9000 }]]);
    const log = new HeldLog();
    log.take({ text: "step 3\nstep 4\nst", start: 14, end: 30, openAt: 28, size: 35 });
    expect(compareHeld(disk, { series: thinned }, log)).toEqual({ lost: [], doubled: [] });
    const twice = new Map([["metrics.jsonl#reward", { ...curve(1, 4, 4), total: 9000 }]]);
    expect(compareHeld(disk, { series: twice }, log).doubled).toEqual(["metric 4 = 0.4"]);
    // A file that became shorter is begun anew, and what was held of it counts no more.
    log.take({ text: "", start: 0, end: 0, openAt: 0, size: 7 });
    expect(log.end).toBe(0);
    expect(compareHeld([], { series: new Map() }, log)).toEqual({ lost: [], doubled: [] });
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
    // Left out is no failure where a machine cannot play it, and one where it was set up to.
    expect([false, true].map((all) => isWrong({ fault: "f", missing: "it needs root" }, all))).toEqual([false, true]);
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
