// In a page of its own: chart.js by itself with its own decimation, as whoever draws a million points begins.
import {
  Chart,
  Decimation,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  type ChartConfiguration,
} from "chart.js";
import { framesOf, valueAt } from "./panning";

Chart.register(Decimation, LinearScale, LineController, LineElement, PointElement);

export interface PlainWindow {
  /** Frames a second while all charts move. */
  plainCharts(charts: number, points: number, width: number, height: number, ms: number): Promise<number>;
}

(window as unknown as PlainWindow).plainCharts = async (count, points, width, height, ms) => {
  // One list for all: what it costs to hold twenty is not what is measured.
  const data = Array.from({ length: points }, (_, x) => ({ x, y: valueAt(x) }));
  const charts = Array.from({ length: count }, () => {
    const canvas = document.body.appendChild(document.createElement("canvas"));
    Object.assign(canvas, { width, height });
    const config: ChartConfiguration<"line", { x: number; y: number }[]> = {
      type: "line",
      data: { datasets: [{ data }] },
      options: {
        animation: false,
        responsive: false,
        parsing: false,
        normalized: true,
        events: [],
        elements: { point: { radius: 0 } },
        plugins: { decimation: { enabled: true, algorithm: "min-max" } },
        scales: { x: { type: "linear", min: 0, max: points }, y: { type: "linear" } },
      },
    };
    return new Chart(canvas, config);
  });
  const span = points / 4;
  return framesOf(ms, (share) => {
    const from = (points - span) * (0.5 - 0.5 * Math.cos(2 * Math.PI * share));
    for (const chart of charts) {
      Object.assign(chart.options.scales?.["x"] ?? {}, { min: from, max: from + span });
      chart.update("none");
    }
  });
};
