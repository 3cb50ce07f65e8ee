// The laptop goes: a training is launched from a real VS Code, then the window, its server and every connection are closed for
// as long as one says, and the window opens again. What it then shows is counted against what the training wrote.
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Frame, Page } from "playwright-core";
import { startDemoBox } from "../../scripts/demoBox";
import { installExtension } from "../../scripts/editor";
import { projectRoot } from "../../scripts/folders";
import { packExtension } from "../../scripts/package";
import { compare, logName } from "../faults/ledger";
import { openEditor, type EditorWindow } from "../support/editor";
import { lens, pick, stepOf, tab, textOf } from "./hands";
import { hasInk, runView, Story, until } from "./steps";

export interface AwayOptions {
  /** Holds the world; emptied first. */
  folder: string;
  pictures: string;
  /** How long nothing of the user's side exists. */
  seconds: number;
}

/** One step a second: a log line, a metric and a rollout each, and a journal outside the run of what was begun. */
const everyMs = 1000;

export async function tellAway({ folder, pictures, seconds }: AwayOptions): Promise<Story> {
  await rm(folder, { recursive: true, force: true });
  const workspace = join(folder, "workspace");
  const hands = join(folder, "hands");
  await mkdir(join(workspace, ".runside"), { recursive: true });
  await mkdir(hands, { recursive: true });
  await writeFile(join(hands, "options.json"), JSON.stringify({ everyMs, keepOpen: true }));
  await cp(join(projectRoot, "test", "faults", "trainer.mjs"), join(workspace, "trainer.mjs"));
  const recipe = {
    id: "patient",
    match: { files: ["patient.yaml"] },
    command: ["node", "trainer.mjs", hands],
    progress: { pattern: "step (?<step>\\d+)" },
  };
  await writeFile(join(workspace, ".runside", "recipes.yaml"), JSON.stringify({ recipes: [recipe] }));
  await writeFile(join(workspace, "patient.yaml"), "lr: 1.0e-5\n");
  const box = await startDemoBox({ dir: join(folder, "box") });
  const dir = join(folder, "editor");
  const { path: vsix } = await packExtension();
  await installExtension({ dataDir: join(dir, "data"), extensionsDir: join(dir, "extensions") }, vsix);
  let window: EditorWindow | null = null;
  let port: number | undefined;
  const open = async (files: string[]): Promise<EditorWindow> => {
    window = await openEditor({
      dir,
      remembers: true,
      ...(port === undefined ? {} : { port }),
      folder: workspace,
      open: files,
      settings: {
        "runside.ssh.configFile": box.configFile,
        "runside.local.enabled": false,
        "workbench.colorTheme": "Dark Modern",
      },
      viewport: { width: 1440, height: 900 },
    });
    port = window.editor.port;
    return window;
  };
  const story = new Story(() => {
    if (!window) throw new Error("no editor is open");
    return window.page;
  }, pictures);
  const begun = async (): Promise<number> =>
    (await readFile(join(hands, "journal"), "utf8").catch(() => "")).split("\n").filter(Boolean).length;
  try {
    let before = 0;
    await story.step(
      "a training starts on the box and is followed",
      async () => {
        const { page } = await open([join(workspace, "patient.yaml")]);
        await lens(page, "Run Config").click();
        await pick(page, "demo-box").first().click();
        await pick(page, "Run on demo-box").waitFor();
        await page.keyboard.press("Enter");
        const view = await runView(page);
        await until("steps", async () => (await stepOf(view)) >= 3);
        await story.picture("away-1-before");
      },
      { essential: true },
    );
    await story.step(
      `nothing of the user's side exists for ${seconds} s, and the training goes on`,
      async () => {
        // As a person leaves a page: the browser stores which tabs were open.
        await window?.page.goto("about:blank");
        await window?.close();
        box.dropConnections();
        before = await begun();
        const left = Date.now();
        await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
        if (box.connections() > 0) throw new Error("somebody was still connected");
        const gained = (await begun()) - before;
        const away = (Date.now() - left) / 1000;
        console.log(`    away for ${away.toFixed(0)} s; the training made ${gained} steps meanwhile`);
        if (gained < away * 0.8) throw new Error(`only ${gained} steps in ${away} s`);
      },
      { essential: true },
    );
    await story.step(
      "the window that opens again shows the run, live",
      async () => {
        const began = Date.now();
        const { page } = await open([]);
        const view = await runViewAgain(page);
        await until("the step", async () => (await stepOf(view)) >= before + seconds * 0.8);
        console.log(`    ${Date.now() - began} ms from opening the window to the newest step`);
        await until("ink", () => hasInk(view.locator("rs-curve canvas").first()));
        const first = await stepOf(view);
        await until("it goes on", async () => (await stepOf(view)) > first + 1);
        await story.picture("away-2-after");
      },
      { essential: true },
    );
    await story.step("nothing is missing and nothing doubled: every log line, point and rollout", async () => {
      await writeFile(join(hands, "end"), "");
      const page = window?.page;
      if (!page) throw new Error("no editor is open");
      const view = await runView(page);
      await view.locator("rs-header", { hasText: /Finished|Succeeded|Done/i }).waitFor();
      const steps = await begun();
      const expected = Array.from({ length: steps }, (_, n) => logName(`step ${n + 1} reward ${valueOf(n + 1)}`));
      const { lost, doubled } = compare(expected, await logLines(view));
      await tab(view, "Curves").click();
      const points = await pointsOf(view);
      const rollouts = Number(/Rollouts\s*([\d,]+)/.exec(await textOf(tab(view, "Rollouts")))?.[1]?.replace(/,/g, ""));
      console.log(
        `    ${steps} steps: log ${lost.length} lost, ${doubled.length} doubled; ${points} points; ${rollouts} rollouts`,
      );
      await story.picture("away-3-end");
      if (lost.length + doubled.length > 0 || points !== steps || rollouts !== steps) throw new Error("they differ");
    });
  } finally {
    await writeFile(join(hands, "end"), "");
    await (window as EditorWindow | null)?.close();
    await box.close();
  }
  return story;
}

