// Bundles the view and the harness, and opens them in Chromium under the policy that the editor's page has.
import { build } from "esbuild";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Browser, type Page } from "playwright-core";

const origin = "http://runside.test";
const nonce = "dGVzdC1ub25jZQ";
const styleNonce = "c3R5bGUtbm9uY2U";
const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src ${origin} 'nonce-${styleNonce}'; img-src blob: data:; font-src ${origin}`;

const htmlOf = (view: string): string => `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta property="csp-nonce" content="${styleNonce}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/${view}.css"><title>${view}</title></head>
<body><rs-${view}-view></rs-${view}-view>
<script nonce="${nonce}" src="/page.js"></script><script nonce="${nonce}" src="/${view}.js"></script></body></html>`;

export interface OpenOptions {
  theme?: string;
  width?: number;
  height?: number;
  state?: Record<string, unknown>;
  scale?: number;
  variant?: string;
  /** `sums`: rollouts with references. */
  rollouts?: string;
}

export interface Harness {
  open(options?: OpenOptions): Promise<Page>;
  close(): Promise<void>;
}

/** `view` names the bundle, `page` the script that plays its host. */
export async function createHarness(executablePath: string, view = "run", page = "page"): Promise<Harness> {
  const folder = await mkdtemp(join(tmpdir(), "runside-view-"));
  const common = { bundle: true, format: "iife", platform: "browser", target: "es2022", logLevel: "error" } as const;
  const entry = `webviews/${view}/main.ts`;
  await build({ ...common, entryPoints: [entry], outfile: join(folder, `${view}.js`), minify: true });
  await build({ ...common, entryPoints: [`test/webviews/harness/${page}.ts`], outfile: join(folder, "page.js") });
  const browser: Browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  return {
    async open({ theme = "dark", width = 1000, height = 760, state, scale = 1, variant = "", rollouts = "" } = {}) {
      const context = await browser.newContext({
        viewport: { width, height },
        deviceScaleFactor: scale,
        reducedMotion: "reduce",
      });
      const page = await context.newPage();
      await page.route(`${origin}/**`, async (route) => {
        const name = new URL(route.request().url()).pathname.slice(1);
        if (name === "") return route.fulfill({ contentType: "text/html", body: htmlOf(view) });
        if (!/^[a-z]+\.(js|css)$/.test(name)) return route.fulfill({ status: 404, body: "" });
        const contentType = name.endsWith(".css") ? "text/css" : "text/javascript";
        return route.fulfill({ contentType, body: await readFile(join(folder, name)) });
      });
      const query = new URLSearchParams({
        theme,
        variant,
        rollouts,
        ...(state ? { state: JSON.stringify(state) } : {}),
      });
      await page.goto(`${origin}/?${query.toString()}`);
      return page;
    },
    async close() {
      await browser.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
