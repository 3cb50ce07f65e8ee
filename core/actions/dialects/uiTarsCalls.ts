// The calls of UI-TARS and what each asks for, in both directions (formats/gui-and-trainers.md 4, UI-TARS action_parser.py).
import type { Action, ActionKind } from "../../model/action";
import { placed, type CallContext } from "../computerCalls";
import type { ParseHints } from "../outcome";
import { quoted, readCall } from "../pythonCall";

type Values = ReadonlyMap<string, string>;

export type ReadArguments = { values: Values; end?: number } | { why: string };

/** Old names of the same box. */
const boxNames: Readonly<Record<string, string>> = {
  point: "start_box",
  start_point: "start_box",
  end_point: "end_box",
};

/**
 * `content` runs to the last quote and bracket, whatever quotes it holds; everything else is a call with string arguments.
 * `stop` is behind the closing bracket, or where the text is cut.
 */
export function argumentsOf(text: string, name: string, open: number, stop: number, closed: boolean): ReadArguments {
  const inner = text.slice(open + 1, closed ? stop - 1 : stop);
  const opening = /^\s{0,9}content\s{0,9}=\s{0,9}(['"])/.exec(inner);
  if (opening && (name === "type" || name === "finished" || name === "call_user")) {
    const begin = opening[0].length;
    const close = inner.lastIndexOf(opening[1] ?? "'");
    if (close < begin) return { why: "its content has no closing quote" };
    if (inner.slice(close + 1).trim() !== "") return { why: "something follows its content inside the brackets" };
    return { values: new Map([["content", written(inner.slice(begin, close))]]) };
  }
  const call = readCall(closed ? text.slice(0, stop) : `${text.slice(0, stop)})`, open);
  if ("why" in call) return { why: call.why };
  const values = new Map<string, string>();
  for (const { name: key, value } of call.args) {
    if (key === undefined) return { why: "its arguments need names" };
    values.set(boxNames[key] ?? key, Array.isArray(value) ? value.join(",") : String(value));
  }
  return { values, end: Math.min(call.end, stop) };
}

/** As `written` undoes it: a backslash of the text itself cannot be escaped. */
const content = (text: string): string => `content='${text.replaceAll("'", "\\'").replaceAll("\n", "\\n")}'`;

/** Exactly three escapes are known. */
const written = (inner: string): string =>
  inner.replace(/\\(['"n])/g, (_all, char: string) => (char === "n" ? "\n" : char));

function boxOf(value: string | undefined): readonly [number, number] | null {
  if (value === undefined || value.length > 200) return null;
  const numbers = (value.match(/-?(?:\d+(?:\.\d+)?|\.\d+)/g) ?? []).map(Number);
  const [x1, y1, x2, y2] = numbers;
  if (x1 === undefined || y1 === undefined) return null;
  if (numbers.length === 2) return [x1, y1];
  return numbers.length === 4 && x2 !== undefined && y2 !== undefined ? [(x1 + x2) / 2, (y1 + y2) / 2] : null;
}

const pointed: Readonly<Record<string, ActionKind>> = {
  click: "click",
  left_single: "click",
  left_double: "double_click",
  double_click: "double_click",
  right_single: "right_click",
  right_click: "right_click",
  hover: "hover",
  long_press: "long_press",
};
const dragged: Readonly<Record<string, ActionKind>> = { drag: "drag", select: "drag", swipe: "swipe" };
const plain: Readonly<Record<string, ActionKind>> = { wait: "wait", press_home: "home", press_back: "back" };
const frames = { small: "n1000", large: "model_px" } as const;

/** Null where a point is missing. */
export function tarsAction(name: string, values: Values, hints: ParseHints): Action | null {
  const context: CallContext = { hints, frames };
  const from = boxOf(values.get("start_box"));
  const to = boxOf(values.get("end_box"));
  const click = pointed[name];
  if (click) return from && { kind: click, ...placed(from, null, context), ...seconds(values.get("time")) };
  const drag = dragged[name];
  const direction = values.get("direction");
  const towards = direction === undefined || direction === "" ? {} : { direction };
  if (drag) return from && (to ?? direction) ? { kind: drag, ...placed(from, to, context), ...towards } : null;
  const without = plain[name];
  if (without) return { kind: without, ...seconds(values.get("time")) };
  const words = values.get("content");
  const text = words === undefined ? {} : { text: words };
  switch (name) {
    case "scroll":
      // On a phone it goes from one box to another.
      return to && from
        ? { kind: "scroll", ...placed(from, to, context) }
        : { kind: "scroll", ...placed(from, null, context), ...towards };
    case "type":
      return { kind: "type", ...text };
    case "finished":
      return { kind: "done", ...text };
    case "call_user":
      return { kind: "answer", ...text };
    case "open_app":
      return { kind: "open_app", text: values.get("app_name") ?? "" };
    case "keydown":
    case "keyup":
    case "release":
      // Half of a key press.
      return { kind: "other", name, args: Object.fromEntries(values) };
    default:
      return {
        kind: "key",
        keys: (values.get("key") ?? values.get(name) ?? "").split(/\s+/).filter((key) => key !== ""),
      };
  }
}

function seconds(time: string | undefined): Partial<Action> {
  return time !== undefined && /^\d{1,9}(\.\d{1,9})?$/.test(time) ? { seconds: Number(time) } : {};
}

const box = (x: number | undefined, y: number | undefined): string =>
  `'<|box_start|>(${String(x)},${String(y)})<|box_end|>'`;

const names: Readonly<Partial<Record<ActionKind, string>>> = {
  click: "click",
  double_click: "left_double",
  right_click: "right_single",
  hover: "hover",
  long_press: "long_press",
};

/** The call that asks for an action; null where UI-TARS has none, or the frame is none of its own. */
export function callFor(action: Action): string | null {
  const { kind, x, y, to, text } = action;
  if (action.frame !== undefined && !["n1000", "model_px", "unit"].includes(action.frame)) return null;
  const start = x === undefined ? null : `start_box=${box(x, y)}`;
  const name = names[kind];
  if (name)
    return (
      start &&
      `${name}(${start}${kind === "long_press" && action.seconds !== undefined ? `, time='${String(action.seconds)}'` : ""})`
    );
  switch (kind) {
    case "drag":
    case "swipe":
      return start && to ? `${kind}(${start}, end_box=${box(to.x, to.y)})` : null;
    case "scroll":
      if (start && to) return `scroll(${start}, end_box=${box(to.x, to.y)})`;
      return action.direction === undefined
        ? null
        : `scroll(${[...(start ? [start] : []), `direction='${action.direction}'`].join(", ")})`;
    case "type":
      return `type(${content(text ?? "")})`;
    case "key":
      return `hotkey(key='${(action.keys ?? []).join(" ")}')`;
    case "wait":
      return "wait()";
    case "done":
      return text === undefined ? "finished()" : `finished(${content(text)})`;
    case "answer":
      return text === undefined ? "call_user()" : `call_user(${content(text)})`;
    case "home":
    case "back":
      return `press_${kind}()`;
    case "open_app":
      return `open_app(app_name=${quoted(text ?? "")})`;
    default:
      return null;
  }
}
