// The try-out in a real Chromium under the editor's policy, over the real dialects: live on both sides, marks where the text is.
import { existsSync, mkdirSync } from "node:fs";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createHarness, type Harness, type OpenOptions } from "./harness/hostPage";

const chromium = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) =>
  existsSync(path),
);
const pictures = "test-results/webviews";
const hostile = `<img src=x onerror="window.pwned=1">`;
const said = `because the till is there\ntap 420 310, then write "mira"\n${hostile} tap 12`;

describe.skipIf(!chromium)("the try-out of dialects in Chromium", () => {
  let harness: Harness;
  let page: Page | null = null;
  const errors: string[] = [];

  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true });
    harness = await createHarness(chromium ?? "", "dialect", "dialectPage");
  });
  afterAll(() => harness?.close());
  afterEach(async () => {
    const violations = (await page?.evaluate(() => window.tryOut.violations)) ?? [];
    const pwned = await page?.evaluate(() => (window as { pwned?: unknown }).pwned);
    await page?.context().close();
    page = null;
    expect({ violations, errors: errors.splice(0), pwned }).toEqual({ violations: [], errors: [], pwned: undefined });
  });

  async function open(options: OpenOptions = {}): Promise<Page> {
    page = await harness.open(options);
    page.on("pageerror", (error) => errors.push(error.message));
    await page.locator("rs-reading select").first().waitFor();
    return page;
  }
  const shoot = (name: string): Promise<unknown> => page!.screenshot({ path: `${pictures}/${name}.png` });
  const marked = (): Promise<string[]> => page!.locator("rs-marked-input .action").allInnerTexts();
  const actions = (): Promise<string[]> => page!.locator(".actions .chip").allInnerTexts();

  it("reads what is typed, marks it where it stands, and keeps it", async () => {
    await open();
    await page!.locator("textarea").fill(said);
    await expect.poll(marked).toEqual(["tap 420 310", 'write "mira"']);
    expect(await actions()).toEqual(["click (420, 310)", "type “mira”"]);
    expect(await page!.locator(".actions button").allInnerTexts()).toEqual(["2:1–2:12", "2:19–2:31"]);
    expect(await page!.locator("rs-reading .why").innerText()).toContain(
      "frame: n1000 (stated: by Meadow taps itself)",
    );
    expect(await page!.locator(".understood rs-text .text").first().innerText()).toBe("the till is there");
    await page!.locator(".actions li").first().hover();
    await expect.poll(() => page!.locator("rs-marked-input .active").innerText()).toBe("tap 420 310");
    await shoot("dialect-dark");
    await page!.locator(".actions button").nth(1).click();
    const selected = await page!
      .locator("textarea")
      .evaluate((area: HTMLTextAreaElement) => area.value.slice(area.selectionStart, area.selectionEnd));
    expect(selected).toBe('write "mira"');
    const state = await page!.evaluate(() => window.tryOut.state);
    expect(state).toEqual({
      text: said,
      dialect: "auto",
      frame: "auto",
      file: "file:///meadow/.runside/dialects.yaml",
    });
    // Under the glyphs of the text area, not beside them.
    const [under, over] = await page!.locator("rs-marked-input").evaluate((element) => {
      const root = element.shadowRoot!;
      const [under, area] = [root.querySelector(".under")!, root.querySelector("textarea")!];
      return [under, area].map((each) => [
        each.clientWidth,
        getComputedStyle(each).font,
        getComputedStyle(each).padding,
      ]);
    });
    expect(under).toEqual(over);
  });

  it("follows the file while one edits it, and says where it is wrong", async () => {
    await open({ theme: "light", state: { text: said, dialect: "meadow", frame: "auto" } });
    await expect.poll(actions).toHaveLength(2);
    const broken = "dialects:\n  - id: meadow\n    patterns:\n      - { kind: klick, pattern: 'tap (?<x>\\d+)' }\n";
    await page!.evaluate((yaml) => window.tryOut.declare(yaml), broken);
    await page!.locator(".problems li").first().waitFor();
    expect(await page!.locator(".problems").innerText()).toContain("kind must be one of click,");
    await expect
      .poll(() => page!.locator("rs-reading .why").innerText())
      .toContain('there is no dialect "meadow" here');
    await shoot("dialect-problems-light");
    await page!.locator(".problems button").first().click();
    await expect.poll(() => page!.evaluate(() => window.tryOut.revealed)).toEqual([{ line: 4, column: 17 }]);
    const fixed =
      "dialects:\n  - id: meadow\n    patterns:\n      - { kind: hover, pattern: 'tap (?<x>\\d+) (?<y>\\d+)', frame: px }\n";
    await page!.evaluate((yaml) => window.tryOut.declare(yaml), fixed);
    await expect.poll(actions).toEqual(["hover (420, 310)"]);
    expect(await page!.locator(".problems").count()).toBe(0);
  });

  it("lets a person choose dialect and frame, and says what did not parse and where", async () => {
    await open({ width: 380, height: 800, state: { text: "Action: CLICK(x=1.5, y=0.2)\nand (3", dialect: "auto" } });
    await expect.poll(actions).toEqual(["click (1, 0.2)"]);
    await expect.poll(() => page!.locator(".diagnostics").innerText()).toContain("clamped");
    expect(await page!.locator("rs-marked-input .wrong").first().innerText()).toContain("CLICK");
    await shoot("dialect-narrow");
    await page!.locator("rs-reading select[name=frame]").selectOption("px");
    await expect.poll(() => page!.locator(".actions li").innerText()).toContain("px");
    expect(await page!.locator("rs-reading .why").innerText()).toContain("frame: px (set by hand)");
    await page!.locator("rs-reading select[name=dialect]").selectOption("gelab");
    await expect.poll(() => page!.locator(".understood").innerText()).toContain("no action was understood");
    await page!.evaluate((text) => window.tryOut.show(text, "meadow"), said);
    await expect.poll(actions).toHaveLength(2);
    expect(await page!.locator("rs-reading select[name=dialect]").inputValue()).toBe("meadow");
  });

  it("runs no pattern of a workspace that is not trusted, and says so", async () => {
    await open({ theme: "high-contrast", state: { text: said } });
    await expect.poll(actions).toHaveLength(2);
    await page!.evaluate(() => window.tryOut.declare("dialects: []\n", false));
    await expect.poll(() => page!.locator(".restricted").innerText()).toContain("is not trusted");
    await expect.poll(() => page!.locator("rs-reading .why").innerText()).toContain("no dialect fits");
    expect(await marked()).toEqual([]);
    await shoot("dialect-restricted");
  });

  it("asks one question at a time, and ends with the newest text", async () => {
    await open();
    await page!.locator("textarea").pressSequentially("tap 1 2 tap 3 4", { delay: 0 });
    await expect.poll(actions).toEqual(["click (1, 2)", "click (3, 4)"]);
    expect(await page!.evaluate(() => window.tryOut.atOnce)).toBe(1);
  });
});
