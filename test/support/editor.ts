// The real editor in a real browser, for the end-to-end tests and the pictures.
import { join } from "node:path";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { startEditor, type EditorOptions, type RunningEditor } from "../../scripts/editor";
import { findChromium } from "../../scripts/system";

export interface EditorWindowOptions extends Pick<EditorOptions, "settings" | "env" | "disableTrust"> {
  /** Holds the editor's data and extensions; nothing of the user's own editor is read. */
  dir: string;
  /** The workspace folder. */
  folder: string;
  /** An extension's folder, loaded as under development. */
  extension?: string;
  /** A module whose exported `run()` is executed inside the extension host. Needs `extension`. */
  suite?: string;
  /** Files to open at once. */
  open?: readonly string[];
  viewport?: { width: number; height: number };
  /** The browser keeps what it stores, as a person's does; with the same `port`, a later window of `dir` finds it. */
  remembers?: boolean;
  port?: number;
}

export interface EditorWindow {
  page: Page;
  editor: RunningEditor;
  close(): Promise<void>;
}

function chromiumOptions(): { executablePath: string; args: string[] } {
  const executablePath = findChromium();
  if (!executablePath) throw new Error("Chromium or Chrome was not found: install it, or name it in CHROME_PATH.");
  // It needs no sandbox for our own pages, cannot have one as root, and must not speak to anyone by itself.
  const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
  args.push("--disable-component-update", "--disable-sync");
  return { executablePath, args };
}

export const launchChromium = (): Promise<Browser> => chromium.launch(chromiumOptions());

export async function openEditor(options: EditorWindowOptions): Promise<EditorWindow> {
  const editor = await startEditor({
    ...(options.port === undefined ? {} : { port: options.port }),
    dataDir: join(options.dir, "data"),
    extensionsDir: join(options.dir, "extensions"),
    smoke: true,
    disableTrust: options.disableTrust ?? true,
    settings: options.settings,
    env: options.env,
  });
  let browser: Browser | BrowserContext | undefined;
  const close = async () => {
    await browser?.close();
    await editor.stop();
  };
  try {
    const viewport = options.viewport ?? { width: 1280, height: 800 };
    const profile = join(options.dir, "browser");
    browser = options.remembers
      ? await chromium.launchPersistentContext(profile, { ...chromiumOptions(), viewport })
      : await launchChromium();
    const page = "pages" in browser ? await browser.newPage() : await browser.newPage({ viewport });
    page.setDefaultTimeout(60_000);
    await page.goto(editor.url(options.folder, payload(editor, options)));
    await page.waitForSelector(".monaco-workbench", { timeout: 60_000 });
    return { page, editor, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function payload(editor: RunningEditor, options: EditorWindowOptions): [string, string][] {
  const pairs: [string, string][] = [];
  if (options.extension) pairs.push(["extensionDevelopmentPath", editor.uri(options.extension)]);
  if (options.suite) pairs.push(["extensionTestsPath", editor.uri(options.suite)]);
  for (const file of options.open ?? []) pairs.push(["openFile", editor.uri(file)]);
  return pairs;
}
