// The vocabulary that computer-use tools share: Qwen's computer_use and mobile_use, Anthropic's computer, OpenAI's computer_call
// (formats/gui-and-trainers.md 4). Arguments in, one action out; the same words mean the same everywhere.
import type { Action, ActionKind } from "../model/action";
import { isFields, numberOf, textOf, type Fields } from "../base/json";
import { frameOf, type FrameDefaults } from "./frames";
import type { ParseHints } from "./outcome";

export interface CallContext {
  hints: ParseHints;
  frames: FrameDefaults;
}

type Numbers = readonly [number, number];

/** `[x, y]`, a box `[x1, y1, x2, y2]` (its centre), either of them as a string, or `{x, y}`. */
export function pointOf(value: unknown): Numbers | null {
  if (isFields(value)) return pairOf([value["x"], value["y"]]);
  if (Array.isArray(value)) return pairOf(value);
  if (typeof value !== "string" || value.length > 100) return null;
  const numbers = value.match(/-?\d+(?:\.\d+)?/g) ?? [];
  return pairOf(numbers);
}

function pairOf(values: readonly unknown[]): Numbers | null {
  const numbers = values.map(numberOf);
  if (numbers.some((number) => number === null || !Number.isFinite(number))) return null;
  const [x1, y1, x2, y2] = numbers as number[];
  if (x1 === undefined || y1 === undefined) return null;
  if (numbers.length === 2) return [x1, y1];
  return numbers.length === 4 && x2 !== undefined && y2 !== undefined ? [(x1 + x2) / 2, (y1 + y2) / 2] : null;
}

/** Coordinates as fields of an action, in their frame; nothing where there are none. */
export function placed(from: Numbers | null, to: Numbers | null, { hints, frames }: CallContext): Partial<Action> {
  if (!from && !to) return {};
  return {
    ...(from ? { x: from[0], y: from[1] } : {}),
    ...(to ? { to: { x: to[0], y: to[1] } } : {}),
    frame: frameOf([...(from ?? []), ...(to ?? [])], hints, frames),
  };
}

export function keysOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.map(String);
  const combination = textOf(value) ?? "";
  return combination.length > 1 ? combination.split("+").filter((key) => key !== "") : [combination];
}

const clicks: Readonly<Record<string, ActionKind>> = {
  click: "click",
  left_click: "click",
  double_click: "double_click",
  triple_click: "triple_click",
  right_click: "right_click",
  middle_click: "middle_click",
  mouse_move: "hover",
  move: "hover",
  long_press: "long_press",
};

/** Buttons of OpenAI's click. */
const buttons: Readonly<Record<string, ActionKind>> = {
  right: "right_click",
  wheel: "middle_click",
  middle: "middle_click",
};
const systemButtons: Readonly<Record<string, ActionKind>> = { back: "back", home: "home" };

const needed = ["coordinate", "coordinate2", "start_coordinate", "end_coordinate"];

/** What these arguments lack or hold that makes no point, in a sentence; null where there is nothing to say. */
export function lackIn(args: Fields): string | null {
  const odd = needed.filter((name) => args[name] !== undefined && args[name] !== null && pointOf(args[name]) === null);
  if (odd.length > 0) return `${odd.join(" and ")} ${odd.length > 1 ? "are" : "is"} no point; one is [x, y].`;
  const swipes = textOf(args["action"]) === "swipe" && textOf(args["direction"]) === null;
  return swipes && pointOf(args["coordinate2"]) === null && pointOf(args["end_coordinate"]) === null
    ? "swipe says neither where it ends (coordinate2) nor a direction."
    : null;
}

/** What `action` of these arguments asks for; null where it is none of the words. */
export function computerAction(args: Fields, context: CallContext): Action | null {
  const word = textOf(args["action"]) ?? textOf(args["type"]) ?? "";
  const at = pointOf(args["coordinate"]) ?? pointOf(args["start_coordinate"]) ?? pointOf(args);
  const click = Object.hasOwn(clicks, word) ? clicks[word] : undefined;
  if (click) {
    const kind = click === "click" ? (buttons[textOf(args["button"]) ?? ""] ?? click) : click;
    return { kind, ...placed(at, null, context), ...seconds(args, "time") };
  }
  return moving(word, args, at, context) ?? simple(word, args);
}

