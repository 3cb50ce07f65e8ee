// Real oddities of what models write, as the format pages state them: text in, the actions and the words of complaint out.
import { describe, expect, it } from "vitest";
import { detectDialect, dialectById } from "../../../core/actions/registry";
import type { Action } from "../../../core/model/action";

interface Oddity {
  /** `gui 2.5` is formats/gui-and-trainers.md, `rlvr B3.2` formats/rlvr-openbrowser.md. */
  section: string;
  says: string;
  dialect: string;
  text: string;
  /** Without spans; `cuts` are those of the text, in the same order. */
  actions: Omit<Action, "span">[];
  cuts?: string[];
  /** A part of some complaint. */
  complains?: RegExp;
}

const oddities: readonly Oddity[] = [
  {
    section: "gui 1.6",
    says: "a text that ends at 64 tokens holds no action",
    dialect: "openadapt",
    text: 'Thought: the box.\nAction: TYPE([2], "pass',
    actions: [{ kind: "fail" }],
    complains: /./,
  },
  {
    section: "gui 1.6",
    says: "what the generator writes for set-of-marks clicks is accepted by no parser",
    dialect: "openadapt",
    text: "Action: ACTION(type=click)",
    actions: [{ kind: "fail" }],
    complains: /./,
  },
  {
    section: "gui 1.6",
    says: "an action behind the first on the same line is lost, one on a new line wins",
    dialect: "openadapt",
    text: "Action: WAIT() Action: DONE()\nAction: CLICK(x=0.5, y=0.25)",
    actions: [{ kind: "click", x: 0.5, y: 0.25, frame: "unit" }],
    cuts: ["CLICK(x=0.5, y=0.25)"],
  },
  {
    section: "gui 1.6",
    says: "clicks beyond the screen are clamped",
    dialect: "openadapt",
    text: "CLICK(x=1.50, y=-0.20)",
    actions: [{ kind: "click", x: 1, y: 0, frame: "unit" }],
  },
  {
    section: "gui 1.6",
    says: "a nested brace cuts the state",
    dialect: "openadapt",
    text: 'State: {"success": true, "d": {"a": 1}}\nAction: DONE()',
    actions: [{ kind: "done" }],
  },
  {
    section: "gui 2.5",
    says: "special tokens were skipped: the box tokens are gone",
    dialect: "gelab",
    text: "Explain:click home icon on page_46.\tAction: click(start_box='(1019,160)')",
    actions: [{ kind: "click", x: 1019, y: 160, frame: "canvas", element: "home" }],
  },
  {
    section: "gui 2.5",
    says: "the prompt of the launch asks for another shape, which parses too",
    dialect: "gelab",
    text: "explain: click A_1 icon.\taction: CLICK\tpoint:(864, 62)",
    actions: [{ kind: "click", x: 864, y: 62 }],
  },
  {
    section: "gui 2.5",
    says: "the first pair of numbers is the point, wherever it stands",
    dialect: "gelab",
    text: "Explain:click A_1 (2,3) icon on page_4.\tAction: click(start_box='(500,600)')",
    actions: [{ kind: "click", x: 2, y: 3 }],
  },
  {
    section: "gui 2.5",
    says: "a thought that asks whether to complete completes",
    dialect: "gelab",
    text: "<think>action: complete?</think>Explain:click A_1 icon on page_4.\tAction: click(start_box='(5,6)')",
    actions: [{ kind: "done" }],
  },
  {
    section: "gui 2.5",
    says: "cut off inside the name",
    dialect: "gelab",
    text: "Explain:click Business_20",
    actions: [],
    complains: /./,
  },
  {
    section: "gui 2.5",
    says: "decimals and minus signs are no point",
    dialect: "gelab",
    text: "Explain:click A_1 icon on page_4.\tAction: click(start_box='(-5,34)')",
    actions: [],
  },
  {
    section: "rlvr B3.2",
    says: "a step's prefix takes many shapes, and some that people use are none",
    dialect: "openbrowser-steps",
    text: "Step 1: Type 'A' into the 'Name' field\n3. Type 'B' into the 'Name' field\n**Step 4:** Type 'C' into the 'Name' field\n- Step 5: Type 'D' into the 'Name' field\n1) Type 'E' into the 'Name' field\nstep 3: Type 'F' into the 'Name' field",
    actions: ["A", "B", "C"].map((text) => ({ kind: "type" as const, text, field: "Name" })),
  },
  {
    section: "rlvr B3.2",
    says: "an apostrophe inside the quotes stays, curly quotes and an empty value are none",
    dialect: "openbrowser-steps",
    text: "Step 1: Type 'it's ok' into the 'Note' field\nStep 2: Type \u2018A\u2019 into the \u2018Note\u2019 field\nStep 3: Type '' into the 'Note' field",
    actions: [{ kind: "type", text: "it's ok", field: "Note" }],
  },
  {
    section: "rlvr B3.2",
    says: "a thought is deleted, and after its last end the plan begins",
    dialect: "openbrowser-steps",
    text: "<think>\nStep 1: Type 'A' into the 'Name' field\n</think>\nStep 2: Click the Submit button.",
    actions: [{ kind: "submit" }],
  },
  {
    section: "rlvr B3.2",
    says: "only the literal button submits",
    dialect: "openbrowser-steps",
    text: "Step 1: Click on the Submit button\nStep 2: Click Submit\nStep 3: click the Submit button",
    actions: [{ kind: "submit" }],
  },
  {
    section: "rlvr B3.4",
    says: "a fence and a thought stand around the JSON",
    dialect: "agent-output",
    text: '<think>hm</think>\n```json\n{"memory": "m", "action": [{"click": {"index": 9}}]}\n```',
    actions: [{ kind: "click", element: "9" }],
    cuts: ['{"click": {"index": 9}}'],
  },
  {
    section: "gui 4",
    says: "older names of the same actions",
    dialect: "agent-output",
    text: '{"current_state": {"evaluation_previous_goal": "", "memory": "", "next_goal": ""}, "action": [{"go_to_url": {"url": "http://orchard"}}, {"input_text": {"index": 3, "text": "pear"}}, {"click_element_by_index": {"index": 4}}]}',
    actions: [
      { kind: "navigate", url: "http://orchard" },
      { kind: "type", element: "3", text: "pear" },
      { kind: "click", element: "4" },
    ],
  },
  {
    section: "gui 4",
    says: "the closing tag is missing: parsed to the end; the point is a text; the arguments are JSON inside JSON",
    dialect: "qwen-computer-use",
    text: '<tool_call>\n{"name": "computer_use", "arguments": "{\\"action\\": \\"left_click\\", \\"coordinate\\": \\"[10, 20]\\"}"}',
    actions: [{ kind: "click", x: 10, y: 20 }],
  },
  {
    section: "gui 4",
    says: "a box of four numbers is a click at its middle",
    dialect: "qwen-computer-use",
    text: '<tool_call>\n{"name": "computer_use", "arguments": {"action": "left_click", "coordinate": [10, 20, 30, 60]}}\n</tool_call>',
    actions: [{ kind: "click", x: 20, y: 40 }],
  },
  {
    section: "gui 4",
    says: "broken JSON is a failure with its place",
    dialect: "qwen-computer-use",
    text: '<tool_call>\n{"name": "computer_use", "arguments": {"action": "left_click", "coordinate": [10,\n</tool_call>',
    actions: [{ kind: "fail" }],
    complains: /./,
  },
  {
    section: "gui 4",
    says: "point, start_box and tokens mean one thing; a newline at the end of what is typed is Enter",
    dialect: "ui-tars",
    text: "Thought: x\nAction: click(point='<point>10 20</point>')\n\ntype(content='pear\\n')",
    actions: [
      { kind: "click", x: 10, y: 20 },
      { kind: "type", text: "pear" },
      { kind: "key", keys: ["enter"] },
    ],
  },
  {
    section: "gui 4",
    says: "a sentinel alone in its line of the code counts, behind it not; nothing is evaluated",
    dialect: "pyautogui",
    text: "```python\npyautogui.click(x=0.5, y=0.25)\npyautogui.write(chr(65))\nDONE\n```\nWAIT",
    actions: [{ kind: "click", x: 0.5, y: 0.25, frame: "unit" }, { kind: "done" }],
    complains: /./,
  },
  {
    section: "gui 4",
    says: "the other name of input_text, and an infeasible status",
    dialect: "android-world",
    text: 'Reason: r\nAction: {"action_type": "status", "goal_status": "infeasible"}',
    actions: [{ kind: "fail" }],
  },
  {
    section: "gui 4",
    says: "several calls are a sequence, and XML parameters are texts",
    dialect: "qwen-coder-xml",
    text: "<tool_call>\n<function=click>\n<parameter=x>\n10\n</parameter>\n<parameter=y>\n20\n</parameter>\n</function>\n</tool_call>",
    actions: [{ kind: "other", name: "click", args: { x: "10", y: "20" } }],
  },
  {
    section: "rlvr B3.4",
    says: "a closing tag of thinking inside of a text ends no thinking",
    dialect: "agent-output",
    text: '<think>so</think>{"evaluation_previous_goal": "", "memory": "saw </think> there", "next_goal": "", "action": [{"click": {"index": 2}}]}',
    actions: [{ kind: "click", element: "2" }],
  },
  {
    section: "rlvr B3.4",
    says: "a draft in the thinking is no answer, even where none follows",
    dialect: "agent-output",
    text: '<think>{"action": [{"click": {"index": 2}}]}</think>I give up',
    actions: [],
    complains: /no JSON object/,
  },
  {
    section: "rlvr B3.4",
    says: "a click without an element, and one of an element that no page has",
    dialect: "agent-output",
    text: '{"memory": "", "action": [{"click": {}}, {"click": {"index": 0}}, {"input": {"index": 0, "text": "a"}}]}',
    actions: [{ kind: "click" }, { kind: "click", element: "0" }, { kind: "type", element: "0", text: "a" }],
    complains:
      /^click names no element: its index is missing\.\nclick has the index 0, and elements are counted from 1\.$/,
  },
  {
    section: "gui 4",
    says: "a coordinate that is none is said, and the click stays",
    dialect: "qwen-computer-use",
    text: '<tool_call>\n{"name": "computer_use", "arguments": {"action": "left_click", "coordinate": [10]}}\n</tool_call>',
    actions: [{ kind: "click" }],
    complains: /^coordinate is no point; one is \[x, y\]\.$/,
  },
  {
    section: "gui 4",
    says: "a swipe that ends nowhere",
    dialect: "qwen-computer-use",
    text: '<tool_call>\n{"name": "mobile_use", "arguments": {"action": "swipe", "coordinate": [10, 20]}}\n</tool_call>',
    actions: [{ kind: "swipe", x: 10, y: 20 }],
    complains: /^swipe says neither where it ends/,
  },
  {
    section: "gui 4",
    says: "of two Action lines the last counts, and the first is not lost in silence",
    dialect: "ui-tars",
    text: "Thought: a\nAction: click(start_box='(1,2)')\nAction: click(start_box='(3,4)')",
    actions: [{ kind: "click", x: 3, y: 4 }],
    complains: /^An earlier action was ignored/,
  },
  {
    section: "rlvr B3.2",
    says: "of two actions in one line the second is dropped, and that is said",
    dialect: "openbrowser-steps",
    text: "Step 1: Type 'a' into the 'Name' field and Type 'b' into the 'City' field",
    actions: [{ kind: "type", text: "a", field: "Name" }],
    complains: /^Line 1 asks for more than one action; only the first is taken\.$/,
  },
  {
    section: "gui 4",
    says: "a click on nothing",
    dialect: "android-world",
    text: 'Action: {"action_type": "click"}',
    actions: [{ kind: "click" }],
    complains: /^click has no target/,
  },
  {
    section: "gui 4",
    says: "a direction that no screen has",
    dialect: "android-world",
    text: 'Action: {"action_type": "scroll", "direction": "sideways"}',
    actions: [{ kind: "scroll", direction: "sideways" }],
    complains: /^sideways is no direction/,
  },
];

