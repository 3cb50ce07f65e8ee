// The action names of AgentOutput, old and new, in both directions (browser_use agent/views.py, openbrowser tools/views.py).
import type { Action } from "../../model/action";
import { isFields, numberOf } from "../../base/json";
import { fieldOf, numberIn, wordOf, type Node } from "../jsonPlaces";

type Read = (params: Node) => Omit<Action, "span">;

const text = (params: Node, key = "text"): Pick<Action, "text"> => {
  const word = wordOf(fieldOf(params, key));
  return word === undefined ? {} : { text: word };
};
const element = (params: Node): Pick<Action, "element"> => {
  const index = wordOf(fieldOf(params, "index"));
  return index === undefined ? {} : { element: index };
};
const url: Read = (params) => {
  const address = wordOf(fieldOf(params, "url"));
  return { kind: "navigate", ...(address === undefined ? {} : { url: address }) };
};
const click: Read = (params) => {
  const x = numberIn(fieldOf(params, "coordinate_x"));
  const y = numberIn(fieldOf(params, "coordinate_y"));
  if (x === undefined || y === undefined) return { kind: "click", ...element(params) };
  return { kind: "click", ...element(params), x, y, frame: "px" };
};
const input: Read = (params) => ({ kind: "type", ...element(params), ...text(params) });
const select: Read = (params) => ({ kind: "select", ...element(params), ...text(params) });
const scroll: Read = (params) => {
  const pages = numberIn(fieldOf(params, "pages") ?? fieldOf(params, "num_pages"));
  const direction = fieldOf(params, "down")?.value === false ? "up" : "down";
  return { kind: "scroll", direction, amount: pages ?? 1, ...element(params) };
};
const scrolled =
  (direction: string): Read =>
  (params) => {
    const amount = numberIn(fieldOf(params, "amount"));
    return { kind: "scroll", direction, ...(amount === undefined ? {} : { amount }) };
  };
const keys: Read = (params) => {
  const combination = wordOf(fieldOf(params, "keys")) ?? "";
  // A lone plus is a key, not the joint between two.
  const parts = combination.length > 1 ? combination.split("+").filter((key) => key !== "") : [combination];
  return { kind: "key", keys: parts };
};
const done: Read = (params) => {
  const success = fieldOf(params, "success")?.value;
  const words = text(params);
  return { kind: "done", ok: typeof success === "boolean" ? success : true, ...(words.text === "" ? {} : words) };
};
const wait: Read = (params) => ({ kind: "wait", seconds: numberIn(fieldOf(params, "seconds")) ?? 3 });

const readers: Readonly<Record<string, Read>> = {
  navigate: url,
  go_to_url: url,
  open_tab: url,
  click,
  click_element: click,
  click_element_by_index: click,
  input,
  input_text: input,
  select_dropdown: select,
  select_dropdown_option: select,
  scroll,
  scroll_down: scrolled("down"),
  scroll_up: scrolled("up"),
  send_keys: keys,
  go_back: () => ({ kind: "back" }),
  wait,
  screenshot: () => ({ kind: "screenshot" }),
  done,
};

const others = (
  "search search_google extract extract_content extract_page_content upload_file switch switch_tab close close_tab " +
  "dropdown_options get_dropdown_options find_text scroll_to_text evaluate write_file replace_file read_file " +
  "replace_file_str extract_structured_data drag_drop"
).split(" ");

export const knownNames: ReadonlySet<string> = new Set([...Object.keys(readers), ...others]);

export function browserAction(name: string, params: Node): Action {
  const read = Object.hasOwn(readers, name) ? readers[name] : undefined;
  return read ? read(params) : { kind: "other", name, args: params.value };
}

const clicks = new Set(["click", "click_element", "click_element_by_index"]);
const onElement = new Set([...clicks, "input", "input_text", "select_dropdown", "select_dropdown_option"]);

/** Why a page could do nothing with these parameters; null where it could. A click counts elements from 1, the others from 0. */
export function lackOf(name: string, params: Node): string | null {
  if (!onElement.has(name)) return null;
  const point =
    numberIn(fieldOf(params, "coordinate_x")) !== undefined && numberIn(fieldOf(params, "coordinate_y")) !== undefined;
  const index = numberIn(fieldOf(params, "index"));
  if (index === undefined) return clicks.has(name) && point ? null : `${name} names no element: its index is missing.`;
  return clicks.has(name) && index < 1
    ? `${name} has the index ${String(index)}, and elements are counted from 1.`
    : null;
}

/** The call of the new vintage for an action; null where it has none. */
export function browserCall(action: Action): Record<string, unknown> | null {
  const index = action.element === undefined ? null : numberOf(action.element);
  const { kind, text: words = "" } = action;
  switch (kind) {
    case "navigate":
      return action.url === undefined ? null : { navigate: { url: action.url } };
    case "click":
      if (index !== null) return { click: { index } };
      if (action.x === undefined || action.y === undefined || action.frame !== "px") return null;
      return { click: { coordinate_x: action.x, coordinate_y: action.y } };
    case "type":
      return index === null ? null : { input: { index, text: words } };
    case "select":
      return index === null ? null : { select_dropdown: { index, text: words } };
    case "scroll": {
      if (action.direction !== "up" && action.direction !== "down") return null;
      const page = { down: action.direction === "down", pages: action.amount ?? 1 };
      return { scroll: index === null ? page : { ...page, index } };
    }
    case "key":
      return { send_keys: { keys: (action.keys ?? []).join("+") } };
    case "back":
      return { go_back: {} };
    case "wait":
      return { wait: { seconds: action.seconds ?? 3 } };
    case "screenshot":
      return { screenshot: {} };
    case "done":
      return { done: { text: words, success: action.ok ?? true } };
    case "other":
      return action.name === undefined ? null : { [action.name]: isFields(action.args) ? action.args : {} };
    default:
      return null;
  }
}
