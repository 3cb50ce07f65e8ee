// A trainer writes a step; its point is on the chart: the built view in a real browser, fed by the extension's own services.
import { buildSync } from "esbuild";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { chromium, type Page } from "playwright-core";
import type { Message } from "vscode-jsonrpc";
import { RunsideError } from "../../core/base/errors";
import { PortReader, PortWriter } from "../../core/rpc/memory";
import { Peer } from "../../core/rpc/peer";
import type { Handlers } from "../../core/protocol/define";
import type { view } from "../../core/protocol/view";
import { projectRoot } from "../../scripts/folders";
import { findChromium } from "../../scripts/system";
import { linkWords, serveView } from "../../src/runs/viewServer";
import type { Bench, Client } from "../bench";
import { followedFolder, latencies } from "../followed";
import type { BridgeWindow } from "../page/bridge";
import type { Row } from "../row";
import { now, pause, percentile, spread } from "../stats";

const origin = "http://runside.bench";
const nonce = "YmVuY2g";
const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src ${origin}; img-src blob: data:; font-src ${origin}`;
const html = `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<link rel="stylesheet" href="/run.css"><title>run</title></head>
<body class="vscode-dark"><rs-run-view></rs-run-view><script nonce="${nonce}" src="/run.js"></script></body></html>`;

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

/** As src/ui/panels/runPanel.ts does it, with the browser's page in place of the editor's. */
async function openView(page: Page, bench: Bench, { session }: Client, target: string): Promise<void> {
  const { mirror } = session.hub.lease(target);
  const reader = new PortReader();
  const writer = new PortWriter((message) => {
    const text = JSON.stringify(message);
    void page.evaluate((one) => (window as unknown as BridgeWindow).fromHost(one), text).catch(() => undefined);
  });
  const peer = new Peer(reader, writer);
  serveView({ peer, link: session.link, mirror, isVisible: () => true, acts: actsFor(target, session) });
  peer.listen();
  await page.exposeFunction("toHost", (message: string) => reader.deliver(JSON.parse(message) as Message));
  await page.addInitScript({ content: bridge() });
  const assets = join(bench.product, "dist", "webviews");
  await page.route(`${origin}/**`, async (route) => {
    const name = new URL(route.request().url()).pathname.slice(1);
    if (name === "") return route.fulfill({ contentType: "text/html", body: html });
    if (name !== "run.js" && name !== "run.css") return route.fulfill({ status: 404, body: "" });
    const contentType = name.endsWith(".css") ? "text/css" : "text/javascript";
    return route.fulfill({ contentType, body: readFileSync(join(assets, name)) });
  });
  await session.link.peer();
  await page.goto(origin);
  await page.locator("rs-curve canvas").first().waitFor();
}

function actsFor(target: string, session: Client["session"]): Handlers<typeof view> {
  const unused = (): never => {
    throw new RunsideError("internal", "nobody clicks here");
  };
  return {
    ready: () => ({
      target,
      box: session.id,
      boxName: session.id,
      title: target,
      dialect: "auto",
      link: linkWords(session.link.status),
    }),
    copy: unused,
    tryDialect: unused,
    openConfig: unused,
    openLog: unused,
    runAgain: unused,
    stop: unused,
    restart: unused,
    retry: unused,
  };
}

function bridge(): string {
  const entryPoints = [join(projectRoot, "bench", "page", "bridge.ts")];
  const { outputFiles } = buildSync({ entryPoints, bundle: true, format: "iife", target: "es2022", write: false });
  return outputFiles[0]?.text ?? "";
}

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