describe.each(oddities)("$section, $dialect: $says", ({ dialect, text, actions, cuts, complains }) => {
  it("is read as it is meant", () => {
    const parsed = dialectById(dialect)?.parse(text);
    const seen = (parsed?.actions ?? []).map(({ span: _span, ...action }) => action);
    expect(seen).toMatchObject(actions);
    expect(seen.map(({ kind }) => kind)).toEqual(actions.map(({ kind }) => kind));
    if (cuts) expect(parsed?.actions.map(({ span }) => text.slice(...(span ?? [0, 0])))).toEqual(cuts);
    // Each complaint of these dialects' calls points at its place.
    if (complains?.source.startsWith("^"))
      expect(parsed?.diagnostics.filter(({ span }) => span === undefined)).toEqual([]);
    if (complains) expect(parsed?.diagnostics.map(({ message }) => message).join("\n")).toMatch(complains);
    // A text that its own dialect cannot read is nobody else's either.
    const detected = detectDialect([text])?.dialect.id;
    expect([dialect, undefined]).toContain(detected);
  });
});

describe("the corpus", () => {
  it("has something of every dialect but the plainest", () => {
    const seen = new Set(oddities.map(({ dialect }) => dialect));
    expect([...seen].sort()).toEqual([
      "agent-output",
      "android-world",
      "gelab",
      "openadapt",
      "openbrowser-steps",
      "pyautogui",
      "qwen-coder-xml",
      "qwen-computer-use",
      "ui-tars",
    ]);
  });
});
