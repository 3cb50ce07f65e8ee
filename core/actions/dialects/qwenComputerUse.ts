// Qwen-VL's computer_use and mobile_use calls (cookbooks/utils/agent_function_call.py; formats/gui-and-trainers.md 4). Up to 1000
// the numbers are pixels of the declared screen (Qwen2.5-VL) unless the prompt declares 1000 x 1000 (Qwen3-VL).
import type { Action } from "../../model/action";
import { computerAction, lackIn } from "../computerCalls";
import type { ActionDialect } from "../dialect";
import { objectsIn } from "../jsonPlaces";
import { parser, share, type Outcome, type ParseHints } from "../outcome";
import { callOf, fieldsOf, readTagged, taggedIn, thoughtBefore, type Call } from "../taggedCalls";

const names: ReadonlySet<string> = new Set(["computer_use", "mobile_use"]);
const frames = { small: "px", large: "px" } as const;

function take(call: Call, out: Outcome, hints: ParseHints): void {
  const action = names.has(call.name) ? computerAction(fieldsOf(call.args), { hints, frames }) : null;
  if (!action) {
    const what = names.has(call.name)
      ? "asks for an action that it does not have"
      : "is neither computer_use nor mobile_use";
    out.say(`${call.name} ${what}.`, call.span);
  }
  const lacking = action ? lackIn(fieldsOf(call.args)) : null;
  if (lacking !== null) out.say(lacking, call.span);
  out.add(action ?? { kind: "other", name: call.name, args: call.args }, call.span);
}

function read(text: string, out: Outcome, hints: ParseHints): void {
  const blocks = taggedIn(text);
  for (const block of blocks) {
    const call = readTagged(text, block, out);
    if (call) take(call, out, hints);
  }
  if (blocks.length > 0) {
    out.thought = thoughtBefore(text, blocks[0]?.outer[0] ?? 0);
    return;
  }
  for (const node of objectsIn(text)) {
    const call = callOf(node);
    if (!call || !names.has(call.name)) continue;
    if (out.actions.length === 0) out.thought = thoughtBefore(text, node.span[0]);
    take(call, out, hints);
  }
  if (out.actions.length === 0)
    out.say(text.trim() === "" ? "The text is empty." : "There is no <tool_call> in this text.");
}

const parse = parser("qwen-computer-use", read);

const words: Readonly<Record<string, string>> = {
  click: "left_click",
  double_click: "double_click",
  triple_click: "triple_click",
  right_click: "right_click",
  middle_click: "middle_click",
  hover: "mouse_move",
};

/** The arguments that ask for an action, and which of the two tools takes them. */
function argumentsFor(action: Action): [string, Record<string, unknown>] | null {
  const { kind, x, y, to, text } = action;
  const coordinate = x === undefined || y === undefined ? {} : { coordinate: [x, y] };
  // Without a point it would click where the mouse stands.
  if (action.element !== undefined && x === undefined) return null;
  const click = words[kind];
  if (click) return ["computer_use", { action: click, ...coordinate }];
  switch (kind) {
    case "long_press":
      return [
        "mobile_use",
        { action: kind, ...coordinate, ...(action.seconds === undefined ? {} : { time: action.seconds }) },
      ];
    case "drag":
      if (!to) return null;
      return [
        "computer_use",
        {
          action: "left_click_drag",
          ...(x === undefined ? {} : { start_coordinate: [x, y] }),
          coordinate: [to.x, to.y],
        },
      ];
    case "swipe":
      return to ? ["mobile_use", { action: kind, ...coordinate, coordinate2: [to.x, to.y] }] : null;
    case "scroll": {
      const sideways = action.direction === "left" || action.direction === "right";
      const sign = action.direction === "down" || action.direction === "left" ? -1 : 1;
      if (action.direction === undefined || action.amount === undefined) return null;
      return ["computer_use", { action: sideways ? "hscroll" : "scroll", ...coordinate, pixels: sign * action.amount }];
    }
    case "type":
    case "answer":
      return ["computer_use", { action: kind, text: text ?? "" }];
    case "key":
      return ["computer_use", { action: kind, keys: action.keys ?? [] }];
    case "wait":
      return ["computer_use", { action: kind, ...(action.seconds === undefined ? {} : { time: action.seconds }) }];
    case "done":
      return ["computer_use", { action: "terminate", status: action.ok === false ? "failure" : "success" }];
    case "back":
    case "home":
      return ["mobile_use", { action: "system_button", button: kind === "back" ? "Back" : "Home" }];
    case "open_app":
      return text === undefined ? null : ["mobile_use", { action: "open", text }];
    default:
      return null;
  }
}

function call(action: Action): string | null {
  const found = argumentsFor(action);
  return found && `<tool_call>\n${JSON.stringify({ name: found[0], arguments: found[1] })}\n</tool_call>`;
}

export const qwenComputerUse: ActionDialect = {
  id: "qwen-computer-use",
  title: "Qwen computer_use and mobile_use",
  detect: (texts) =>
    share(
      texts,
      (text) => /computer_use|mobile_use/.test(text) && parse(text).actions.some(({ kind }) => kind !== "fail"),
    ),
  parse,
  format(actions) {
    const calls = actions.map(call);
    return calls.length === 0 || calls.includes(null) ? null : calls.join("\n");
  },
};
