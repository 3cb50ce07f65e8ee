// The story a user lives, told in a real VS Code against a real SSH box: right-click, watch, click on, peek, stop, reload.
import { appendFile, cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { startDemoBox, type DemoBox } from "../../scripts/demoBox";
import { installExtension } from "../../scripts/editor";
import { projectRoot } from "../../scripts/folders";
import { packExtension } from "../../scripts/package";
import { openEditor, type EditorWindow } from "../support/editor";
import { buildSuite } from "./buildSuite";
import {
  chooseInMenu,
  command,
  commandAndPick,
  lens,
  notification,
  openFile,
  pick,
  runFromLens,
  stepOf,
  tab,
  textOf,
} from "./hands";
import { liveWithRuns } from "./living";
import { tryDialect } from "./tryDialect";
import { hasInk, runsIn, runView, Story, until } from "./steps";

interface World {
  folder: string;
  workspace: string;
  box: DemoBox;
  settings: Record<string, unknown>;
}

async function createWorld(folder: string): Promise<World> {
  await rm(folder, { recursive: true, force: true });
  const workspace = join(folder, "examples");
  await mkdir(folder, { recursive: true });
  await cp(join(projectRoot, "examples"), workspace, { recursive: true });
  const grpo = join(workspace, "login", "grpo.yaml");
  const text = await readFile(grpo, "utf8");
  // Long enough that the run is still going through the reload, short enough for a test.
  await writeFile(join(workspace, "login", "long.yaml"), text.replace(/steps: 200/, "steps: 4000"));
  await writeFile(join(workspace, "login", "broken.yaml"), "experiment: login\nrun:\n  name: x\n  seed: [1\ngrpo: 3\n");
  await writeHostile(join(folder, "found", "traces"));
  const box = await startDemoBox({ dir: join(folder, "box") });
  const settings = {
    "runside.ssh.configFile": box.configFile,
    "runside.local.store": join(folder, "store"),
    "workbench.colorTheme": "Dark Modern",
  };
  return { folder, workspace, box, settings };
}

export const hostileText = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;

/** A folder that Runside did not launch, holding what a model should not be able to do to its reader. */
async function writeHostile(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const rollout = (version: number): string =>
    JSON.stringify({
      prompt_id: `task_${version}`,
      prompt: `Prompt ${hostileText}`,
      completions: [hostileText, "Action: DONE()"],
      rewards: [0, 1],
      generated_at_version: version,
      trainer_version_after: version,
      dataset: "hostile",
    });
  await writeFile(join(folder, "rollouts.jsonl"), `${rollout(0)}\n${rollout(1)}\n`);
}

/** The suite inside the extension host. */
export async function runSuite(world: World): Promise<{ passed: number; failed: number; lines: string[] }> {
  const report = join(world.folder, "suite.json");
  const window = await openEditor({
    dir: join(world.folder, "suite-editor"),
    folder: world.workspace,
    extension: projectRoot,
    suite: await buildSuite(world.folder),
    settings: world.settings,
    env: { RUNSIDE_SUITE_REPORT: report, RUNSIDE_SUITE_HOST: world.box.host },
  });
  try {
    const text = await until("the suite's report", () => readFile(report, "utf8").catch(() => null), 90_000);
    return JSON.parse(text) as { passed: number; failed: number; lines: string[] };
  } finally {
    await window.close();
  }
}

const runFolders = (world: World): Promise<string[]> => runsIn(join(world.box.runsideHome, "runs"));

/** Settings of a browser's window are read when it opens; its class then says which kind of theme it has. */
async function setTheme(window: EditorWindow, world: World, theme: string, kind: string): Promise<void> {
  const { page, editor } = window;
  const file = join(world.folder, "editor", "data", "data", "User", "settings.json");
  const held = JSON.parse(await readFile(file, "utf8")) as Record<string, unknown>;
  await writeFile(file, JSON.stringify({ ...held, "workbench.colorTheme": theme }));
  await page.goto(editor.url(world.workspace, []));
  await page.locator(`.monaco-workbench.${kind}`).waitFor({ timeout: 60_000 });
}

export async function tellStory(folder: string, pictures: string): Promise<Story> {
  const world = await createWorld(folder);
  let window: EditorWindow | null = null;
  const story = new Story(() => {
    if (!window) throw new Error("no editor is open");
    return window.page;
  }, pictures);
  try {
    const suite = await runSuite(world);
    console.log(suite.lines.join("\n"));
    story.passed += suite.passed;
    story.failed += suite.failed;
    // Packed and installed, as a person has it.
    const dir = join(folder, "editor");
    const { path: vsix } = await packExtension();
    await installExtension({ dataDir: join(dir, "data"), extensionsDir: join(dir, "extensions") }, vsix);
    window = await openEditor({
      dir,
      folder: world.workspace,
      open: [join(world.workspace, "login", "grpo.yaml")],
      settings: world.settings,
      viewport: { width: 1440, height: 900 },
    });
    await firstRun(story, window.page, world);
    await lookAround(story, window.page);
    await badInput(story, window.page, world);
    await tryDialect(story, window.page, world.workspace);
    await reloadAndStop(story, window, world);
    await liveWithRuns(story, window.page, world.box);
    await foundFolder(story, window.page, world);
    await looks(story, window, world);
  } finally {
    await window?.close();
    await world.box.close();
  }
  return story;
}

async function firstRun(story: Story, page: Page, world: World): Promise<void> {
  await story.step("a recognised config has a lens to run it", () => lens(page, "Run Config").waitFor(), {
    essential: true,
  });
  await story.step("the explorer offers Run Config on the config, and not on a README", async () => {
    const entry = page.locator(".context-view .action-label", { hasText: "Run Config" });
    await page.locator(".explorer-folders-view .monaco-list-row", { hasText: "README.md" }).click({ button: "right" });
    await page.locator(".context-view .action-label", { hasText: "Copy Path" }).first().waitFor();
    if ((await entry.count()) > 0) throw new Error("a README can be run");
    await page.keyboard.press("Escape");
    const config = page.locator(".explorer-folders-view .monaco-list-row", { hasText: "grpo.yaml" });
    // A menu stays as it was opened: until the configs of the folder are known it is opened again.
    await until("Run Config in the menu", async () => {
      await page.keyboard.press("Escape");
      await config.first().click({ button: "right" });
      await entry
        .first()
        .waitFor({ timeout: 4000 })
        .catch(() => undefined);
      return (await entry.count()) > 0;
    });
    await story.picture("01-explorer-menu");
    await page.keyboard.press("Escape");
  });
  await story.step(
    "right-click > Run Config asks for the box once and shows the command",
    async () => {
      const text = page.locator(".view-lines").first();
      await chooseInMenu(page, "Run Config", () => text.click({ button: "right", position: { x: 220, y: 120 } }));
      await pick(page, "This machine").waitFor();
      await story.picture("02-choose-box");
      await pick(page, "demo-box").click();
      await pick(page, "Run on demo-box").waitFor();
      const shown = await pick(page, "Run on demo-box").innerText();
      if (!shown.includes("train.mjs")) throw new Error(`the command is not shown: ${shown}`);
      await story.picture("03-command");
      await page.keyboard.press("Enter");
    },
    { essential: true },
  );
  await story.step(
    "the run view opens beside the config with ink in its first chart",
    async () => {
      const view = await runView(page);
      await until("ink in a chart", () => hasInk(view.locator("rs-curve canvas").first()), 120_000);
    },
    { essential: true },
  );
  await story.step("the focus stays with the config", async () => {
    const active = page.locator(".editor-group-container.active .tab.active");
    const name = await active.first().getAttribute("data-resource-name");
    if (name !== "grpo.yaml") throw new Error(`the focus went to ${name}`);
  });
  await story.step("the sidebar shows the run live: step, total and reward", async () => {
    await page.locator(".activitybar .action-label[aria-label*='Runside']").click();
    const row = page.locator(".monaco-list-row", { hasText: /step \d+\/200 · reward/ });
    await row.first().waitFor({ timeout: 60_000 });
    await story.picture("04-live");
  });
  await story.step("the run's code came as a snapshot: the workspace may go", async () => {
    await rm(join(world.workspace, "login", "dist"), { recursive: true });
    await rm(join(world.workspace, "login", "src"), { recursive: true });
  });
  await story.step("the curve grows while it is looked at, to the end", async () => {
    const view = await runView(page);
    await view.locator("rs-header", { hasText: /Finished|Succeeded|Done/i }).waitFor({ timeout: 120_000 });
    await cp(join(projectRoot, "examples", "login", "dist"), join(world.workspace, "login", "dist"), {
      recursive: true,
    });
    await story.picture("05-finished");
  });
}

async function lookAround(story: Story, page: Page): Promise<void> {
  await story.step("a click on a point leads to the rollouts of that step", async () => {
    const view = await runView(page);
    const canvas = view.locator("rs-curve canvas").first();
    const box = await canvas.boundingBox();
    if (!box) throw new Error("the first chart is not visible");
    await canvas.click({ position: { x: box.width * 0.5, y: box.height * 0.5 } });
    await view.locator("rs-rollout-list [role=option], rs-rollout-list button, rs-rollout-list li").first().waitFor();
    await story.picture("06-rollouts-of-a-step");
  });
  await story.step("a rollout shows its samples with reward and parsed action", async () => {
    const view = await runView(page);
    await view.locator("rs-rollout-list [role=option], rs-rollout-list button, rs-rollout-list li").first().click();
    const sample = view.locator("rs-sample").first();
    await sample.waitFor();
    const text = await until("the sample's text", async () => (await textOf(sample)) || null);
    if (!/reward/i.test(text)) throw new Error(`no reward in: ${text.slice(0, 200)}`);
    await story.picture("07-rollout");
  });
  await story.step("an episode shows its screenshot with both actions drawn, and the verdict in words", async () => {
    const view = await runView(page);
    await tab(view, "Episodes").click();
    await view.locator("rs-episodes .list button, rs-episodes .list [role=option]").first().click();
    await view.locator("rs-episode rs-screenshot img").first().waitFor();
    await until("words", async () =>
      /hit|miss|right action|wrong action/.test(await textOf(view.locator("rs-episode"))),
    );
    await story.picture("08-episode");
  });
  await story.step("evals show each rate with its n", async () => {
    const view = await runView(page);
    await tab(view, "Evals").click();
    await until("n", async () => /n\s*=?\s*196/.test(await textOf(view.locator("rs-evals"))));
    await story.picture("09-evals");
  });
  await story.step("the log and the config as it was run are there", async () => {
    const view = await runView(page);
    await tab(view, "Log").click();
    await view.locator("rs-log", { hasText: "step=" }).waitFor();
    await tab(view, "Config").click();
    await view.locator("rs-config", { hasText: "experiment: login" }).waitFor();
    await story.picture("10-config");
    await tab(view, "Curves").click();
  });
  await story.step("the lens peeks at the newest run's latest rollouts", async () => {
    await lens(page, "Latest rollouts").click();
    const peek = page.locator(".peekview-widget, .reference-zone-widget");
    await peek.first().waitFor();
    await until("a rollout in the peek", async () => /SAMPLE|PROMPT/.test(await peek.first().innerText()));
    await story.picture("11-peek");
    await page.keyboard.press("Escape");
  });
}

async function badInput(story: Story, page: Page, world: World): Promise<void> {
  await story.step("a config that is not valid YAML: the error with its line, nothing launched", async () => {
    const before = (await runFolders(world)).length;
    await openFile(page, "broken.yaml");
    await command(page, "Runside: Run Config");
    await notification(page, /broken\.yaml:\d+/);
    await story.picture("12-bad-yaml");
    await command(page, "Notifications: Clear All Notifications");
    if ((await runFolders(world)).length !== before) throw new Error("something was launched");
  });
}

async function reloadAndStop(story: Story, window: EditorWindow, world: World): Promise<void> {
  const { page } = window;
  await story.step("a run goes on through a reload of the window, and its view comes back without a gap", async () => {
    await openFile(page, "long.yaml");
    await runFromLens(page);
    await page
      .locator(".tab", { hasText: /long \d\d:\d\d/ })
      .first()
      .waitFor({ timeout: 60_000 });
    await until("some steps", async () => (await stepOf(await runView(page))) > 10, 60_000);
    // As a reload does it, but without the files that the first opening was asked to show.
    await page.goto(window.editor.url(world.workspace, []));
    await page.waitForSelector(".monaco-workbench", { timeout: 60_000 });
    const after = await runView(page);
    await until("ink after the reload", () => hasInk(after.locator("rs-curve canvas").first()), 60_000);
    const first = await stepOf(after);
    await until("new steps after the reload", async () => (await stepOf(await runView(page))) > first + 2);
    await story.picture("13-after-reload");
  });
  await story.step("a dropped link is noticed, and the curve goes on by itself", async () => {
    world.box.dropConnections();
    const view = await runView(page);
    const first = await stepOf(view);
    await until("new steps after the cut", async () => (await stepOf(view)) > first + 2, 60_000);
  });
  await story.step("Stop asks, ends it, and says so", async () => {
    const view = await runView(page);
    await view.locator("rs-header", { hasText: "Stop" }).getByText("Stop", { exact: true }).first().click();
    const confirm = page.locator(".monaco-dialog-box .monaco-button", { hasText: "Stop" });
    await confirm.first().waitFor();
    await story.picture("14-stop-asks");
    await confirm.first().click();
    await view.locator("rs-header", { hasText: /Stopped|Cancelled/i }).waitFor({ timeout: 40_000 });
    await story.picture("14-stopped");
  });
}

async function foundFolder(story: Story, page: Page, world: World): Promise<void> {
  await story.step(
    "a folder that Runside did not launch opens in the same views, and hostile text stays text",
    async () => {
      await until("the folder in the list", async () => {
        await commandAndPick(page, "Runside: Open Experiment Folder", "demo-box");
        const typed = page.locator(".quick-input-widget input").first();
        await typed.fill(join(world.folder, "found"), { timeout: 5000 });
        await pick(page, join(world.folder, "found")).first().waitFor({ timeout: 5000 });
        return true;
      });
      await page.keyboard.press("Enter");
      const view = await until("the folder's view", async () => {
        const found = await runView(page);
        return (await found.locator("rs-header", { hasText: "found" }).count()) > 0 ? found : null;
      });
      await tab(view, "Rollouts").click();
      await view.locator("rs-rollout-list [role=option], rs-rollout-list button, rs-rollout-list li").first().click();
      await view.locator("rs-sample", { hasText: "<img src=x onerror=" }).first().waitFor();
      const images = await view.locator("rs-sample img, rs-sample script").count();
      if (images > 0) throw new Error("markup of a completion became an element");
      if ((await view.evaluate(() => document.title)) === "owned") throw new Error("a completion ran script");
      await story.picture("15-hostile");
    },
  );
  await story.step("it is followed live", async () => {
    const view = await runView(page);
    const line = await readFile(join(world.folder, "found", "traces", "rollouts.jsonl"), "utf8");
    const more = line.split("\n")[1]?.replace("task_1", "task_2").replaceAll('version": 1', 'version": 2') ?? "";
    await appendFile(
      join(world.folder, "found", "traces", "rollouts.jsonl"),
      `${more.replaceAll('version":1', 'version":2')}\n`,
    );
    await until("the third rollout", async () => /\b3\b/.test(await textOf(tab(view, "Rollouts"))));
  });
}

async function looks(story: Story, window: EditorWindow, world: World): Promise<void> {
  const { page } = window;
  const themes = [
    ["light", "Light Modern", "vs"],
    ["high-contrast", "Default High Contrast", "hc-black"],
    ["high-contrast-light", "Default High Contrast Light", "hc-light"],
  ] as const;
  await story.step("the views can be read in every kind of theme, wide and narrow", async () => {
    const curves = async (): Promise<void> =>
      page
        .locator(".tab", { hasText: /grpo \d\d:\d\d/ })
        .first()
        .click();
    await curves();
    const drawn = async (): Promise<boolean> => hasInk((await runView(page)).locator("rs-curve canvas").first());
    await until("ink", drawn);
    for (const [name, theme, kind] of themes) {
      await setTheme(window, world, theme, kind);
      await curves();
      // The window's panels come back one by one, so a frame that was there may go again.
      await until(`ink in ${name}`, drawn, 60_000);
      await page.waitForTimeout(1000);
      await story.picture(`16-${name}`);
    }
    await setTheme(window, world, "Light Modern", "vs");
    await curves();
    await until("ink", drawn, 60_000);
    await page.setViewportSize({ width: 760, height: 900 });
    await page.waitForTimeout(1500);
    await story.picture("17-narrow");
    await page.setViewportSize({ width: 1900, height: 1000 });
    await page.waitForTimeout(1500);
    await story.picture("18-wide");
  });
}
