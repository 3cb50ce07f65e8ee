// Twenty charts over a million points each, moved and zoomed by the wheel: frames a second in a real browser, beside plain chart.js
// with its own decimation over as many points.
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { findChromium } from "../../scripts/system";
import { bundled, openView } from "../page/open";
import { valueAt } from "../page/panning";
import type { PanWindow } from "../page/panView";
import type { PlainWindow } from "../page/plainCharts";
import type { Row } from "../row";
import { median, spread } from "../stats";

const CHARTS = 20;
/** All charts are in sight. */
const VIEWPORT = { width: 1720, height: 1040 };
const MS = 4000;

export const panZoom: Row = {
  name: "pan-zoom",
  missing: () => (findChromium() ? null : "it needs Chromium or Chrome"),
  run: async (bench) => {
    const points = bench.quick ? 100_000 : 1_000_000;
    const folder = join(bench.folder, "pan-zoom");
    writeCurves(folder, points);
    const client = bench.client();
    const browser = await chromium.launch({ executablePath: findChromium(), args: ["--no-sandbox"] });
    try {
      const page = await browser.newPage({ viewport: VIEWPORT });
      await page.addInitScript({ content: bundled("panView") });
      await openView(page, bench, client, folder);
      await page
        .locator("rs-curve canvas")
        .nth(CHARTS - 1)
        .waitFor();
      await page
        .getByText(/step 0 to|Drag to zoom/)
        .first()
        .waitFor();
      const pan = () => page.evaluate((ms) => (window as unknown as PanWindow).panCharts(ms), MS);
      await pan();
      const devtools = await page.context().newCDPSession(page);
      await devtools.send("Performance.enable", { timeDomain: "threadTicks" });
      /** Of the page's own thread, without what other processes took from it. */
      const busyMs = async (): Promise<number> => {
        const { metrics } = await devtools.send("Performance.getMetrics");
        return (metrics.find(({ name }) => name === "TaskDuration")?.value ?? 0) * 1000;
      };
      const ours: number[] = [];
      const busy: number[] = [];
      const drawings: number[] = [];
      for (let round = 0; round < (bench.quick ? 1 : 3); round++) {
        const before = await busyMs();
        const measured = await pan();
        busy.push(((await busyMs()) - before) / ((measured.frames * MS) / 1000));
        ours.push(measured.frames);
        drawings.push(measured.drawings / measured.frames);
      }
      // The one under the hand, and others in turn.
      if (median(drawings) < 2) throw new Error(`only ${median(drawings)} charts were drawn a frame`);
      await page.close();
      const plain = await browser.newPage({ viewport: VIEWPORT });
      await plain.addScriptTag({ content: bundled("plainCharts") });
      const theirs = await plain.evaluate(
        ([charts, count, ms]) => (window as unknown as PlainWindow).plainCharts(charts, count, 310, 148, ms),
        [CHARTS, points, MS] as const,
      );
      return [
        {
          name: "pan and zoom, 20 charts",
          ours: median(ours),
          unit: "fps",
          budget: { atMost: 50 },
          peer: { name: "chart.js, decimation", value: theirs },
          note: `${spread(ours)}; a frame draws ${median(drawings).toFixed(1)} charts and takes ${median(busy).toFixed(1)} ms of its thread`,
        },
      ];
    } finally {
      await browser.close();
      await client.close();
      if (!bench.keep) rmSync(folder, { recursive: true, force: true });
    }
  },
};

function writeCurves(folder: string, points: number): void {
  mkdirSync(folder, { recursive: true });
  const file = openSync(join(folder, "metrics.jsonl"), "w");
  const names = Array.from({ length: CHARTS }, (_, n) => `metric_${n}`);
  let held: string[] = [];
  for (let step = 0; step < points; step++) {
    const value = valueAt(step);
    held.push(
      `{"step": ${step}, ${names.map((name, n) => `"${name}": ${(value * (n + 1)).toFixed(4)}`).join(", ")}}\n`,
    );
    if (held.length < 20_000 && step + 1 < points) continue;
    writeSync(file, held.join(""));
    held = [];
  }
  closeSync(file);
}
