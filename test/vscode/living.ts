// The story's part on living with runs: a secret, the same run with other values, a restart after a kill, a copy kept here, and
// the run deleted on its box.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import type { DemoBox } from "../../scripts/demoBox";
import { commandAndPick, notification, openList, pick, stepOf, tab, textOf } from "./hands";
import { hasInk, runsIn, runView, until, type Story } from "./steps";

/** Made for this story; looks like nobody's. */
const secret = "story-token-5f1c7b2e9d";

export async function liveWithRuns(story: Story, page: Page, box: DemoBox): Promise<void> {
  const input = page.locator(".quick-input-widget input").first();
  const dialog = (button: string) => page.locator(".monaco-dialog-box .monaco-button", { hasText: button }).first();
  const store = join(box.runsideHome, "runs");
  await story.step("a secret goes into the editor's storage, hidden while it is typed", async () => {
    await until("the question for the value", async () => {
      await commandAndPick(page, "Runside: Set Secret", "HF_TOKEN");
      await pick(page, "Every box").click({ timeout: 5000 });
      await page.locator(".quick-input-widget input[type=password]").waitFor({ timeout: 5000 });
      return true;
    });
    await input.fill(secret);
    await story.picture("19-secret");
    await page.keyboard.press("Enter");
    await notification(page, /HF_TOKEN is kept for every box/);
  });
  let id = "";
  await story.step(
    "Run Again starts the recorded run with another value, and the secret reaches that run alone",
    async () => {
      const before = new Set(await runsIn(store));
      await until("the question for the values", async () => {
        await commandAndPick(page, "Runside: Run Again", "long");
        await pick(page, "Change values").waitFor({ timeout: 10_000 });
        await story.picture("20-run-again");
        await pick(page, "Change values").click({ timeout: 5000 });
        await page.locator(".quick-input-widget", { hasText: "key=value" }).waitFor({ timeout: 5000 });
        return true;
      });
      await input.fill("run.seed=7");
      await page.keyboard.press("Enter");
      id = await until("a new run", async () => (await runsIn(store)).find((each) => !before.has(each)));
      // The earlier run's view may still be there for a moment.
      await until("the other seed", async () => {
        const view = await runView(page);
        await tab(view, "Config").click({ timeout: 2000 });
        return /seed\s*:\s*7\b/.test(await textOf(view.locator("rs-config")));
      });
      const view = await runView(page);
      await tab(view, "Curves").click();
      await until("it learns", async () => (await stepOf(view)) > 10, 90_000);
      if ((await withSecret()).length === 0) throw new Error("no process has the secret in its environment");
      const leaks = await filesWith(box.home, secret);
      if (leaks.length > 0) throw new Error(`the secret lies in ${leaks.join(", ")}`);
    },
  );
  const known = (): void => {
    if (id === "") throw new Error("there is no second run");
  };
  await story.step("a training that was killed says so, and Restart goes on as its second attempt", async () => {
    known();
    for (const pid of await withSecret("train.mjs")) process.kill(pid, "SIGKILL");
    const view = await runView(page);
    await view.locator("rs-header", { hasText: /SIGKILL|killed/i }).waitFor();
    await story.picture("21-killed");
    await view.locator("rs-header").getByText("Restart", { exact: true }).first().click();
    await dialog("Restart").waitFor();
    await story.picture("22-restart-asks");
    await dialog("Restart").click();
    await view.locator("rs-header", { hasText: "attempt 2" }).waitFor();
    await until("the secret of the second attempt", async () => (await withSecret("train.mjs")).length > 0);
    // The step that the view shows is the first attempt's until the second has one.
    const log = join(store, id, "attempts", "2", "output.log");
    await until("it learns again", async () => (await readFile(log, "utf8")).includes("step="), 90_000);
    await until("ink", () => hasInk(view.locator("rs-curve canvas").first()));
    await story.picture("23-second-attempt");
    await view.locator("rs-header").getByText("Stop", { exact: true }).first().click();
    await dialog("Stop").click();
    await view.locator("rs-header", { hasText: /Stopped|Cancelled/i }).waitFor({ timeout: 40_000 });
  });
  await story.step("Keep Run copies it to this machine, where it opens in the same views", async () => {
    known();
    await until("the question for checkpoints", async () => {
      await commandAndPick(page, "Runside: Keep Run", id);
      await page.locator(".quick-input-widget", { hasText: "Which checkpoints too" }).waitFor({ timeout: 10_000 });
      await page.waitForTimeout(500);
      return page.locator(".quick-input-widget", { hasText: "Which checkpoints too" }).isVisible();
    });
    await story.picture("24-keep");
    await page.keyboard.press("Enter");
    await notification(page, /files are kept in/);
    const view = await until("the copy's view", async () => {
      const found = await runView(page);
      return /kept from demo-box.*This machine/.test(await textOf(found.locator("rs-header"))) ? found : null;
    });
    await tab(view, "Log").click();
    await view.locator("rs-log", { hasText: "step=" }).waitFor();
    await tab(view, "Curves").click();
    await until("ink", () => hasInk(view.locator("rs-curve canvas").first()));
    await story.picture("25-kept");
  });
  await story.step("Delete Run says what goes, and then it is gone from the box and from the list", async () => {
    known();
    await commandAndPick(page, "Runside: Delete Run", id);
    await dialog("Delete").waitFor();
    await story.picture("26-delete-asks");
    await dialog("Delete").click();
    await until("the run's folder is gone", async () => !(await runsIn(store)).includes(id));
    await openList(page, "Runside: Show Log", "demo-box");
    if ((await pick(page, id).count()) > 0) throw new Error("the deleted run is still offered");
    await page.keyboard.press("Escape");
  });
}

/** Processes of this machine, where the box is too, that were given the secret. */
async function withSecret(program = ""): Promise<number[]> {
  const pids = (await readdir("/proc")).map(Number).filter((pid) => pid > 0);
  const found: number[] = [];
  for (const pid of pids) {
    const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
    if (!environment.split("\0").includes(`HF_TOKEN=${secret}`)) continue;
    const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (line.includes(secret)) throw new Error(`the secret is in the command line of ${pid}`);
    if (line.includes(program)) found.push(pid);
  }
  return found;
}

async function filesWith(folder: string, text: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    if ((await readFile(path).catch(() => Buffer.alloc(0))).includes(text)) found.push(path);
  }
  return found;
}
