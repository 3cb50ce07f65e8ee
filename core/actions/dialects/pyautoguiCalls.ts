// What each pyautogui call asks for, in both directions. Signatures as in pyautogui's documentation; `computer.*` is Aguvis'.
import type { Action, ActionKind } from "../../model/action";
import { placed, type CallContext } from "../computerCalls";
import type { ParseHints } from "../outcome";
import { quoted, type Argument, type Literal } from "../pythonCall";

const frames = { small: "px", large: "px" } as const;

class Arguments {
  constructor(private readonly args: readonly Argument[]) {}

  /** By keyword, or by place among those without one. */
  get(name: string, place: number): Literal | undefined {
    const named = this.args.find((arg) => arg.name === name);
    if (named) return named.value;
    return this.args.filter((arg) => arg.name === undefined)[place]?.value;
  }

  number(name: string, place: number): number | null {
    const value = this.get(name, place);
    return typeof value === "number" ? value : null;
  }

  text(name: string, place: number): string | null {
    const value = this.get(name, place);
    return typeof value === "string" ? value : null;
  }

  /** x and y, also as one pair in x's place. */
  point(place = 0): readonly [number, number] | null {
    const first = this.get("x", place);
    if (Array.isArray(first)) {
      const [x, y] = first as readonly Literal[];
      return typeof x === "number" && typeof y === "number" ? [x, y] : null;
    }
    const y = this.number("y", place + 1);
    return typeof first === "number" && y !== null ? [first, y] : null;
  }

  plain(): unknown {
    return this.args.map(({ name, value }) => (name === undefined ? value : { [name]: value }));
  }
}

const kinds: Readonly<Record<string, ActionKind>> = {
  click: "click",
  leftClick: "click",
  doubleClick: "double_click",
  double_click: "double_click",
  tripleClick: "triple_click",
  triple_click: "triple_click",
  rightClick: "right_click",
  middleClick: "middle_click",
  moveTo: "hover",
};
const buttons: Readonly<Record<string, ActionKind>> = { right: "right_click", middle: "middle_click" };
const counted: Readonly<Record<number, ActionKind>> = { 2: "double_click", 3: "triple_click" };

function clickKind(name: string, args: Arguments): ActionKind | undefined {
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  if (kind !== "click") return kind;
  return buttons[args.text("button", 4) ?? ""] ?? counted[args.number("clicks", 2) ?? 1] ?? kind;
}

function typed(args: Arguments): Action | null {
  const message = args.get("message", 0) ?? args.get("text", 0);
  if (typeof message === "string") return { kind: "type", text: message };
  return Array.isArray(message) ? { kind: "key", keys: message.map(String) } : null;
}

function pressed(list: readonly Argument[], args: Arguments): Action | null {
  const keys = args.get("keys", 0) ?? args.get("key", 0);
  const presses = args.number("presses", 1);
  if (typeof keys !== "string" && !Array.isArray(keys)) return list.length === 0 ? { kind: "key", keys: [] } : null;
  return {
    kind: "key",
    keys: typeof keys === "string" ? [keys] : keys.map(String),
    ...(presses === null ? {} : { amount: presses }),
  };
}

function hotkey(list: readonly Argument[]): Action | null {
  const keys = list.filter((arg) => arg.name === undefined).flatMap(({ value }) => value);
  return keys.every((key) => typeof key === "string") ? { kind: "key", keys } : null;
}

function scrolled(args: Arguments, [positive, negative]: [string, string], context: CallContext): Action | null {
  const clicks = args.number("clicks", 0);
  if (clicks === null) return null;
  const at = args.point(1);
  return {
    kind: "scroll",
    ...placed(at, null, context),
    direction: clicks < 0 ? negative : positive,
    amount: Math.abs(clicks),
  };
}

/** Null where the arguments are none that the call takes; `other` for a call without a kind of its own. */
export function pyautoguiAction(
  module: string,
  name: string,
  list: readonly Argument[],
  hints: ParseHints,
): Action | null {
  const args = new Arguments(list);
  const context: CallContext = { hints, frames };
  const other: Action = { kind: "other", name: `${module}.${name}`, args: args.plain() };
  if (module === "time") {
    const seconds = args.number("secs", 0);
    if (name !== "sleep") return other;
    return seconds === null ? null : { kind: "wait", seconds };
  }
  if (module === "computer" && name === "terminate") {
    const status = args.text("status", 0);
    return { kind: "done", ...(status === null ? {} : { ok: status === "success" }) };
  }
  if (module !== "pyautogui" && module !== "computer") return other;
  const click = clickKind(name, args);
  if (click) {
    // A picture's file name in x's place: where it is would have to be looked up.
    if (list.length > 0 && args.get("x", 0) !== undefined && args.point() === null) return null;
    return { kind: click, ...placed(args.point(), null, context) };
  }
  switch (name) {
    case "dragTo":
    case "drag_to": {
      const to = args.point();
      return to && { kind: "drag", ...placed(null, to, context) };
    }
    case "scroll":
    case "vscroll":
      return scrolled(args, ["up", "down"], context);
    case "hscroll":
      return scrolled(args, ["right", "left"], context);
    case "write":
    case "typewrite":
      return typed(args);
    case "press":
      return pressed(list, args);
    case "hotkey":
      return hotkey(list);
    case "sleep":
      return args.number("seconds", 0) === null ? other : { kind: "wait", seconds: args.number("seconds", 0) ?? 0 };
    case "screenshot":
      return { kind: "screenshot" };
    default:
      return other;
  }
}

const names: Readonly<Partial<Record<ActionKind, string>>> = {
  click: "click",
  double_click: "doubleClick",
  triple_click: "tripleClick",
  right_click: "rightClick",
  middle_click: "middleClick",
  hover: "moveTo",
};

/** The statement that asks for an action; null where pyautogui has none. */
export function codeFor(action: Action): string | null {
  const { kind, x, y, to, amount = 0 } = action;
  const point = x === undefined || y === undefined ? "" : `x=${String(x)}, y=${String(y)}`;
  const name = names[kind];
  // Without a point it would click where the mouse stands.
  if (name) return point === "" && action.element !== undefined ? null : `pyautogui.${name}(${point})`;
  switch (kind) {
    case "drag":
      if (!to) return null;
      return `${point === "" ? "" : `pyautogui.moveTo(${point})\n`}pyautogui.dragTo(x=${String(to.x)}, y=${String(to.y)})`;
    case "scroll": {
      const sideways = action.direction === "left" || action.direction === "right";
      const sign = action.direction === "down" || action.direction === "left" ? -1 : 1;
      if (action.direction === undefined) return null;
      return `pyautogui.${sideways ? "hscroll" : "scroll"}(${[String(sign * amount), ...(point === "" ? [] : [point])].join(", ")})`;
    }
    case "type":
      return action.text === undefined ? null : `pyautogui.write(${quoted(action.text)})`;
    case "key":
      if (action.amount !== undefined && action.keys?.length === 1)
        return `pyautogui.press(${quoted(action.keys[0] ?? "")}, presses=${String(action.amount)})`;
      return `pyautogui.hotkey(${(action.keys ?? []).map(quoted).join(", ")})`;
    case "wait":
      return action.seconds === undefined ? "WAIT" : `time.sleep(${String(action.seconds)})`;
    case "done":
      return action.ok === false
        ? "computer.terminate(status='failure')"
        : action.ok
          ? "computer.terminate(status='success')"
          : "DONE";
    case "fail":
      return "FAIL";
    default:
      return null;
  }
}
