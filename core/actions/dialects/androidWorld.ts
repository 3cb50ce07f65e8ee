// AndroidWorld's and AndroidControl's JSON actions (android_world/env/json_action.py; formats/gui-and-trainers.md 4): a Reason, then
// one object with action_type. Coordinates are pixels of the screen; `type` is AndroidControl's word for input_text.
import type { Action } from "../../model/action";
import { placed } from "../computerCalls";
import type { ActionDialect } from "../dialect";
import { fieldOf, numberIn, objectsIn, readNode, wordOf, type Node } from "../jsonPlaces";
import { parser, share, type Outcome, type ParseHints } from "../outcome";
import { strip } from "../python";

const frames = { small: "px", large: "px" } as const;

function thoughtIn(text: string, at: number): string | null {
  const words = strip(text.slice(0, at)).replace(/Action:$/, "");
  return strip(words.replace(/^\s{0,9}(?:Reason|Thought):/, "")) || null;
}

/** The element or the point that an action is for. */
function targetOf(node: Node, out: Outcome, hints: ParseHints): Partial<Action> {
  const index = wordOf(fieldOf(node, "index"));
  const [x, y] = [numberIn(fieldOf(node, "x")), numberIn(fieldOf(node, "y"))];
  if (index !== undefined && (x !== undefined || y !== undefined))
    out.say("Either index or x and y may be given; AndroidWorld refuses both.", node.span);
  if ((x === undefined) !== (y === undefined)) out.say("x and y belong together; one of them is missing.", node.span);
  return {
    ...(x === undefined || y === undefined ? {} : placed([x, y], null, { hints, frames })),
    ...(index === undefined ? {} : { element: index }),
  };
}

function words(node: Node, key: string): Pick<Action, "text"> {
  const text = wordOf(fieldOf(node, key));
  return text === undefined ? {} : { text };
}

const onTarget = new Set(["click", "long_press", "double_tap"]);
const directions = new Set(["left", "right", "down", "up"]);

/** What the device could not do with these fields; null where there is nothing to say. */
function lackOf(type: string, node: Node, direction: string | undefined): string | null {
  const aims = ["index", "x", "y"].some((key) => wordOf(fieldOf(node, key)) !== undefined);
  if (onTarget.has(type) && !aims) return `${type} has no target: neither an index nor x and y.`;
  if (type !== "scroll" && type !== "swipe") return null;
  if (direction === undefined) return `${type} has no direction.`;
  return directions.has(direction) ? null : `${direction} is no direction of AndroidWorld: left, right, down or up.`;
}

function actionOf(type: string, node: Node, out: Outcome, hints: ParseHints): Action {
  const target = (): Partial<Action> => targetOf(node, out, hints);
  const direction = wordOf(fieldOf(node, "direction"));
  const towards = direction === undefined ? {} : { direction };
  const lacking = lackOf(type, node, direction);
  if (lacking !== null) out.say(lacking, node.span);
  switch (type) {
    case "click":
    case "long_press":
      return { kind: type, ...target() };
    case "double_tap":
      return { kind: "double_click", ...target() };
    case "scroll":
    case "swipe":
      return { kind: type, ...target(), ...towards };
    case "input_text":
    case "type":
      return { kind: "type", ...target(), ...words(node, "text") };
    case "navigate_home":
      return { kind: "home" };
    case "navigate_back":
      return { kind: "back" };
    case "keyboard_enter":
      return { kind: "key", keys: ["enter"] };
    case "open_app":
      return { kind: "open_app", ...words(node, "app_name") };
    case "wait":
      return { kind: "wait" };
    case "answer":
      return { kind: "answer", ...words(node, "text") };
    case "status":
      return statusOf(node, out);
    default: {
      const key = wordOf(fieldOf(node, "keycode"));
      if (key !== undefined) return { kind: "key", keys: [key] };
      if (type !== "unknown") out.say(`${type} is no action_type of AndroidWorld.`, node.span);
      return { kind: "other", name: type, args: node.value };
    }
  }
}

function statusOf(node: Node, out: Outcome): Action {
  const status = wordOf(fieldOf(node, "goal_status")) ?? "";
  if (status === "infeasible") return { kind: "fail" };
  if (status !== "complete") out.say('goal_status must be "complete" or "infeasible".', node.span);
  return { kind: "done", ...(status === "complete" ? { ok: true } : {}) };
}

function read(text: string, out: Outcome, hints: ParseHints): void {
  for (const node of objectsIn(text)) {
    const type = fieldOf(node, "action_type")?.value;
    if (typeof type !== "string") continue;
    if (out.actions.length === 0) out.thought = thoughtIn(text, node.span[0]);
    else out.say("More than one action stands in this text; AndroidWorld takes one a step.", node.span);
    out.add(actionOf(type, node, out, hints), node.span);
  }
  if (out.actions.length > 0) return;
  const brace = text.indexOf("{");
  const tried = brace < 0 ? null : readNode(text, brace);
  if (tried && "why" in tried)
    out.say(`This is no JSON: ${tried.why} at ${String(tried.at)}.`, [brace, Math.min(text.length, tried.at + 1)]);
  else out.say(strip(text) === "" ? "The text is empty." : "There is no object with an action_type in this text.");
}

const parse = parser("android-world", read);

function fieldsFor(action: Action): Record<string, unknown> | null {
  const { kind, x, y, element, text, direction } = action;
  const index = element === undefined || !/^\d{1,9}$/.test(element) ? {} : { index: Number(element) };
  if (x !== undefined && element !== undefined) return null;
  const target = x === undefined ? index : { x, y };
  switch (kind) {
    case "click":
    case "long_press":
      return { action_type: kind, ...target };
    case "double_click":
      return { action_type: "double_tap", ...target };
    case "scroll":
    case "swipe":
      return direction === undefined ? null : { action_type: kind, ...target, direction };
    case "type":
      return { action_type: "input_text", ...target, text: text ?? "" };
    case "home":
    case "back":
      return { action_type: `navigate_${kind}` };
    case "key":
      return action.keys?.length === 1 && action.keys[0] === "enter" ? { action_type: "keyboard_enter" } : null;
    case "open_app":
      return { action_type: kind, app_name: text ?? "" };
    case "wait":
      return { action_type: kind };
    case "answer":
      return { action_type: kind, text: text ?? "" };
    case "done":
      return { action_type: "status", goal_status: "complete" };
    case "fail":
      return { action_type: "status", goal_status: "infeasible" };
    default:
      return null;
  }
}

export const androidWorld: ActionDialect = {
  id: "android-world",
  title: "AndroidWorld JSON",
  detect: (texts) => share(texts, (text) => parse(text).actions.length > 0),
  parse,
  format([action, ...more]) {
    const fields = action && more.length === 0 ? fieldsFor(action) : null;
    return fields && `Action: ${JSON.stringify(fields)}`;
  },
};
