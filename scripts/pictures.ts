// `npm run pictures`: the README's pictures, taken from the running product: a real run in a real VS Code on the demo box.
import { cp, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { openEditor } from "../test/support/editor";
import { lens, pick, tab } from "../test/vscode/hands";
import { hasInk, runView, until } from "../test/vscode/steps";
import { startDemoBox } from "./demoBox";
import { installExtension } from "./editor";
import { ensureEditor } from "./editorInstall";
import { devFolder, projectRoot } from "./folders";
import { packExtension } from "./package";
import { ensureSystem } from "./system";

const folder = devFolder("pictures");
const pictures = join(projectRoot, "media", "readme");

async function take(vsix: string, theme: string, name: string): Promise<void> {
  const workspace = join(folder, "examples");
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await cp(join(projectRoot, "examples"), workspace, { recursive: true });
  const box = await startDemoBox({ dir: join(folder, "box"), host: "gpu-box" });
  const dir = join(folder, "editor");
  await installExtension({ dataDir: join(dir, "data"), extensionsDir: join(dir, "extensions") }, vsix);
  const window = await openEditor({
    dir,
    folder: workspace,
    open: [join(workspace, "login", "grpo.yaml")],
    settings: {
      "runside.ssh.configFile": box.configFile,
      "runside.local.enabled": false,
      "workbench.colorTheme": theme,
      "editor.minimap.enabled": false,
    },
    viewport: { width: 1400, height: 840 },
  });
  const { page } = window;
  const shot = (what: string): Promise<Buffer> => page.screenshot({ path: join(pictures, `${what}-${name}.png`) });
  try {
    await lens(page, "Run Config").click();
    await pick(page, "gpu-box").click();
    await pick(page, "Run on gpu-box").click();
    const view = await runView(page);
    await page.locator(".activitybar .action-label[aria-label*='Runside']").click();
    await view.locator("rs-header", { hasText: /step 1[0-4]\d/ }).waitFor({ timeout: 120_000 });
    await until("ink", () => hasInk(view.locator("rs-curve canvas").first()));
    await shot("live");
    await view.locator("rs-header", { hasText: /Succeeded/ }).waitFor({ timeout: 120_000 });
    await tab(view, "Episodes").click();
    // The untrained policy's first episode: its misses show what the marks mean.
    await view.locator("rs-episodes .list button, rs-episodes .list [role=option]").first().click();
    await view.locator("rs-episode .film button, rs-episode .film [role=option]").nth(1).click();
    await view.locator("rs-episode rs-screenshot img").first().waitFor();
    await page.waitForTimeout(800);
    await shot("episode");
    await tab(view, "Rollouts").click();
    await view.locator("rs-rollout-list [role=option], rs-rollout-list button, rs-rollout-list li").first().waitFor();
    await page.waitForTimeout(500);
    await shot("rollouts");
    await tab(view, "Evals").click();
    await page.waitForTimeout(500);
    await shot("evals");
  } finally {
    await window.close();
    await box.close();
  }
}

async function main(): Promise<void> {
  for (const { sentence } of await ensureSystem(["chromium", "compiler"])) console.log(sentence);
  await ensureEditor();
  await mkdir(pictures, { recursive: true });
  const { path: vsix } = await packExtension();
  await take(vsix, "Dark Modern", "dark");
  await take(vsix, "Light Modern", "light");
  await rm(folder, { recursive: true, force: true });
  console.log(`Pictures are in ${pictures}.`);
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
