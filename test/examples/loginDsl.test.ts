// The DSL parser of the login example, against vectors computed by the original benchmark's parser.
import { describe, expect, it } from "vitest";

import { formatAction, parseOutput } from "../../examples/login/src/dsl";
import { createEpisode, targetAt } from "../../examples/login/src/episode";
import { FORMS, STEP_FORMS, writeText } from "../../examples/login/src/forms";
import { createRng } from "../../examples/login/src/rng";
import { rewardOf } from "../../examples/login/src/reward";

const clicks: [string, number, number][] = [
  ["CLICK(x=0.5, y=0.3)", 0.5, 0.3],
  ["CLICK(x=1.50, y=-0.20)", 1, 0],
  ["Action:\nCLICK(x=0.5, y=0.5)", 0.5, 0.5],
  ["WAIT() then CLICK(x=0.1, y=0.2)", 0.1, 0.2],
  ["Thought: I will CLICK(x=0.1, y=0.2).", 0.1, 0.2],
];
const failures = [
  "CLICK(x=5e-1, y=0.3)",
  "CLICK(x = 0.5, y = 0.3)",
  "click(x=0.5, y=0.3)",
  "CLICK(x=0.5, y=0.3",
  `TYPE([1], "us'er")`,
  `TYPE("don't")`,
  'TYPE([2], "pass',
  "ACTION(type=click)",
  "",
];
const texts: [string, string, number | null][] = [
  [String.raw`TYPE([1], 'a\'b')`, String.raw`a\'b`, 1],
  [String.raw`TYPE(text="say \"hi\" C:\\n")`, String.raw`say "hi" C:\n`, null],
  [String.raw`TYPE(text="us\"er\\2")`, String.raw`us"er\2`, null],
  ['TYPE(text="a\nb")', "a\nb", null],
  ['Action: TYPE(text="press Action: DONE()")', "press Action: DONE()", null],
];

describe("parseOutput", () => {
  it.each(clicks)("clicks: %j", (text, x, y) => {
    expect(parseOutput(text).action).toMatchObject({ type: "click", x, y, elementIndex: null });
  });

  it.each(["Action: CLICK([2])", "CLICK([2]) CLICK(x=0.9, y=0.9)"])("clicks a mark: %j", (text) => {
    expect(parseOutput(text).action).toMatchObject({ type: "click", x: null, y: null, elementIndex: 2 });
  });

  it.each(texts)("types: %j", (text, typed, elementIndex) => {
    expect(parseOutput(text).action).toMatchObject({ type: "type", text: typed, elementIndex });
  });

  it.each(failures)("fails: %j", (text) => {
    expect(parseOutput(text).action.type).toBe("fail");
  });

  it("takes the last action line, and cuts the thought before it", () => {
    const parsed = parseOutput("Thought: a\nAction: CLICK(x=0.42,y=.31)\nAction: DONE()");
    expect(parsed).toMatchObject({ thought: "a", action: { type: "done" } });
    expect(parseOutput("Thought: click [1] then DONE()\nAction: WAIT()").action.type).toBe("wait");
    expect(parseOutput("THOUGHT: x\nACTION: DONE()")).toMatchObject({ thought: "x", action: { type: "done" } });
  });

  it("reads a flat state and gives up on a nested one", () => {
    expect(parseOutput('State: {"success": true}\nAction: DONE ( )')).toMatchObject({
      state: { success: true },
      action: { type: "done" },
    });
    expect(parseOutput('State: {"success": true, "d": {"a": 1}}\nAction: DONE()').state).toBeNull();
  });
});

describe("the policy's texts", () => {
  const episode = createEpisode("train", 3, 0);
  const rng = createRng("test");

  it("parses as the expected action where the form is right, and earns the whole reward", () => {
    STEP_FORMS.forEach((form, step) => {
      const target = targetAt(episode, step);
      const text = writeText(form, episode, { x: target.x ?? 0, y: target.y ?? 0 }, rng);
      expect(parseOutput(text).action.type).toBe(target.type);
      expect(rewardOf(text, target).total).toBeCloseTo(1);
      expect(rewardOf(formatAction(target), target).total).toBeCloseTo(1);
    });
  });

  it("does not parse where the form is a broken one, and earns nothing", () => {
    const broken = ["lower_case", "stray_spaces", "wrong_quotes", "prose", "cut_off"];
    for (const [index, form] of FORMS.entries()) {
      const text = writeText(index, episode, { x: 0.5, y: 0.5 }, rng);
      expect(parseOutput(text).action.type === "fail", form.name).toBe(broken.includes(form.name));
      if (broken.includes(form.name)) expect(rewardOf(text, targetAt(episode, 1)).total).toBe(0);
    }
  });
});
