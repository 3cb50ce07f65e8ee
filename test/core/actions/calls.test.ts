// The grammars of formats/gui-and-trainers.md 4 and formats/rlvr-openbrowser.md B3.4, form by form as the pages list them.
import { describe, expect, it } from "vitest";
import type { Action } from "../../../core/model/action";
import { dialectById } from "../../../core/actions/registry";

const actionsOf = (id: string, text: string): Action[] =>
  (dialectById(id)?.parse(text).actions ?? []).map(({ span: _span, ...rest }) => rest);
const said = (id: string, text: string): string =>
  (dialectById(id)?.parse(text).diagnostics ?? []).map((d) => d.message).join("\n");

const at = (x: number, y: number, frame: Action["frame"]): Partial<Action> => ({ x, y, frame });

const tars: [string, Action[]][] = [
  ["click(start_box='<|box_start|>(10,20)<|box_end|>')", [{ kind: "click", ...at(10, 20, "n1000") }]],
  ["click(start_box='(10,20)')", [{ kind: "click", ...at(10, 20, "n1000") }]],
  ["click(start_box='[10,20,30,40]')", [{ kind: "click", ...at(20, 30, "n1000") }]],
  ["click(point='<point>10 20</point>')", [{ kind: "click", ...at(10, 20, "n1000") }]],
  ["click(start_box='(1500,20)')", [{ kind: "click", ...at(1500, 20, "model_px") }]],
  ["left_single(start_box='(10,20)')", [{ kind: "click", ...at(10, 20, "n1000") }]],
  ["left_double(start_box='(10,20)')", [{ kind: "double_click", ...at(10, 20, "n1000") }]],
  ["right_single(start_box='(10,20)')", [{ kind: "right_click", ...at(10, 20, "n1000") }]],
  ["hover(start_box='(10,20)')", [{ kind: "hover", ...at(10, 20, "n1000") }]],
  ["drag(start_box='(10,20)', end_box='(30,40)')", [{ kind: "drag", ...at(10, 20, "n1000"), to: { x: 30, y: 40 } }]],
  [
    "drag(start_point='<point>10 20</point>', end_point='<point>30 40</point>')",
    [{ kind: "drag", ...at(10, 20, "n1000"), to: { x: 30, y: 40 } }],
  ],
  ["hotkey(key='ctrl c')", [{ kind: "key", keys: ["ctrl", "c"] }]],
  ["press(key='enter')", [{ kind: "key", keys: ["enter"] }]],
  ["type(content='tea')", [{ kind: "type", text: "tea" }]],
  [
    "type(content='tea\\n')",
    [
      { kind: "type", text: "tea" },
      { kind: "key", keys: ["enter"] },
    ],
  ],
  ["type(content='it\\'s \\\"hot\\\"\\nnow')", [{ kind: "type", text: 'it\'s "hot"\nnow' }]],
  ["type(content='it's (hot)')", [{ kind: "type", text: "it's (hot)" }]],
  ["scroll(start_box='(10,20)', direction='up')", [{ kind: "scroll", ...at(10, 20, "n1000"), direction: "up" }]],
  [
    "scroll(start_box='(10,20)', end_box='(10,90)')",
    [{ kind: "scroll", ...at(10, 20, "n1000"), to: { x: 10, y: 90 } }],
  ],
  ["wait()", [{ kind: "wait" }]],
  ["finished(content='done')", [{ kind: "done", text: "done" }]],
  ["finished()", [{ kind: "done" }]],
  ["call_user()", [{ kind: "answer" }]],
  ["long_press(start_box='(10,20)', time='')", [{ kind: "long_press", ...at(10, 20, "n1000") }]],
  ["press_home()", [{ kind: "home" }]],
  ["press_back()", [{ kind: "back" }]],
  ["open_app(app_name='Kettle')", [{ kind: "open_app", text: "Kettle" }]],
  ["wait()\n\npress_back()", [{ kind: "wait" }, { kind: "back" }]],
  ["click(start_box='(10,20)'", [{ kind: "click", ...at(10, 20, "n1000") }]],
];

