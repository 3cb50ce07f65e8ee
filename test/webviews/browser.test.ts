// The bundled view in a real Chromium under the editor's policy: no violation, ink on the canvas, a click that leads to rollouts.
import { existsSync, mkdirSync } from "node:fs";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createHarness, type Harness, type OpenOptions } from "./harness/hostPage";

const chromium = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) =>
  existsSync(path),
);
const pictures = "test-results/webviews";

// Without a browser this says so and is skipped; on the build machine the set-up has already failed by then.
describe.skipIf(!chromium)("the run view in Chromium", () => {
  let harness: Harness;
  let page: Page | null = null;
  const errors: string[] = [];

  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true });
    harness = await createHarness(chromium ?? "");
  });
  afterAll(() => harness?.close());
  afterEach(async () => {
    const violations = (await page?.evaluate(() => window.harness.violations)) ?? [];
    const pwned = await page?.evaluate(() => (window as { pwned?: unknown }).pwned);
    await page?.context().close();
    page = null;
    expect({ violations, errors: errors.splice(0), pwned }).toEqual({ violations: [], errors: [], pwned: undefined });
  });

  async function open(options: OpenOptions = {}): Promise<Page> {
    page = await harness.open(options);
    page.on("pageerror", (error) => errors.push(error.message));
    await page.locator("rs-header .state").waitFor();
    return page;
  }
  const shoot = (name: string): Promise<unknown> => page!.screenshot({ path: `${pictures}/${name}.png` });

  /** Pixels of the first chart that are not background, per hue of the theme it was drawn in. */
  const ink = (): Promise<number> =>
    page!
      .locator("rs-curve canvas")
      .first()
      .evaluate((canvas: HTMLCanvasElement) => {
        const data = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height).data;
        let count = 0;
        for (let i = 0; i < data.length; i += 4) {
          const [r = 0, g = 0, b = 0, a = 0] = data.slice(i, i + 4);
          if (a > 80 && g > r + 20 && g > b + 20) count++;
        }
        return count;
      });

  for (const theme of ["dark", "light", "high-contrast", "high-contrast-light"]) {
    it(`draws its curves in ${theme}`, async () => {
      await open({ theme });
      await expect.poll(ink).toBeGreaterThan(150);
      await shoot(`curves-${theme}`);
    });
  }

  it("takes a click on a point to the rollouts of that step", async () => {
    await open();
    const plot = page!.locator("rs-curve .plot").first();
    await expect.poll(ink).toBeGreaterThan(150);
    const box = (await plot.boundingBox())!;
    await page!.mouse.move(box.x + box.width * 0.6, box.y + 40);
    const said = await page!.locator("rs-curve .value").first().innerText();
    const step = /step (\d+)/.exec(said)?.[1];
    expect(Number(step)).toBeGreaterThan(60);
    // One cursor for all charts.
    await expect.poll(() => page!.locator("rs-curve .value").nth(2).innerText()).toContain(`step ${step}`);
    await shoot("cursor");
    await page!.mouse.click(box.x + box.width * 0.6, box.y + 40);
    await page!.locator("rs-rollout-list [role=option]").first().waitFor();
    expect(await page!.locator("rs-rollouts .chip").first().innerText()).toContain(`step ${step}`);
    const steps = await page!.locator("rs-rollout-list [role=option] > :first-child").allInnerTexts();
    expect(new Set(steps)).toEqual(new Set([step]));
    await page!.locator("rs-rollout-list [role=option]").first().click();
    await page!.locator("rs-sample mark").first().waitFor();
    await page!.locator("rs-screenshot svg .predicted").first().waitFor({ state: "attached" });
    await shoot("rollouts");
  });

  it("shows the steps that are dragged over, in every chart, and all again", async () => {
    await open();
    await expect.poll(ink).toBeGreaterThan(150);
    const box = (await page!.locator("rs-curve .plot").first().boundingBox())!;
    const at = (share: number): [number, number] => [box.x + box.width * share, box.y + 60];
    const drag = async (from: number, to: number): Promise<void> => {
      await page!.mouse.move(...at(from));
      await page!.mouse.down();
      await page!.mouse.move(...at((from + to) / 2));
      await page!.mouse.move(...at(to));
      await page!.mouse.up();
    };
    await drag(0.5, 0.75);
    const all = page!.getByRole("button", { name: /show all/ });
    const words = await all.innerText();
    const [, from = 0, to = 0] = (/step (\d+) to (\d+)/.exec(words) ?? []).map(Number);
    expect([from > 50 && from < 80, to > 95 && to < 120]).toEqual([true, true]);
    // The end of a drag chooses no step.
    expect(await page!.locator("rs-rollout-list").count()).toBe(0);
    const read = async (nth: number, share: number): Promise<number> => {
      await page!.mouse.move(...at(share));
      return Number(/step (\d+)/.exec(await page!.locator("rs-curve .value").nth(nth).innerText())?.[1]);
    };
    await expect.poll(() => read(2, 0.95)).toBeLessThanOrEqual(to + 1);
    await expect.poll(() => read(0, 0.2)).toBeGreaterThanOrEqual(from - 1);
    await shoot("zoomed");
    const wide = page!.viewportSize()!;
    await page!.setViewportSize({ width: 360, height: 700 });
    // On a line of its own rather than a word a line.
    await expect.poll(async () => (await all.boundingBox())!.height).toBeLessThan(30);
    await shoot("zoomed-narrow");
    await page!.setViewportSize(wide);
    // Held with Shift, what is shown moves along.
    await page!.keyboard.down("Shift");
    await drag(0.8, 0.4);
    await page!.keyboard.up("Shift");
    await expect.poll(async () => Number(/step (\d+)/.exec(await all.innerText())?.[1])).toBeGreaterThan(from + 5);
    await all.click();
    await expect.poll(() => all.count()).toBe(0);
    await expect.poll(() => read(2, 0.95)).toBeGreaterThan(140);
  });

  it("follows a theme change and a growing curve without a reload", async () => {
    await open();
    await expect.poll(ink).toBeGreaterThan(150);
    await page!.evaluate(() => {
      window.harness.setTheme("light");
      const held = window.harness.script.state.series.get("out/trace.jsonl#reward_all")!;
      const patch = { ...held, mode: "append" as const, total: 151, steps: [151], values: [0.999] };
      window.harness.emit({ from: "c1", to: "c2", series: [patch] });
    });
    await expect.poll(() => page!.locator("rs-curve .value").first().innerText()).toBe("0.999");
    await expect.poll(ink).toBeGreaterThan(150);
  });

  it("marks where a restarted run's second attempt begins, and says so", async () => {
    await open();
    await expect.poll(ink).toBeGreaterThan(150);
    const canvas = page!.locator("rs-curve canvas").first();
    const pixels = (): Promise<number[]> =>
      canvas.evaluate((c: HTMLCanvasElement) => [...c.getContext("2d")!.getImageData(0, 0, c.width, c.height).data]);
    const width = await canvas.evaluate((c: HTMLCanvasElement) => c.width);
    const before = await pixels();
    await page!.evaluate(() => window.harness.emit({ from: "c1", to: "c2", marks: [{ attempt: 2, step: 60 }] }));
    await expect.poll(() => canvas.getAttribute("aria-label")).toContain("attempt 2 from step 60");
    const after = await pixels();
    const changed = new Map<number, number>();
    for (let i = 0; i < after.length; i += 4)
      if ([0, 1, 2, 3].some((c) => after[i + c] !== before[i + c]))
        changed.set((i / 4) % width, (changed.get((i / 4) % width) ?? 0) + 1);
    const [[column = 0, count = 0] = []] = [...changed].sort((a, b) => b[1] - a[1]);
    // A dashed line from top to bottom at 60 of 150 steps, and besides it only the label.
    expect(count).toBeGreaterThan(30);
    expect(column / width).toBeGreaterThan(0.3);
    expect(column / width).toBeLessThan(0.55);
    expect(Math.max(...changed.keys()) - Math.min(...changed.keys())).toBeLessThan(20);
    await shoot("attempts");
  });

  it("draws drags, scrolls and clicks where their frames put them, and redraws when a frame is set by hand", async () => {
    await open({ state: { tab: "episodes", episode: "kinds" } });
    const stage = page!.locator(".stage rs-screenshot svg");
    const path = async (): Promise<string> => (await stage.locator("path.predicted").first().getAttribute("d")) ?? "";
    await stage.locator("path.predicted").first().waitFor({ state: "attached" });
    // From (560, 420) to (1120, 600) of 1600 x 1200, on a picture of 800 x 600.
    expect(await path()).toContain("M280 210L560 300");
    await shoot("marks-drag");
    expect(await page!.locator("rs-episode .facts").innerText()).toContain(
      "OpenAdapt reads fail where drag was meant.",
    );
    await page!.locator("rs-reading select[name=frame]").selectOption("px");
    await expect.poll(path).toContain("M560 420L1120 600");
    expect(await page!.locator("rs-reading .why").innerText()).toBe("frame: px (set by hand)");
    const asked = await page!.evaluate(() => window.harness.script.asked.at(-1));
    expect(asked).toMatchObject({ method: "episodes/read", params: { id: "kinds", frame: "px" } });
    expect(await page!.evaluate(() => (window.harness.state as { frame: string }).frame)).toBe("px");
    await page!.locator("rs-reading select[name=frame]").selectOption("auto");
    const step = async (at: number): Promise<void> => {
      await page!.locator(`.film [data-at="${at}"]`).click();
      await expect.poll(() => page!.locator(`.film [data-at="${at}"]`).getAttribute("aria-selected")).toBe("true");
    };
    await step(1);
    await expect.poll(path).toMatch(/M400 300L400 204M/);
    await step(3);
    await expect.poll(() => stage.locator("text").allTextContents()).toEqual(["2×", "right"]);
    await shoot("marks-clicks");
    await step(5);
    await expect.poll(() => page!.locator(".facts rs-actions .chip").innerText()).toContain("≠ expected text");
    await page!.locator("rs-reading button").click();
    await expect
      .poll(() => page!.evaluate(() => window.harness.script.asked.at(-1)))
      .toEqual({ method: "view/tryDialect", params: { text: "Action: type" } });
    await shoot("marks-typed");
  });

  it("says how old its data is while the link is down", async () => {
    await open();
    await page!.evaluate(() => window.harness.setLink("lost", Date.now() - 12_000));
    await expect
      .poll(() => page!.locator("rs-header .link").first().innerText())
      .toMatch(/reconnecting… data from 1[2-5] s ago/);
    await shoot("link-lost");
  });

  it("is usable by keyboard alone, from the tabs to a step's rollouts", async () => {
    await open();
    await expect.poll(ink).toBeGreaterThan(150);
    const focus = (): Promise<string> =>
      page!.evaluate(() => {
        let at: Element | null = document.activeElement;
        while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
        return at?.className || at?.tagName || "";
      });
    for (let i = 0; i < 25 && (await focus()) !== "plot"; i++) await page!.keyboard.press("Tab");
    expect(await focus()).toBe("plot");
    await page!.keyboard.press("Home");
    await page!.keyboard.press("ArrowRight");
    await shoot("keyboard");
    await page!.keyboard.press("Enter");
    await expect.poll(() => page!.locator("rs-rollouts .chip").first().innerText()).toContain("step 2");
  });

  it("opens its menus over what is below them", async () => {
    await open({ theme: "light" });
    await page!.locator("rs-curves summary").click();
    await page!.locator("rs-curves .menu vscode-checkbox").nth(1).click();
    await expect.poll(() => page!.locator("rs-curve").count()).toBe(19);
    await shoot("curve-menu");
    await page!.keyboard.press("Escape");
    await page!.locator('[data-tab="rollouts"]').click();
    await page!.locator("rs-rollouts vscode-dropdown").click();
    await shoot("order-menu");
    await page!.locator("vscode-option", { hasText: "lowest reward" }).click();
    await expect
      .poll(() => page!.evaluate(() => JSON.stringify(window.harness.script.asked.at(-1)?.params)))
      .toContain('"sort":"reward"');
    expect(await page!.evaluate(() => (window.harness.state as { sort: string }).sort)).toBe("reward");
    await page!.locator("rs-diagnostics summary").click();
    await shoot("diagnostics");
  });

  it("goes from a lens menu to a cell of the matrix and its rollouts by keyboard", async () => {
    await open({ rollouts: "sums", state: { tab: "lenses" }, height: 1400 });
    await page!.locator("rs-lens-picker summary").focus();
    await page!.keyboard.press("Enter");
    // The boxes were ticked by the view itself: that alone chooses nothing.
    expect(await page!.evaluate(() => (window.harness.state as { lenses: string[] }).lenses)).toEqual([]);
    await page!.locator("rs-lens-picker .menu vscode-checkbox", { hasText: "exact" }).first().click();
    await page!.keyboard.press("Escape");
    await page!.locator("rs-lens-tables th", { hasText: "exact" }).first().waitFor();
    const cell = page!.locator('[aria-label^="numeric passes and recorded reward does not"]');
    await cell.focus();
    await page!.keyboard.press("Enter");
    await page!.locator("rs-lens-apart rs-sample mark").first().waitFor();
    await page!.locator("rs-lens-apart rs-verdicts button").first().focus();
    await page!.keyboard.press("ArrowRight");
    expect(await page!.locator("rs-lens-apart rs-verdicts button:focus").count()).toBe(1);
    await shoot("lens-cell");
  });

  const parts: [string, OpenOptions, string][] = [
    [
      "episodes-dark",
      { state: { tab: "episodes", episode: "0:0" }, width: 1400, height: 900 },
      "rs-episode .stage svg",
    ],
    ["rollouts-light", { theme: "light", state: { tab: "rollouts", step: 99, rollout: "0:99000" } }, "rs-sample mark"],
    ["evals-light", { theme: "light", state: { tab: "evals" } }, "rs-evals td"],
    ["lenses-dark", { rollouts: "sums", state: { tab: "lenses" } }, "rs-lens-tables .matrix"],
    [
      "lenses-480",
      {
        width: 480,
        height: 1400,
        theme: "light",
        rollouts: "sums",
        state: { tab: "lenses", lensCell: { pass: "numeric", not: "recorded" } },
      },
      "rs-lens-apart rs-sample",
    ],
    [
      "lenses-high-contrast",
      { width: 1400, height: 900, theme: "high-contrast", rollouts: "sums", state: { tab: "lenses" } },
      "rs-lenses rs-curve canvas",
    ],
    ["lenses-none-320", { width: 320, height: 600, state: { tab: "lenses" } }, "rs-lenses rs-notice"],
    ["log-dark", { state: { tab: "log" } }, "rs-log-lines .line"],
    ["config-light", { theme: "light", state: { tab: "config" } }, "rs-config .argv"],
    ["curves-360", { width: 360, height: 740 }, "rs-curve canvas"],
    [
      "rollouts-360",
      { width: 360, height: 740, state: { tab: "rollouts", step: 12 } },
      "rs-rollout-list [role=option]",
    ],
    [
      "episodes-360",
      { width: 360, height: 740, theme: "light", state: { tab: "episodes", episode: "1:0" } },
      "rs-episode .stage svg",
    ],
    ["curves-320", { width: 320, height: 600, theme: "high-contrast" }, "rs-curve canvas"],
    ["curves-wide", { width: 1400, height: 900 }, "rs-curve canvas"],
    ["rollout-360", { width: 360, height: 740, state: { tab: "rollouts", rollout: "0:99000" } }, "rs-sample mark"],
    ["failed", { variant: "failed", state: { tab: "log" } }, "rs-log-lines .line"],
    ["fresh", { variant: "fresh", theme: "light" }, "rs-notice"],
    ["folder", { variant: "folder", state: { tab: "config" } }, "rs-config dl"],
    ["zoom-200", { width: 500, height: 380, scale: 2 }, "rs-curve canvas"],
  ];
  for (const [name, options, selector] of parts) {
    it(`shows ${name} and nothing runs out sideways`, async () => {
      await open(options);
      await page!.locator(selector).first().waitFor({ state: "attached" });
      await page!.waitForTimeout(150);
      const over = await page!.evaluate(() => {
        const panel = document.querySelector("rs-run-view")!.shadowRoot!.querySelector(".panel")!;
        return [document.documentElement.scrollWidth - innerWidth, panel.scrollWidth - panel.clientWidth];
      });
      await shoot(name);
      expect(Math.max(...over)).toBeLessThanOrEqual(0);
    });
  }
});
