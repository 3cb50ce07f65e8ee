// chart.js behind three calls: show, place, stepAt. Only the parts in use are registered.
import {
  Chart,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  PointElement,
  type ChartDataset,
  type Plugin,
} from "chart.js";
import type { AttemptMark } from "../../core/model/runState";
import type { Point } from "./curveData";
import type { Range } from "./curveRange";
import { hueOf } from "./curveData";
import { formatNumber, formatStep, formatTick } from "./format";
import type { ChartColours } from "./theme";

Chart.register(LinearScale, LogarithmicScale, LineController, LineElement, PointElement);

export interface Picture {
  points: readonly Point[];
  smooth: readonly Point[];
  /** The stretch of steps that is shown; null for all. */
  range: Range | null;
  /** Steps whose value has no place on the y axis. */
  odd: readonly number[];
  step: number | null;
  /** Where later attempts of a restarted run begin. */
  marks: readonly AttemptMark[];
  name: string;
  logScale: boolean;
  colours: ChartColours;
}

/** Colour with an alpha; theme colours come as #rgb, #rrggbb or rgb(). */
function faint(colour: string, share: number): string {
  const hex = /^#([0-9a-f]{6})$/i.exec(colour);
  if (hex)
    return `${colour}${Math.round(share * 255)
      .toString(16)
      .padStart(2, "0")}`;
  const rgb = /^rgba?\(([^,]+),([^,]+),([^,)]+)/.exec(colour);
  return rgb ? `rgba(${rgb[1]},${rgb[2]},${rgb[3]},${share})` : colour;
}

/** What has no place becomes a gap: an infinite value would otherwise be a line to the edge of the canvas. */
const drawable = (points: readonly Point[]): Point[] =>
  points.map(({ x, y }) => ({ x, y: Number.isFinite(y) ? y : Number.NaN }));

const tickWords = (value: number | string, _index: number, ticks: readonly { value: number }[]): string =>
  formatTick(Number(value), Math.abs((ticks[1]?.value ?? 0) - (ticks[0]?.value ?? 0)));

export class CurveChart {
  private picture: Picture | null = null;
  private readonly chart: Chart<"line", Point[]>;

  /** Null where the page has no canvas (tests without a browser): the rest of the element works without its picture. */
  static on(canvas: HTMLCanvasElement, onLayout: () => void): CurveChart | null {
    return canvas.getContext("2d") ? new CurveChart(canvas, onLayout) : null;
  }

  private constructor(
    readonly canvas: HTMLCanvasElement,
    onLayout: () => void,
  ) {
    const marks: Plugin<"line"> = {
      id: "marks",
      beforeDatasetsDraw: (chart) => {
        this.drawMarks(chart);
        this.drawStep(chart);
      },
      afterDatasetsDraw: (chart) => this.drawOdd(chart),
      resize: () => queueMicrotask(onLayout),
    };
    this.chart = new Chart<"line", Point[]>(canvas, {
      type: "line",
      data: { datasets: [] },
      plugins: [marks],
      options: {
        animation: false,
        responsive: true,
        maintainAspectRatio: false,
        parsing: false,
        normalized: true,
        events: [],
        layout: { padding: { top: 6, right: 8, bottom: 0, left: 0 } },
        elements: { point: { radius: 0 }, line: { borderJoinStyle: "round" } },
      },
    });
  }

  show(picture: Picture): void {
    this.picture = picture;
    const { colours, points, smooth } = picture;
    const colour = colours[hueOf(picture.name)];
    const strong = colours.highContrast ? 2.5 : 1.75;
    const smoothed = smooth.length > 0;
    const sets: ChartDataset<"line", Point[]>[] = [
      {
        data: drawable(points),
        borderColor: smoothed ? faint(colour, colours.highContrast ? 0.5 : 0.35) : colour,
        borderWidth: smoothed ? 1 : strong,
        pointRadius: points.length === 1 ? 3 : 0,
        pointBackgroundColor: colour,
      },
    ];
    if (smoothed) sets.push({ data: drawable(smooth), borderColor: colour, borderWidth: strong });
    this.chart.data.datasets = sets;
    const ticks = {
      color: colours.muted,
      font: { family: colours.font, size: colours.fontSize },
      maxRotation: 0,
      autoSkipPadding: 12,
    };
    const grid = { color: colours.highContrast ? "transparent" : faint(colours.grid, 0.18), drawTicks: false };
    const border = { color: colours.grid };
    this.chart.options.scales = {
      x: {
        type: "linear",
        grid: { display: false },
        border,
        ticks: {
          ...ticks,
          maxTicksLimit: 6,
          padding: 4,
          includeBounds: !picture.range,
          callback: (value) => formatStep(Number(value)),
        },
        min: picture.range?.from ?? points[0]?.x,
        max: picture.range?.to ?? points[points.length - 1]?.x,
      },
      y: {
        type: picture.logScale ? "logarithmic" : "linear",
        grid,
        border: { ...border, display: false },
        ticks: {
          ...ticks,
          maxTicksLimit: 5,
          padding: 4,
          callback: picture.logScale ? (value) => formatNumber(Number(value)) : tickWords,
        },
      },
    };
    this.chart.update("none");
  }