describe("ui-tars", () => {
  it.each(tars)("%s", (call, wanted) => {
    expect(actionsOf("ui-tars", `Thought: so\nAction: ${call}`)).toEqual(wanted);
  });

  it("reads thoughts, the last Action: only, and refuses what is no call", () => {
    expect(dialectById("ui-tars")?.parse("Thought: a\nb\nAction: wait()").thought).toBe("a\nb");
    expect(actionsOf("ui-tars", "Action: wait()\nAction: press_home()")).toEqual([{ kind: "home" }]);
    expect(actionsOf("ui-tars", "Thought: no action")).toEqual([]);
    expect(said("ui-tars", "Thought: no action")).toMatch(/no Action:/);
    expect(said("ui-tars", "Action: click(start_box='here')")).toMatch(/lacks a point/);
    expect(said("ui-tars", "Action: click(10, 20)")).toMatch(/arguments need names/);
  });
});

const tagged = (name: string, args: unknown): string =>
  `<tool_call>\n${JSON.stringify({ name, arguments: args })}\n</tool_call>`;

const qwen: [string, Record<string, unknown>, Action][] = [
  ["computer_use", { action: "left_click", coordinate: [10, 20] }, { kind: "click", ...at(10, 20, "px") }],
  ["computer_use", { action: "left_click" }, { kind: "click" }],
  ["computer_use", { action: "mouse_move", coordinate: [10, 20] }, { kind: "hover", ...at(10, 20, "px") }],
  ["computer_use", { action: "middle_click", coordinate: [10, 20] }, { kind: "middle_click", ...at(10, 20, "px") }],
  ["computer_use", { action: "triple_click", coordinate: [10, 20] }, { kind: "triple_click", ...at(10, 20, "px") }],
  ["computer_use", { action: "key", keys: ["ctrl", "c"] }, { kind: "key", keys: ["ctrl", "c"] }],
  ["computer_use", { action: "type", text: "tea" }, { kind: "type", text: "tea" }],
  ["computer_use", { action: "scroll", pixels: 100 }, { kind: "scroll", direction: "up", amount: 100 }],
  ["computer_use", { action: "scroll", pixels: -100 }, { kind: "scroll", direction: "down", amount: 100 }],
  ["computer_use", { action: "wait", time: 2 }, { kind: "wait", seconds: 2 }],
  ["computer_use", { action: "terminate", status: "success" }, { kind: "done", ok: true }],
  ["computer_use", { action: "terminate", status: "failure" }, { kind: "done", ok: false }],
  ["computer_use", { action: "answer", text: "Oolong" }, { kind: "answer", text: "Oolong" }],
  ["computer_use", { action: "left_click", coordinate: "[10, 20]" }, { kind: "click", ...at(10, 20, "px") }],
  ["computer_use", { action: "left_click", coordinate: [10, 20, 30, 40] }, { kind: "click", ...at(20, 30, "px") }],
  ["mobile_use", { action: "key", text: "volume_up" }, { kind: "key", keys: ["volume_up"] }],
  ["mobile_use", { action: "click", coordinate: [10, 20] }, { kind: "click", ...at(10, 20, "px") }],
  [
    "mobile_use",
    { action: "long_press", coordinate: [10, 20], time: 1 },
    { kind: "long_press", ...at(10, 20, "px"), seconds: 1 },
  ],
  [
    "mobile_use",
    { action: "swipe", coordinate: [10, 20], coordinate2: [30, 40] },
    { kind: "swipe", ...at(10, 20, "px"), to: { x: 30, y: 40 } },
  ],
  ["mobile_use", { action: "swipe", direction: "up" }, { kind: "swipe", direction: "up" }],
  ["mobile_use", { action: "system_button", button: "Back" }, { kind: "back" }],
  ["mobile_use", { action: "system_button", button: "Home" }, { kind: "home" }],
  ["mobile_use", { action: "system_button", button: "Enter" }, { kind: "key", keys: ["Enter"] }],
  ["mobile_use", { action: "open", text: "Kettle" }, { kind: "open_app", text: "Kettle" }],
  [
    "mobile_use",
    { action: "drag", start_coordinate: [10, 20], end_coordinate: [30, 40] },
    { kind: "drag", ...at(10, 20, "px"), to: { x: 30, y: 40 } },
  ],
  ["mobile_use", { action: "ask_user", text: "Which?" }, { kind: "answer", text: "Which?" }],
];

