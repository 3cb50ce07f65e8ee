// A trainer writes a step; its point is on the chart: the built view in a real browser, fed by the extension's own services.
import { chromium, type Page } from "playwright-core";
import { findChromium } from "../../scripts/system";
import { followedFolder, latencies } from "../followed";
import { openView } from "../page/open";
import type { Row } from "../row";
import { now, pause, percentile, spread } from "../stats";

export const lineToChart: Row = {
  name: "line-to-chart",
  missing: () => (findChromium() ? null : "it needs Chromium or Chrome"),
  run: async (bench) => {
    const followed = followedFolder(bench, "line-to-chart");
    const client = bench.client();
    const browser = await chromium.launch({ executablePath: findChromium(), args: ["--no-sandbox"] });
    try {
      const page = await browser.newPage({ viewport: { width: 1000, height: 760 } });
      const painted = new Map<number, number>();
      const inPage: number[] = [];
      let next = followed.firstStep;
      await page.exposeFunction("painted", (last: number, at: number, sinceArrival: number) => {
        if (next <= last) inPage.push(sinceArrival);
        // Steps that came together were painted together.
        while (next <= last) painted.set(next++, at);
      });
      await openView(page, bench, client, followed.folder);
      await pause(2000);
      const written = await followed.train();
      await pause(1500);
      const offset = await clockOffset(page);
      const ours = latencies(written, new Map([...painted].map(([step, at]) => [step, at + offset])));
      return ([50, 99] as const).map((share) => ({
        name: `line-to-chart p${share}`,
        ours: percentile(ours, share / 100),
        unit: "ms" as const,
        budget: { atMost: share === 50 ? 150 : 500 },
        peer: null,
        note: `${spread(ours)}; in the page ${percentile(inPage, share / 100).toFixed(1)} ms`,
      }));
    } finally {
      await browser.close();
      await client.close();
    }
  },
};

/** What to add to the page's clock to get ours: from the quickest of many questions, good to half of its time. */
async function clockOffset(page: Page): Promise<number> {
  let best = { took: Infinity, offset: 0 };
  for (let i = 0; i < 50; i++) {
    const asked = now();
    const there = await page.evaluate(() => performance.now());
    const took = now() - asked;
    if (took < best.took) best = { took, offset: asked + took / 2 - there };
  }
  return best.offset;
}
