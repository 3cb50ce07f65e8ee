// OpenBrowser's plain-text steps against what its own parser answered (formats/rlvr-openbrowser.md B3.2).
import { describe, expect, it } from "vitest";
import type { Action } from "../../../core/model/action";
import { openbrowserSteps } from "../../../core/actions/dialects/openbrowserSteps";

const actionsOf = (text: string): Action[] =>
  openbrowserSteps.parse(text).actions.map(({ span: _span, ...rest }) => rest);
const type = (text: string, field?: string): Action => ({ kind: "type", text, ...(field ? { field } : {}) });
const said = (text: string): string[] => openbrowserSteps.parse(text).diagnostics.map((d) => d.message);

/** The page's executed vectors: a text and what the original made of it. */
const vectors: readonly [string, Action[]][] = [
  ["Type 'A' into the 'Name' field", []],
  ["step 3: Type 'A' into the 'Name' field", []],
  ["3. Type 'A' into the 'Name' field", [type("A", "Name")]],
  ["Step 1:Type 'A' into the 'Name' field", [type("A", "Name")]],
  ["Action: Type 'A' into the 'Name' field", [type("A", "Name")]],
  ["**Step 1:** Type 'A' into the 'Name' field", [type("A", "Name")]],
  ["1) Type 'A' into the 'Name' field", []],
  ["Step 1 : Type 'A' into the 'Name' field", []],
  ["- Step 1: Type 'A' into the 'Name' field", []],
  ["Step 1: Type 'it's ok' into the 'Name' field", [type("it's ok", "Name")]],
  [`Step 1: Type "A' into the 'Name" field`, [type("A", "Name")]],
  ["Step 1: Type '' into the 'Name' field", []],
  ["Step 1: Type \u2018A\u2019 into the \u2018Name\u2019 field", []],
  ["Step 1: Select 'A' from the 'G' dropdown", []],
  ["Step 1: Select 'A' from the 'G' field", [{ kind: "select", text: "A", field: "G" }]],
  ["Step 1: Click Submit", []],
  ["Step 1: Click Submit button", []],
  ["Step 1: click the Submit button", []],
  ["Step 1: Click the Submit button.", [{ kind: "submit" }]],
  ["2. Type 'u' into the 'Name' field\n3. Type: `v`", [type("u", "Name")]],
  ["2. Type 'u' into the 'Name' field\n3. Type: 'v'", [type("u", "Name"), type("v")]],
  ["3. Type: 'v'", []],
  ["Step 1: Type 'first\nsecond' into the 'Note' field", []],
  ["Step 3: Enter:", []],
  // From the table's rows.
  ["Step 1: Navigate to http://x/", [{ kind: "navigate", url: "http://x/" }]],
  ["Step 1: Click on the 'Agree' checkbox", [{ kind: "check", field: "Agree" }]],
  ["Step 1: Click on the 'Name' input field", [{ kind: "focus", field: "Name" }]],
  ["Step 1: Click on the 'Name' textarea", [{ kind: "focus", field: "Name" }]],
  ["Step 1: Click on the \"Submit' Button", [{ kind: "submit" }]],
  ["Step 1: Fill in 'v' in the 'F'", [type("v", "F")]],
  ["Step 1: Input 'v' into the 'F' box", [type("v", "F")]],
  ["Step 1: Locate and fill in the 'F' with 'v'", [type("v", "F")]],
  ["1: Click the Submit button\n2: Type the full address: 'v'", [{ kind: "submit" }, type("v")]],
  ["Step 1: Enter 'v'", [type("v")]],
  ["Step 1: Type 'x'", []],
  // The <think> rules.
  ["<think>Step 1: Click the Submit button</think>Step 2: Enter 'v'", [type("v")]],
  ["a</think>Step 1: Enter 'v'<think>b", [type("v")]],
  ["Step 1: Enter 'v'\n<think>\nStep 2: Enter 'w'", [type("v")]],
];

describe("openbrowser-steps", () => {
  it.each(vectors.map(([text, actions]) => [JSON.stringify(text), text, actions] as const))(
    "%s",
    (_n, text, actions) => {
      expect(actionsOf(text)).toEqual(actions);
    },
  );

  it("names the line of everything that gives nothing", () => {
    const text = "Plan:\n\n# Steps\n- one\n* two\n----\n\u201cq\u201d\nStep 1: Sip\nsip\nStep 2: Type: 'x'";
    expect(said(text)).toEqual([
      "Line 1 gives nothing: lines that end with a colon are taken for titles.",
      "Line 3 gives nothing: headings are skipped.",
      'Line 4 gives nothing: lines that begin with "- " or "* " are skipped.',
      'Line 5 gives nothing: lines that begin with "- " or "* " are skipped.',
      "Line 6 gives nothing: separators are skipped.",
      "Line 7 gives nothing: lines that begin with a quote are skipped.",
      "Line 8 gives nothing: none of the ten patterns fits.",
      "Line 9 gives nothing: it lacks the prefix Step N:, N. or Action:.",
      "Line 10 gives nothing: it names no field, and no field was filled before it.",
    ]);
  });

  it("counts lines and places as the model wrote them, before anything was cut out", () => {
    const text = "<think>\na\nb\n</think>\n  **Step 1:** Type 'v' into the `'F'` field\r\nhm";
    const parsed = openbrowserSteps.parse(text);
    const [action] = parsed.actions;
    expect(action?.span && text.slice(...action.span)).toBe("Type 'v' into the `'F'` field");
    expect(parsed.thought).toBe("a\nb");
    expect(parsed.diagnostics[0]?.message).toMatch(/^Line 6 gives nothing/);
  });

  it("says what the original reads without doing anything", () => {
    expect(said("Step 1: Navigate to http://x/")[0]).toMatch(/reads this and does nothing/);
    expect(said("Step 1: Enter 'v'")[0]).toMatch(/next unused/);
  });
});