describe("qwen-computer-use", () => {
  it.each(qwen)("%s %j", (name, args, wanted) => {
    expect(actionsOf("qwen-computer-use", tagged(name, args))).toEqual([wanted]);
    expect(actionsOf("qwen-computer-use", tagged(name, JSON.stringify(args)))).toEqual([wanted]);
  });

  it("takes thousandths where the prompt declares them", () => {
    const text = tagged("computer_use", { action: "left_click", coordinate: [500, 250] });
    const prompt = "The screen's resolution is 1000x1000.";
    expect(dialectById("qwen-computer-use")?.parse(text, { prompt }).actions[0]?.frame).toBe("n1000");
  });

  it("reads a call without its closing tag, and fails with a place on bad JSON", () => {
    const call = '<tool_call>{"name": "computer_use", "arguments": {"action": "wait"}}';
    expect(actionsOf("qwen-computer-use", call)).toEqual([{ kind: "wait" }]);
    const bad = "ok <tool_call>{bad}</tool_call>";
    expect(dialectById("qwen-computer-use")?.parse(bad).actions).toEqual([{ kind: "fail", span: [14, 19] }]);
    expect(dialectById("qwen-computer-use")?.parse(bad).diagnostics[0]?.span).toEqual([14, 16]);
  });
});

const json: [string, string, unknown, Action[]][] = [
  [
    "tool-call",
    "OpenAI message",
    { tool_calls: [{ function: { name: "pour", arguments: '{"cups": 2}' } }] },
    [{ kind: "other", name: "pour", args: { cups: 2 } }],
  ],
  [
    "tool-call",
    "computer_call click",
    { type: "computer_call", action: { type: "click", button: "left", x: 10, y: 20 } },
    [{ kind: "click", ...at(10, 20, "px") }],
  ],
  [
    "tool-call",
    "computer_call move",
    { type: "computer_call", action: { type: "move", x: 10, y: 20 } },
    [{ kind: "hover", ...at(10, 20, "px") }],
  ],
  [
    "tool-call",
    "computer_call type",
    { type: "computer_call", action: { type: "type", text: "tea" } },
    [{ kind: "type", text: "tea" }],
  ],
  [
    "tool-call",
    "Anthropic drag",
    { action: "left_click_drag", start_coordinate: [10, 20], coordinate: [30, 40] },
    [{ kind: "drag", ...at(10, 20, "px"), to: { x: 30, y: 40 } }],
  ],
  ["tool-call", "Anthropic key", { action: "key", text: "ctrl+s" }, [{ kind: "key", keys: ["ctrl", "s"] }]],
  [
    "tool-call",
    "Anthropic hold",
    { action: "hold_key", text: "shift", duration: 1 },
    [{ kind: "key", keys: ["shift"], seconds: 1 }],
  ],
  ["tool-call", "Anthropic screenshot", { action: "screenshot" }, [{ kind: "screenshot" }]],
  ["android-world", "click", { action_type: "click", index: 3 }, [{ kind: "click", element: "3" }]],
  [
    "android-world",
    "double_tap",
    { action_type: "double_tap", x: 10, y: 20 },
    [{ kind: "double_click", ...at(10, 20, "px") }],
  ],
  [
    "android-world",
    "unknown",
    { action_type: "unknown" },
    [{ kind: "other", name: "unknown", args: { action_type: "unknown" } }],
  ],
  ["android-world", "infeasible", { action_type: "status", goal_status: "infeasible" }, [{ kind: "fail" }]],
  [
    "agent-output",
    "page example",
    {
      evaluation_previous_goal: "Success",
      memory: "On form",
      next_goal: "Fill name",
      action: [{ input: { index: 3, text: "Ana Li", clear: true } }, { click: { index: 9 } }],
    },
    [
      { kind: "type", element: "3", text: "Ana Li" },
      { kind: "click", element: "9" },
    ],
  ],
  [
    "agent-output",
    "old names",
    {
      current_state: { evaluation_previous_goal: "", memory: "", next_goal: "" },
      action: [{ click_element_by_index: { index: 127 } }, { go_to_url: { url: "http://x/" } }],
    },
    [
      { kind: "click", element: "127" },
      { kind: "navigate", url: "http://x/" },
    ],
  ],
  [
    "agent-output",
    "flash",
    { memory: "m", action: [{ scroll: { down: false } }, { wait: null, done: { text: "t", success: true } }] },
    [
      { kind: "scroll", direction: "up", amount: 1 },
      { kind: "done", text: "t", ok: true },
    ],
  ],
];

