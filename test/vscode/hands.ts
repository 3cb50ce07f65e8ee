// What a user's hands do in the editor: lenses, menus, pickers, tabs of the run view.
import type { Frame, Locator, Page } from "playwright-core";
import { until } from "./steps";

export const lens = (page: Page, text: string): Locator =>
  page.locator(".codelens-decoration a", { hasText: text }).first();
export const pick = (page: Page, text: string): Locator =>
  page.locator(".quick-input-list .monaco-list-row", { hasText: text });
export const tab = (view: Frame, name: string): Locator => view.locator("rs-tabs [role=tab]", { hasText: name });

/** All text of an element, through the shadow roots of what it holds. */
export const textOf = (where: Locator): Promise<string> =>
  where.first().evaluate((root) => {
    // A loop and no inner function: the loader that runs this file would add a helper that the page does not have.
    const pending: Node[] = [root];
    let text = "";
    for (let node = pending.pop(); node; node = pending.pop()) {
      if (node.nodeType === Node.TEXT_NODE) text += ` ${node.textContent ?? ""}`;
      if (node instanceof Element && (node.tagName === "STYLE" || node.tagName === "SCRIPT")) continue;
      const inside: Node = node instanceof Element && node.shadowRoot ? node.shadowRoot : node;
      for (let i = inside.childNodes.length - 1; i >= 0; i--) pending.push(inside.childNodes[i] as Node);
    }
    return text.replace(/\s+/g, " ");
  });

export const stepOf = async (view: Frame): Promise<number> =>
  Number((/step ([\d,]+)/.exec(await textOf(view.locator("rs-header")))?.[1] ?? "0").replace(/,/g, ""));

/** A notification's text, from its toast or, once that has gone, from the bell. */
export async function notification(page: Page, text: RegExp): Promise<void> {
  await until("the notification", async () => {
    if ((await page.locator(".notification-toast, .notification-list-item", { hasText: text }).count()) > 0)
      return true;
    await page.locator("#status\\.notifications a, [id='status.notifications'] a").first().click();
    return (await page.locator(".notification-list-item", { hasText: text }).count()) > 0;
  });
}

export async function openFile(page: Page, name: string): Promise<void> {
  // A file that was just written may be missing from the list that was already asked for: it is asked for again.
  await until(`${name} in the list of files`, async () => {
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+P");
    await page.locator(".quick-input-widget input").fill(name);
    const found = pick(page, name).first();
    await found.waitFor({ timeout: 5000 }).catch(() => undefined);
    return found.isVisible();
  });
  await page.keyboard.press("Enter");
  await page.locator(".tab.active", { hasText: name }).first().waitFor();
}

/** By the keyboard: a list that is still being filtered moves under the mouse. What closes the palette opens it again. */
export async function command(page: Page, title: string): Promise<void> {
  const chosen = page.locator(".quick-input-list .monaco-list-row.focused", { hasText: title });
  await until(`${title} in the palette`, async () => {
    await page.keyboard.press("Escape");
    await page.keyboard.press("F1");
    await page.locator(".quick-input-widget input").first().fill(`>${title}`, { timeout: 5000 });
    await chosen.waitFor({ timeout: 5000 }).catch(() => undefined);
    return chosen.isVisible();
  });
  await page.keyboard.press("Enter");
}

/**
 * A command, until its list has an entry. What ends just then, a dialog or a notification, gives the focus back to where it was,
 * which closes a list: it is asked for again, as a person does.
 */
export async function openList(page: Page, title: string, entry: string): Promise<Locator> {
  const chosen = pick(page, entry).first();
  await until(`${entry} in the list of ${title}`, async () => {
    await command(page, title);
    await chosen.waitFor({ timeout: 5000 }).catch(() => undefined);
    await page.waitForTimeout(500);
    return chosen.isVisible();
  });
  return chosen;
}

/** A list that closes just before the click is opened again, rather than waited for. */
export const commandAndPick = async (page: Page, title: string, entry: string): Promise<void> => {
  await until(`a click on ${entry} in the list of ${title}`, async () => {
    await (await openList(page, title, entry)).click({ timeout: 3000 });
    return true;
  });
};

/**
 * Opens a menu by `open` and chooses. A menu stays as it was opened, and an entry may be absent or grey until the window knows
 * its configs and that it is trusted: until then it is opened again.
 */
export async function chooseInMenu(page: Page, title: string, open: () => Promise<void>): Promise<void> {
  const entry = page
    .locator(".context-view .action-item:not(.disabled) .action-label:not(.disabled)", { hasText: title })
    .first();
  await until(`${title} in the menu`, async () => {
    await page.keyboard.press("Escape");
    await open();
    await entry.waitFor({ timeout: 4000 }).catch(() => undefined);
    return entry.isVisible();
  });
  // It ignores the click that comes right after it opened, as that would be the end of the one that opened it.
  await page.waitForTimeout(500);
  await entry.click();
}

export async function runFromLens(page: Page): Promise<void> {
  await lens(page, "Run on").click();
  await pick(page, "Run on demo-box").click();
}
