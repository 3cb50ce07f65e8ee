// OpenAdapt's action records (schema/episode.py, all vintages) as our actions. Shared by its episode and sample readers.
import type { Action, ActionKind } from "../model/action";
import { isFields, numberOf, textOf, type Fields } from "../base/json";

/** 24 types of the schema and those of V1/V2; whatever is not here stays visible as `other` under its own name. */
const kinds: Readonly<Record<string, ActionKind>> = {
  click: "click",
  double_click: "double_click",
  right_click: "right_click",
  drag: "drag",
  scroll: "scroll",
  hover: "hover",
  type: "type",
  click_and_type: "type",
  key: "key",
  hotkey: "key",
  wait: "wait",
  screenshot: "screenshot",
  goto: "navigate",
  back: "back",
  open_app: "open_app",
  done: "done",
  answer: "answer",
  fail: "fail",
  failed: "fail",
};

interface Point {
  x: number;
  y: number;
}

/** `[x, y]` or `{x, y}`; anything else is no point. */
function pointOf(value: unknown): Point | null {
  const x = numberOf(Array.isArray(value) ? value[0] : isFields(value) ? value.x : null);
  const y = numberOf(Array.isArray(value) ? value[1] : isFields(value) ? value.y : null);
  return x === null || y === null ? null : { x, y };
}

/** `[x0, y0, x1, y1]`, four finite numbers, or null. */
export function boxOf(value: unknown): [number, number, number, number] | null {
  if (!Array.isArray(value) || value.length !== 4) return null;
  const [x0, y0, x1, y1] = value.map(numberOf);
  const known = (n: number | null | undefined): n is number => typeof n === "number" && Number.isFinite(n);
  return known(x0) && known(y0) && known(x1) && known(y1) ? [x0, y0, x1, y1] : null;
}

function placeOf(record: Fields): Partial<Action> {
  const unit = pointOf(record.normalized_coordinates) ?? pointOf(record.normalized_start) ?? pointOf(record);
  if (unit) {
    const to = pointOf(record.normalized_end);
    return { x: unit.x, y: unit.y, frame: "unit", ...(to ? { to } : {}) };
  }
  const pixel = pointOf(record.coordinates) ?? pointOf(record.start_coordinates);
  if (!pixel) return {};
  const to = pointOf(record.end_coordinates);
  return { x: pixel.x, y: pixel.y, frame: "px", ...(to ? { to } : {}) };
}

/** The set-of-marks element: an index written by the generator, or the schema's element id. */
function elementOf(record: Fields): string | null {
  const raw = isFields(record.raw) ? record.raw : {};
  const element = isFields(record.element) ? record.element : {};
  const id = record.element_index ?? element.element_id ?? raw.element_index;
  return typeof id === "number" || typeof id === "string" ? String(id) : null;
}

/** An action record of a sample (`x`, `y` in unit coordinates) or of an episode; null where there is none. */
export function actionOfRecord(record: unknown): Action | null {
  if (!isFields(record)) return null;
  const type = textOf(record.type);
  if (type === null) return null;
  const kind = kinds[type] ?? "other";
  const action: Action = { kind, ...placeOf(record) };
  const element = elementOf(record);
  if (element !== null) action.element = element;
  const text = textOf(record.text) ?? textOf(record.answer);
  if (text !== null) action.text = text;
  const url = textOf(record.url);
  if (url !== null) action.url = url;
  if (kind === "open_app") action.name = textOf(record.app_name) ?? "";
  if (kind === "other") action.name = type;
  const key = textOf(record.key);
  const modifiers = Array.isArray(record.modifiers) ? record.modifiers.filter((m) => typeof m === "string") : [];
  if (key !== null || modifiers.length > 0) action.keys = key === null ? modifiers : [...modifiers, key];
  const direction = textOf(record.scroll_direction);
  if (direction !== null) action.direction = direction;
  const amount = numberOf(record.scroll_amount);
  if (amount !== null) action.amount = amount;
  const seconds = numberOf(record.duration);
  if (seconds !== null) action.seconds = seconds;
  return action;
}
