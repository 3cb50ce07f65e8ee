// In the view's page: turns the wheel over the first chart once a frame, and counts frames and drawings.
import { framesOf } from "./panning";

export interface PanWindow {
  panCharts(ms: number): Promise<{ frames: number; drawings: number }>;
}

let cleared = 0;
const clear = CanvasRenderingContext2D.prototype.clearRect;
CanvasRenderingContext2D.prototype.clearRect = function (this: CanvasRenderingContext2D, ...area) {
  cleared++;
  clear.apply(this, area);
};

function firstPlot(root: ParentNode): HTMLElement | null {
  for (const element of root.querySelectorAll("*")) {
    if (element.matches("rs-curve")) return element.shadowRoot?.querySelector<HTMLElement>(".plot") ?? null;
    const found = element.shadowRoot && firstPlot(element.shadowRoot);
    if (found) return found;
  }
  return null;
}

/** In, a way along, back, and out again. */
(window as unknown as PanWindow).panCharts = async (ms) => {
  const plot = firstPlot(document);
  if (!plot) throw new Error("there is no chart");
  const { left, width, top } = plot.getBoundingClientRect();
  cleared = 0;
  const frames = await framesOf(ms, (share) => {
    const zooms = share < 0.25 || share >= 0.75;
    const turn =
      share < 0.25 ? { deltaY: -25 } : share < 0.5 ? { deltaX: 12 } : share < 0.75 ? { deltaX: -12 } : { deltaY: 25 };
    const at = { clientX: left + width / 2, clientY: top + 20 };
    plot.dispatchEvent(
      new WheelEvent("wheel", { ...turn, ...at, ctrlKey: zooms, bubbles: true, cancelable: true, composed: true }),
    );
  });
  return { frames, drawings: (cleared * 1000) / ms };
};
