// A small runner for a story told once, in order: each step is a check with a name, a screenshot when it fails, and a count.
import { mkdirSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Frame, Locator, Page } from "playwright-core";

export class Story {
  passed = 0;
  failed = 0;
  private broken = false;

  constructor(
    private readonly page: () => Page,
    readonly pictures: string,
  ) {
    mkdirSync(pictures, { recursive: true });
  }

  /** A step that later ones need (`essential`) ends the story when it fails: they are counted as failed, not left out. */
  async step(name: string, act: () => Promise<void>, options: { essential?: boolean } = {}): Promise<void> {
    if (this.broken) {
      this.failed++;
      console.log(`  ✗ ${name}: not reached`);
      return;
    }
    const began = Date.now();
    try {
      await act();
      this.passed++;
      console.log(`  ✓ ${name} (${Date.now() - began} ms)`);
    } catch (error) {
      this.failed++;
      this.broken = options.essential === true;
      console.log(`  ✗ ${name}: ${error instanceof Error ? error.message : String(error)}`);
      await this.picture(`failed-${name.replace(/[^a-z0-9]+/gi, "-").slice(0, 50)}`).catch(() => undefined);
    }
  }

  async picture(name: string): Promise<void> {
    await this.page().screenshot({ path: join(this.pictures, `${name}.png`) });
  }

  writeReport(file: string): void {
    writeFileSync(file, JSON.stringify({ passed: this.passed, failed: this.failed, skipped: 0 }));
  }
}

/** Polls until `look` gives something; its last failure becomes the message. */
export async function until<T>(
  what: string,
  look: () => Promise<T | null | undefined | false>,
  ms = 60_000,
): Promise<T> {
  const end = Date.now() + ms;
  let last = "";
  while (Date.now() < end) {
    try {
      const found = await look();
      if (found) return found;
    } catch (error) {
      last = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${what}: not within ${ms / 1000} s${last ? ` (${last})` : ""}`);
}

/** The runs of a store, without the folders that a launch still prepares: their names begin with a dot. */
export const runsIn = async (store: string): Promise<string[]> =>
  (await readdir(store).catch(() => [])).filter((name) => !name.startsWith("."));

/** The frame of the run view, or of another view by its element, that is showing now. */
export function runView(page: Page, element = "rs-run-view"): Promise<Frame> {
  return until(`the view ${element}`, async () => {
    for (const frame of page.frames()) {
      if (frame.isDetached()) continue;
      const view = frame.locator(element);
      if ((await view.count().catch(() => 0)) > 0 && (await view.first().isVisible())) return frame;
    }
    return null;
  });
}

/** Whether a canvas has anything drawn on it. */
export async function hasInk(canvas: Locator): Promise<boolean> {
  return canvas.evaluate((element) => {
    const drawn = element as HTMLCanvasElement;
    const context = drawn.getContext("2d");
    if (!context || drawn.width === 0) return false;
    const { data } = context.getImageData(0, 0, drawn.width, drawn.height);
    let ink = 0;
    for (let i = 3; i < data.length; i += 4) if ((data[i] ?? 0) > 40) ink++;
    return ink > 200;
  });
}
