// GE-Lab's records as our actions (formats/gui-and-trainers.md 2.2 to 2.5): its model-output grammar, and its three coordinate
// frames told apart. Shared by its readers.
import { iconOf } from "../metrics/gelabScore";
import type { Action, Frame } from "../model/action";
import { numberOf } from "../base/json";

/** data_engine/generate_dataset.py:28, and every bbox of ui_structure.json. */
export const canvas = { width: 1179, height: 2556 };

type Box = [number, number, number, number];

export interface Point {
  x: number;
  y: number;
}

const scales: Readonly<Partial<Record<Frame, Point>>> = {
  canvas: { x: canvas.width, y: canvas.height },
  n1000: { x: 1000, y: 1000 },
  unit: { x: 1, y: 1 },
};

/** null for pixels of an image whose size is not known here. */
export function toUnit({ x, y }: Point, frame: Frame): Point | null {
  const scale = scales[frame];
  return scale ? { x: x / scale.x, y: y / scale.y } : null;
}

export function boxToUnit([x0, y0, x1, y1]: Box, frame: Frame): Box | null {
  const from = toUnit({ x: x0, y: y0 }, frame);
  const to = toUnit({ x: x1, y: y1 }, frame);
  return from && to ? [from.x, from.y, to.x, to.y] : null;
}

/** Four numbers that are a box; `main` writes [0,0,0,0] where nothing is to be clicked. */
export function boxOf(value: unknown): Box | null {
  if (!Array.isArray(value) || value.length !== 4) return null;
  const [x0, y0, x1, y1] = value.map(numberOf);
  const known = (n: number | null | undefined): n is number => typeof n === "number" && Number.isFinite(n);
  return known(x0) && known(y0) && known(x1) && known(y1) && x1 > x0 && y1 > y0 ? [x0, y0, x1, y1] : null;
}

/** Every element is 200x200 on the canvas, so 170x78 in 0..1000; `bbox_norm` holds either, whatever its name says (2.4). */
export function frameOfBox([x0, y0, x1, y1]: Box): Frame {
  if (Math.max(x1, y1) > 1000) return "canvas";
  return y1 - y0 > (x1 - x0) * 0.8 ? "canvas" : "n1000";
}

/**
 * Elements stand on a grid, 115 apart in y on no other frame: centres at x 160, 344, 574, 804, 1034 or 1019, y 160 or 668 + 230 k (2.3).
 * A point of 0..1000 that falls on it by chance is taken for a canvas point only within 2 px in both.
 */
export function frameOfPoint({ x, y }: Point): Frame {
  if (Math.max(x, y) > 1000) return "canvas";
  const near = (value: number, grid: number): boolean => Math.abs(value - grid) <= 2;
  const inX = [160, 344, 574, 804, 1019, 1034].some((grid) => near(x, grid));
  const inY = near(y, 160) || (y > 600 && near((y - 668 + 230) % 230, 0));
  return inX && inY ? "canvas" : "n1000";
}

const POINT = /\((\d+)\s*,\s*(\d+)\)/;

/** interactive_eval.parse_model_output (2.5): `complete` anywhere wins, then a call, then the first pair in brackets. */
export function actionOfText(text: string, frame: Frame | null): Action | null {
  if (/action: ?complete/i.test(text)) return { kind: "done" };
  const point = /click\s*\(\s*(\d+)\s*,\s*(\d+)\s*\)/.exec(text) ?? POINT.exec(text);
  if (!point) return null;
  const at = { x: Number(point[1]), y: Number(point[2]) };
  const element = iconOf(text);
  return { kind: "click", ...at, frame: frame ?? frameOfPoint(at), ...(element === null ? {} : { element }) };
}

/** In unit coordinates; null where one of them is nowhere. */
export function distanceOf(a: Action | null, b: Action | null): number | null {
  const [from, to] = [a, b].map((action) =>
    action?.x === undefined || action.y === undefined || !action.frame
      ? null
      : toUnit({ x: action.x, y: action.y }, action.frame),
  );
  return from && to ? Math.hypot(from.x - to.x, from.y - to.y) : null;
}

/** Where a page's picture may lie: as written, else by its name. */
export function imagesOfPage(page: string): string[] {
  const name = /\.(png|jpe?g)$/i.test(page) ? page : `${page}.png`;
  return [`datas/images/${name}`, `pages/${name}`, name];
}
