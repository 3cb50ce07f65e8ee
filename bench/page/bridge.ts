// In the page, before the view's own script: plays the editor, and says when a step of the reward curve has been painted.
export interface BridgeWindow {
  /** Given by the benchmark. */
  toHost(message: string): Promise<void>;
  painted(step: number, at: number, sinceArrival: number): Promise<void>;
  fromHost(message: string): void;
  acquireVsCodeApi(): unknown;
}

interface CurveElement extends Element {
  series: { raw: string } | null;
  data: { last: { x: number } | null } | null;
}

const own = window as unknown as BridgeWindow;

own.acquireVsCodeApi = () => ({
  postMessage: (message: unknown) => void own.toHost(JSON.stringify(message)),
  getState: () => undefined,
  setState: () => undefined,
});
let arrived = 0;
own.fromHost = (message) => {
  arrived = performance.now();
  window.postMessage(JSON.parse(message), "*");
};

/** The chart library clears a canvas at the start of each drawing. What it draws there is on screen once the frame is done. */
const clear = CanvasRenderingContext2D.prototype.clearRect;
CanvasRenderingContext2D.prototype.clearRect = function (this: CanvasRenderingContext2D, ...area) {
  clear.apply(this, area);
  const root = this.canvas.getRootNode();
  const curve = root instanceof ShadowRoot ? (root.host as CurveElement) : null;
  const step = curve?.series?.raw === "reward_stats.reward_overall" ? curve.data?.last?.x : undefined;
  if (step !== undefined) afterFrame(() => void own.painted(step, performance.now(), performance.now() - arrived));
};

/** A task that is posted while a frame is being made runs after it. */
function afterFrame(act: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = act;
  port2.postMessage(null);
}
