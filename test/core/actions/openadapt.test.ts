// OpenAdapt's grammar, against what its own parser answers.
import { describe, expect, it } from "vitest";
import { openadapt } from "../../../core/actions/dialects/openadapt";
import { vectors } from "./vectors";

const messages = (text: string): string[] => openadapt.parse(text).diagnostics.map((d) => d.message);

describe("openadapt", () => {
  it.each(vectors.map((vector) => [JSON.stringify(vector.text), vector] as const))("%s", (_name, vector) => {
    const parsed = openadapt.parse(vector.text);
    expect(parsed.actions).toHaveLength(1);
    const { span: _span, ...action } = parsed.actions[0] ?? { kind: "other" };
    expect(action).toEqual(vector.action);
    if (vector.thought !== undefined) expect(parsed.thought).toBe(vector.thought);
    if (vector.state !== undefined) expect(parsed.state).toEqual(vector.state);
  });

  it("places actions in the text as the model wrote it", () => {
    const text = "Thought: go\r\nAction:   CLICK(x=0.25, y=0.75)  \n";
    const { actions, thought } = openadapt.parse(text);
    expect(thought).toBe("go");
    expect(actions[0]?.span && text.slice(...actions[0].span)).toBe("CLICK(x=0.25, y=0.75)");
  });

  it("gives what could not be parsed as fail, with the action's text", () => {
    const text = "Thought: hm\nAction:  press it \n";
    const { actions, diagnostics } = openadapt.parse(text);
    expect(actions).toEqual([{ kind: "fail", span: [21, 29] }]);
    expect(diagnostics).toEqual([{ message: "There is no action in this text.", span: [21, 29] }]);
  });

  it("says what was ignored, clamped or misplaced", () => {
    expect(messages("CLICK(x=0.5, y=0.3)")).toEqual([]);
    expect(messages("WAIT() then CLICK(x=0.1, y=0.2)")).toEqual(["A second action was ignored: WAIT loses to CLICK."]);
    expect(messages("CLICK(x=1.50, y=-0.20)")[0]).toBe(
      "Coordinates outside 0 to 1 were clamped: (1.50, -0.20) to (1, 0).",
    );
    expect(messages("Action: WAIT()\nAction: DONE()")[0]).toMatch(/earlier Action: line was ignored/);
    expect(messages("Thought: CLICK(x=0.1, y=0.2)")[0]).toMatch(/stands inside the Thought/);
    expect(messages("Thought: DONE()\nAction: WAIT()")).toEqual(["The Thought contains an action, which was ignored."]);
    expect(messages('State: {"a": {"b": 1}}\nAction: DONE()')[0]).toMatch(/State is not JSON/);
    expect(messages('Action: TYPE("WAIT()")')).toEqual([]);
  });

  it("says why a text is no action", () => {
    expect(messages("")).toEqual(["The text is empty."]);
    expect(messages("ACTION(type=click)")[0]).toMatch(/no parser accepts it/);
    expect(messages('TYPE([2], "pass')[0]).toMatch(/cut off/);
    expect(messages("CLICK(x = 0.5, y = 0.3)")[0]).toMatch(/plain decimals/);
    expect(messages("click(x=0.5, y=0.3)")[0]).toMatch(/capitals/);
  });

  it("keeps non-finite numbers of a State as words", () => {
    expect(openadapt.parse('State: {"progress": NaN, "a": [Infinity]}').state).toEqual({
      progress: "NaN",
      a: ["Infinity"],
    });
  });

  it("is sure of its own texts and not of prose", () => {
    expect(openadapt.detect(vectors.filter((v) => v.action.kind !== "fail").map((v) => v.text))).toBe(1);
    expect(openadapt.detect(["hello", "CLICK(x=0.1, y=0.1)"])).toBe(0.5);
    expect(openadapt.detect([])).toBe(0);
  });
});
