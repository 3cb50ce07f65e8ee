// An action as strokes over a picture: where it points, where it drags to, which way it scrolls. Lengths in the picture's pixels.
import type { Action } from "../../core/model/action";
import type { FrameSizes, Point, Size } from "../../core/model/frame";
import { endOf, spotOf, wayOf } from "./actionWords";

/** The expected action is a circle, a predicted one a cross: told apart by more than their hue. */
export type Anchor = "circle" | "cross";

export interface Mark {
  /** Of an SVG path. */
  path: string;
  /** What the strokes do not say: "2×", "right", "hold"; "" where they say it all. */
  label: string;
  at: Point;
}

const labels: Readonly<Partial<Record<Action["kind"], string>>> = {
  click: "",
  drag: "",
  swipe: "",
  scroll: "",
  double_click: "2×",
  triple_click: "3×",
  right_click: "right",
  middle_click: "middle",
  long_press: "hold",
};

/** How far the arrow of a scroll without an end reaches, of the picture's smaller side. */
const REACH = 0.16;

/** `r` is the anchor's size. Null for an action that is nowhere on the picture. */
export function markOf(action: Action, sizes: FrameSizes, picture: Size, r: number, anchor: Anchor): Mark | null {
  const inPixels = (spot: Point | null): Point | null =>
    spot && { x: spot.x * picture.width, y: spot.y * picture.height };
  const from = inPixels(spotOf(action, sizes));
  const way = wayOf(action);
  const start = from ?? (way ? { x: picture.width / 2, y: picture.height / 2 } : null);
  if (!start) return null;
  const reach = REACH * Math.min(picture.width, picture.height);
  const end = inPixels(endOf(action, sizes)) ?? (way && { x: start.x + way.x * reach, y: start.y + way.y * reach });
  const parts = from ? [anchor === "circle" ? circle(from, r) : cross(from, r)] : [];
  if (end) parts.push(arrow(start, end, r));
  return { path: parts.join(""), label: labels[action.kind] ?? action.kind.replace(/_/g, " "), at: start };
}

const round = (value: number): string => String(Math.round(value * 100) / 100);
const at = ({ x, y }: Point): string => `${round(x)} ${round(y)}`;

const circle = ({ x, y }: Point, r: number): string =>
  `M${at({ x: x - r, y })}a${round(r)} ${round(r)} 0 1 0 ${round(2 * r)} 0a${round(r)} ${round(r)} 0 1 0 ${round(-2 * r)} 0`;

const cross = ({ x, y }: Point, r: number): string =>
  `M${at({ x: x - 1.5 * r, y })}h${round(3 * r)}M${at({ x, y: y - 1.5 * r })}v${round(3 * r)}`;

function arrow(from: Point, to: Point, r: number): string {
  const angle = Math.atan2(to.y - from.y, to.x - from.x);
  const side = (turn: number): Point => ({
    x: to.x - 1.4 * r * Math.cos(angle + turn),
    y: to.y - 1.4 * r * Math.sin(angle + turn),
  });
  return `M${at(from)}L${at(to)}M${at(side(0.5))}L${at(to)}L${at(side(-0.5))}`;
}
