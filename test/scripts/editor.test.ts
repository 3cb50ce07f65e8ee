import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startEditor } from "../../scripts/editor";
import { isEditorInstalled } from "../../scripts/editorInstall";
import { findChromium } from "../../scripts/system";
import { openEditor } from "../support/editor";

// `npm test` installs the editor before it comes here; a bare `vitest` does not.
describe.skipIf(!isEditorInstalled())("the real editor", () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "runside-editor-"));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  it("answers nobody without the token", async () => {
    const token = "0123456789abcdef";
    const editor = await startEditor({ dataDir: join(dir, "data"), extensionsDir: join(dir, "ext"), token });
    const status = async (address: string) => (await fetch(address, { redirect: "manual" })).status;
    expect(await status(`http://127.0.0.1:${editor.port}/`)).toBe(403);
    expect(await status(editor.url(dir))).toBeLessThan(400);
    await editor.stop();
    await expect(fetch(editor.url(dir))).rejects.toThrow();
  });

  it.skipIf(!findChromium())(
    "loads an extension under development and runs a suite inside it",
    { timeout: 90_000 },
    async () => {
      const extension = join(dir, "extension");
      const report = join(dir, "report");
      await mkdir(extension);
      const manifest = { name: "probe", publisher: "runside", version: "0.0.1", engines: { vscode: "*" } };
      await writeFile(join(extension, "package.json"), JSON.stringify(manifest));
      await writeFile(
        join(extension, "suite.js"),
        `exports.run = async () => require("node:fs").writeFileSync(process.env.REPORT, require("vscode").env.appHost);`,
      );
      const suite = join(extension, "suite");
      const window = await openEditor({ dir, folder: dir, extension, suite, env: { REPORT: report } });
      await vi.waitFor(() => expect(existsSync(report)).toBe(true), 60_000);
      await window.close();
    },
  );
});