describe("JSON dialects", () => {
  it.each(json)("%s: %s", (id, _name, value, wanted) => {
    expect(actionsOf(id, JSON.stringify(value))).toEqual(wanted);
  });

  it("reads ReAct where there are no tags, and several calls in order", () => {
    const react = 'Thought: hm\nAction: pour\nAction Input: {"cups": 2}';
    expect(actionsOf("tool-call", react)).toEqual([{ kind: "other", name: "pour", args: { cups: 2 } }]);
    const two = tagged("a", {}) + tagged("b", {});
    expect(actionsOf("tool-call", two).map(({ name }) => name)).toEqual(["a", "b"]);
  });

  it("keeps hostile keys as data", () => {
    const text = '{"name": "a", "arguments": {"__proto__": {"polluted": 1}, "constructor": 2}}';
    const [action] = actionsOf("tool-call", text);
    expect(Object.keys(action?.args as object)).toEqual(["__proto__", "constructor"]);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it("reports what AgentOutput forbids", () => {
    expect(said("agent-output", '{"memory": "m", "next_goal": "n", "action": [{"sip": {}}], "plan": 1}')).toBe(
      "Required keys are missing: evaluation_previous_goal.\nKeys that AgentOutput forbids: plan.\nsip is no action of AgentOutput.",
    );
  });
});

const code: [string, Action[]][] = [
  ["pyautogui.click(0.5, 0.25)", [{ kind: "click", ...at(0.5, 0.25, "unit") }]],
  ["pyautogui.click(x=10, y=20, button='right')", [{ kind: "right_click", ...at(10, 20, "px") }]],
  ["pyautogui.click((10, 20))", [{ kind: "click", ...at(10, 20, "px") }]],
  ["pyautogui.click()", [{ kind: "click" }]],
  ["pyautogui.moveTo(10, 20)", [{ kind: "hover", ...at(10, 20, "px") }]],
  ["pyautogui.moveTo(10, 20); pyautogui.dragTo(30, 40)", [{ kind: "drag", ...at(10, 20, "px"), to: { x: 30, y: 40 } }]],
  ["pyautogui.write(\n    'tea'  # hot\n)", [{ kind: "type", text: "tea" }]],
  ["pyautogui.write('a' \"b\")", [{ kind: "type", text: "ab" }]],
  ["pyautogui.write(r'C:\\new')", [{ kind: "type", text: "C:\\new" }]],
  ["pyautogui.hotkey(['ctrl', 'c'])", [{ kind: "key", keys: ["ctrl", "c"] }]],
  ["time.sleep(2)", [{ kind: "wait", seconds: 2 }]],
  ["WAIT", [{ kind: "wait" }]],
  ["FAIL", [{ kind: "fail" }]],
  ["computer.terminate(status='failure')", [{ kind: "done", ok: false }]],
  ["pyautogui.click(1 + 1, 20)", []],
  ["pyautogui.click(*point)", []],
  ["pyautogui.click(__import__('os').system('x'), 2)", []],
  ["pyautogui.click('button.png')", []],
];

describe("pyautogui", () => {
  it.each(code)("%s", (text, wanted) => {
    expect(actionsOf("pyautogui", text)).toEqual(wanted);
    if (wanted.length === 0) expect(said("pyautogui", text)).toMatch(/no literal|cannot take/);
  });
});
