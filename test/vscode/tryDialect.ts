// The story's part on dialects: a lens over a declared one, a text pasted beside it, and edits that are not saved.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { lens, openFile } from "./hands";
import { runView, until, type Story } from "./steps";

const ownDialects = `dialects:
  - id: meadow
    title: Meadow taps
    patterns:
      - { kind: click, pattern: 'tap (?<x>\\d+) (?<y>\\d+)', frame: n1000 }
`;

export async function tryDialect(story: Story, page: Page, workspace: string): Promise<void> {
  await story.step("a declared dialect is tried live on pasted text, also while its file is unsaved", async () => {
    await mkdir(join(workspace, ".runside"), { recursive: true });
    await writeFile(join(workspace, ".runside", "dialects.yaml"), ownDialects);
    await openFile(page, "dialects.yaml");
    await lens(page, "Try meadow").click();
    const view = await runView(page, "rs-dialect-view");
    await view.locator("textarea").fill("now tap 420 310");
    const actions = view.locator("rs-dialect-view .actions .chip");
    await until("the action", async () => (await actions.allInnerTexts()).join() === "click (420, 310)");
    await story.picture("13-try-a-dialect");
    const line = page.locator(".editor-instance .view-line", { hasText: "tap" }).first();
    await line.click();
    await page.keyboard.press("End");
    await page.keyboard.press("Enter");
    await page.keyboard.type("oops");
    await view.locator("rs-dialect-view .problems li").first().waitFor();
    await page.keyboard.press("Control+Z");
    await page.keyboard.press("Control+Z");
    await page.keyboard.press("Control+Z");
    await until("the file is right again", async () => (await view.locator(".problems li").count()) === 0);
    await page.keyboard.press("Control+S");
  });
}
