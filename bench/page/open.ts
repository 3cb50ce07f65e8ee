// The built view in a real browser, fed by the extension's own services.
import { buildSync } from "esbuild";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import type { Message } from "vscode-jsonrpc";
import { RunsideError } from "../../core/base/errors";
import { PortReader, PortWriter } from "../../core/rpc/memory";
import { Peer } from "../../core/rpc/peer";
import type { Handlers } from "../../core/protocol/define";
import type { view } from "../../core/protocol/view";
import { projectRoot } from "../../scripts/folders";
import { linkWords, serveView } from "../../src/runs/viewServer";
import type { Bench, Client } from "../bench";
import type { BridgeWindow } from "./bridge";

const origin = "http://runside.bench";
const nonce = "YmVuY2g";
const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src ${origin}; img-src blob: data:; font-src ${origin}`;
const html = `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<link rel="stylesheet" href="/run.css"><title>run</title></head>
<body class="vscode-dark"><rs-run-view></rs-run-view><script nonce="${nonce}" src="/run.js"></script></body></html>`;

/** As src/ui/panels/runPanel.ts does it, with the browser's page in place of the editor's. */
export async function openView(page: Page, bench: Bench, { session }: Client, target: string): Promise<void> {
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
  await page.addInitScript({ content: bundled("bridge") });
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

/** A script of this folder, whole. */
export function bundled(name: string): string {
  const entryPoints = [join(projectRoot, "bench", "page", `${name}.ts`)];
  const { outputFiles } = buildSync({ entryPoints, bundle: true, format: "iife", target: "es2022", write: false });
  return outputFiles[0]?.text ?? "";
}