/** The tab that comes back, or, where the browser lost it, the run as the sidebar has it. */
async function runViewAgain(page: Page): Promise<Frame> {
  const tabs = page.locator(".tab", { hasText: /patient \d\d:\d\d/ });
  await tabs
    .first()
    .waitFor({ timeout: 20_000 })
    .catch(() => undefined);
  if ((await tabs.count()) === 0) {
    await page.locator(".activitybar .action-label[aria-label*='Runside']").click();
    const row = page.locator(".pane-body .monaco-list-row", { hasText: /patient/ }).first();
    await until("the run in the sidebar", async () => {
      if (await row.isVisible()) return true;
      await page.locator(".pane-body .monaco-list-row", { hasText: "demo-box" }).first().click();
      await row.waitFor({ timeout: 10_000 }).catch(() => undefined);
      return false;
    });
    await row.click();
  }
  return runView(page);
}

/** What the training logs for a step. */
const valueOf = (step: number): number => Number(((step * 0.6180339887) % 1).toFixed(8));

/** All lines of the log as the view holds them, after everything earlier was asked for. */
async function logLines(view: Frame): Promise<string[]> {
  await tab(view, "Log").click();
  const lines = view.locator("rs-log-lines .line");
  await lines.first().waitFor();
  const earlier = view.locator("rs-log button.earlier");
  await until("the log's first line", async () => {
    if ((await earlier.count()) === 0) return true;
    await earlier.first().click();
    return false;
  });
  const texts = await lines.allTextContents();
  return texts.filter((text) => text.startsWith("step ")).map(logName);
}

/** How many points the reward's curve has, by its table: it says so where it shows fewer. */
async function pointsOf(view: Frame): Promise<number> {
  const curve = view.locator("rs-curve").first();
  await curve.locator("[aria-label*='as a table']").first().click();
  const table = curve.locator("rs-curve-table");
  await table.locator("tbody tr").first().waitFor();
  const more = /\bof ([\d,]+) points/.exec(await textOf(table))?.[1];
  return more === undefined ? await table.locator("tbody tr").count() : Number(more.replace(/,/g, ""));
}