function seconds(args: Fields, ...names: string[]): Partial<Action> {
  for (const name of names) {
    const value = numberOf(args[name]);
    if (value !== null && Number.isFinite(value)) return { seconds: value };
  }
  return {};
}

function words(args: Fields, name = "text"): Partial<Action> {
  const value = textOf(args[name]);
  return value === null ? {} : { text: value };
}

function moving(word: string, args: Fields, at: Numbers | null, context: CallContext): Action | null {
  const start = pointOf(args["start_coordinate"]);
  switch (word) {
    case "left_click_drag":
      // With one coordinate it drags from where the mouse stands.
      return {
        kind: "drag",
        ...placed(start, pointOf(args["coordinate"]) ?? pointOf(args["end_coordinate"]), context),
      };
    case "drag": {
      const path: readonly unknown[] = Array.isArray(args["path"]) ? args["path"] : [];
      const end = pointOf(path.at(-1)) ?? pointOf(args["end_coordinate"]) ?? pointOf(args["coordinate2"]);
      return { kind: "drag", ...placed(pointOf(path[0]) ?? at, end, context) };
    }
    case "swipe": {
      const direction = textOf(args["direction"]);
      const end = pointOf(args["coordinate2"]) ?? pointOf(args["end_coordinate"]);
      return { kind: "swipe", ...placed(at, end, context), ...(direction === null ? {} : { direction }) };
    }
    case "scroll":
    case "hscroll":
      return { kind: "scroll", ...placed(at, null, context), ...scrolled(word, args) };
    default:
      return null;
  }
}

/** Qwen counts pixels upwards, OpenAI downwards, Anthropic names the direction. */
function scrolled(word: string, args: Fields): Partial<Action> {
  const named = textOf(args["scroll_direction"]) ?? textOf(args["direction"]);
  const amount = numberOf(args["scroll_amount"] ?? args["amount"]);
  if (named !== null) return { direction: named, ...(amount === null ? {} : { amount }) };
  const pixels = numberOf(args["pixels"]);
  if (pixels !== null) {
    const [positive, negative] = word === "hscroll" ? ["right", "left"] : ["up", "down"];
    return { direction: pixels < 0 ? negative : positive, amount: Math.abs(pixels) };
  }
  const down = numberOf(args["scroll_y"]);
  const right = numberOf(args["scroll_x"]);
  if (down !== null && down !== 0) return { direction: down < 0 ? "up" : "down", amount: Math.abs(down) };
  if (right !== null && right !== 0) return { direction: right < 0 ? "left" : "right", amount: Math.abs(right) };
  return {};
}

function simple(word: string, args: Fields): Action | null {
  switch (word) {
    case "type":
    case "input_text":
      return { kind: "type", ...words(args) };
    case "key":
    case "hold_key":
      return { kind: "key", keys: keysOf(args["keys"] ?? args["text"] ?? args["key"]), ...seconds(args, "duration") };
    case "keypress":
      return { kind: "key", keys: keysOf(args["keys"]) };
    case "wait":
      return { kind: "wait", ...seconds(args, "time", "duration", "seconds") };
    case "screenshot":
      return { kind: "screenshot" };
    case "terminate": {
      const status = textOf(args["status"]);
      return { kind: "done", ...(status === null ? {} : { ok: status === "success" }), ...words(args) };
    }
    case "answer":
    case "ask_user":
      return { kind: "answer", ...words(args) };
    case "open":
    case "open_app":
      return { kind: "open_app", ...words(args) };
    case "system_button": {
      const button = textOf(args["button"]) ?? "";
      const kind = systemButtons[button.toLowerCase()];
      return kind ? { kind } : { kind: "key", keys: [button] };
    }
    default:
      return null;
  }
}
