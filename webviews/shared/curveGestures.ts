// What a hand does to the stretch of steps that a chart shows: drag over one, hold Shift or turn the wheel sideways to move it,
// turn the wheel with Ctrl to come closer, double-click to see all again.
import { panned, zoomed, type Range } from "./curveRange";

export interface GestureHost {
  /** What is shown now, and what there is; null before there are points. */
  shown(): { range: Range; whole: Range } | null;
  /** Where the plot's pixels lie on the axis. */
  stepAt(clientX: number): number | null;
  /** Pixels of a drag under way, relative to the page; null when it is over. */
  brush(area: { left: number; right: number } | null): void;
  choose(range: Range | null): void;
}

/** A hand that clicks trembles. */
const DRAG_PX = 5;
const WHEEL = 1.0015;
const WIDTH_PX = 400;

export class CurveGestures {
  private began: { x: number; moves: boolean } | null = null;
  /** The click that follows a drag chooses no step. */
  private dragged = false;

  constructor(private readonly host: GestureHost) {}

  down(event: PointerEvent): void {
    this.dragged = false;
    if (event.button === 0 && event.pointerType !== "touch") this.began = { x: event.clientX, moves: event.shiftKey };
  }

  /** Whether the pointer is dragging, so that it reads off nothing. */
  move(event: PointerEvent): boolean {
    const { began } = this;
    if (!began || (!this.dragged && Math.abs(event.clientX - began.x) < DRAG_PX)) return false;
    if (!this.dragged) (event.currentTarget as Element).setPointerCapture(event.pointerId);
    this.dragged = true;
    if (began.moves) {
      this.pan(began.x, event.clientX);
      began.x = event.clientX;
    } else this.host.brush({ left: Math.min(began.x, event.clientX), right: Math.max(began.x, event.clientX) });
    return true;
  }

  up(event: PointerEvent): void {
    const { began } = this;
    this.began = null;
    this.host.brush(null);
    if (!began || !this.dragged || began.moves) return;
    const [one, other] = [this.host.stepAt(began.x), this.host.stepAt(event.clientX)];
    const shown = this.host.shown();
    if (one === null || other === null || !shown) return;
    const from = Math.max(shown.range.from, Math.min(one, other));
    const to = Math.min(shown.range.to, Math.max(one, other));
    if (to > from) this.host.choose({ from, to });
  }

  cancel(): void {
    this.began = null;
    this.host.brush(null);
  }

  /** Whether a click is the end of a drag. */
  endsDrag(): boolean {
    return this.dragged;
  }

  /** A wheel that means the page is left to it. */
  wheel(event: WheelEvent): void {
    const shown = this.host.shown();
    const sideways = event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX;
    if (!shown) return;
    if (event.ctrlKey || event.metaKey) {
      const at = this.host.stepAt(event.clientX);
      if (at !== null) this.host.choose(zoomed(shown.range, shown.whole, at, WHEEL ** event.deltaY));
    } else if (sideways !== 0 && shown.range.to - shown.range.from < shown.whole.to - shown.whole.from)
      this.host.choose(panned(shown.range, shown.whole, sideways / WIDTH_PX));
    else return;
    event.preventDefault();
  }

  /** True where the key was meant for this. */
  key(key: string, at: number | null): boolean {
    const shown = this.host.shown();
    if (!shown) return false;
    const { range, whole } = shown;
    const middle = at !== null && at >= range.from && at <= range.to ? at : (range.from + range.to) / 2;
    if (key === "+" || key === "=") this.host.choose(zoomed(range, whole, middle, 0.5));
    else if (key === "-") this.host.choose(zoomed(range, whole, middle, 2));
    else if (key === "PageUp" || key === "PageDown")
      this.host.choose(panned(range, whole, key === "PageUp" ? -0.5 : 0.5));
    else if (key === "0" || key === "Escape") this.host.choose(null);
    else return false;
    return true;
  }

  private pan(from: number, to: number): void {
    const shown = this.host.shown();
    const [one, other] = [this.host.stepAt(from), this.host.stepAt(to)];
    if (!shown || one === null || other === null) return;
    const { range, whole } = shown;
    if (range.to - range.from < whole.to - whole.from)
      this.host.choose(panned(range, whole, (one - other) / (range.to - range.from)));
  }
}

export function drawBrush(
  brush: HTMLElement | null,
  plot: HTMLElement | null,
  area: { left: number; right: number } | null,
): void {
  if (!brush || !plot) return;
  brush.hidden = !area;
  if (!area) return;
  const { left, width } = plot.getBoundingClientRect();
  const from = Math.max(0, area.left - left);
  brush.style.transform = `translateX(${from}px)`;
  brush.style.width = `${Math.min(width, area.right - left) - from}px`;
}

/** Moved by transform: following the pointer costs no repaint of the canvas. */
export function drawCursor(
  line: HTMLElement,
  dot: HTMLElement,
  place: { x: number; y: number | null; top: number; bottom: number } | null,
): void {
  line.hidden = !place;
  dot.hidden = !place || place.y === null;
  if (!place) return;
  line.style.height = `${place.bottom - place.top}px`;
  line.style.transform = `translate(${place.x}px, ${place.top}px)`;
  if (place.y !== null) dot.style.transform = `translate(${place.x}px, ${place.y}px)`;
}