  /** Where a point is on the canvas; y is null for what has no place. */
  place(point: Point): { x: number; y: number | null; top: number; bottom: number } | null {
    const { x, y } = this.chart.scales;
    const area = this.chart.chartArea as Chart["chartArea"] | undefined;
    if (!x || !y || !area) return null;
    const at = Number.isFinite(point.y) ? y.getPixelForValue(point.y) : Number.NaN;
    return { x: x.getPixelForValue(point.x), y: Number.isFinite(at) ? at : null, top: area.top, bottom: area.bottom };
  }

  stepAt(pixel: number): number | null {
    return this.chart.scales["x"]?.getValueForPixel(pixel) ?? null;
  }

  dispose(): void {
    this.chart.destroy();
  }

  private drawStep(chart: Chart): void {
    const { picture } = this;
    const x = chart.scales["x"];
    if (!picture || !x || picture.step === null || picture.step < x.min || picture.step > x.max) return;
    const at = Math.round(x.getPixelForValue(picture.step)) + 0.5;
    const { ctx, chartArea } = chart;
    ctx.save();
    ctx.strokeStyle = picture.colours.accent;
    ctx.lineWidth = picture.colours.highContrast ? 3 : 2;
    ctx.beginPath();
    ctx.moveTo(at, chartArea.top);
    ctx.lineTo(at, chartArea.bottom);
    ctx.stroke();
    ctx.restore();
  }

  /** A dashed line with the attempt's number at its head: told from the chosen step by form, not by colour alone. */
  private drawMarks(chart: Chart): void {
    const { picture } = this;
    const x = chart.scales["x"];
    if (!picture || !x) return;
    const { ctx, chartArea } = chart;
    const { colours } = picture;
    ctx.save();
    ctx.strokeStyle = colours.muted;
    ctx.fillStyle = colours.muted;
    ctx.lineWidth = colours.highContrast ? 2 : 1;
    ctx.font = `${colours.fontSize}px ${colours.font}`;
    ctx.textBaseline = "top";
    ctx.setLineDash([4, 3]);
    for (const { attempt, step } of picture.marks) {
      if (step < x.min || step > x.max) continue;
      const at = Math.round(x.getPixelForValue(step)) + 0.5;
      ctx.beginPath();
      ctx.moveTo(at, chartArea.top);
      ctx.lineTo(at, chartArea.bottom);
      ctx.stroke();
      const label = String(attempt);
      const fits = at + 3 + ctx.measureText(label).width <= chartArea.right;
      ctx.textAlign = fits ? "left" : "right";
      ctx.fillText(label, fits ? at + 3 : at - 3, chartArea.top);
    }
    ctx.restore();
  }

  /** A cross on the floor of the plot: seen, and not taken for a value. */
  private drawOdd(chart: Chart): void {
    const { picture } = this;
    const x = chart.scales["x"];
    if (!picture || !x) return;
    const { ctx, chartArea } = chart;
    const floor = chartArea.bottom - 5;
    ctx.save();
    ctx.strokeStyle = picture.colours.error;
    ctx.lineWidth = 1.6;
    ctx.beginPath();
    for (const step of picture.odd) {
      if (step < x.min || step > x.max) continue;
      const at = x.getPixelForValue(step);
      ctx.moveTo(at - 3.5, floor - 3.5);
      ctx.lineTo(at + 3.5, floor + 3.5);
      ctx.moveTo(at + 3.5, floor - 3.5);
      ctx.lineTo(at - 3.5, floor + 3.5);
    }
    ctx.stroke();
    ctx.restore();
  }
}
