// Temporary folders of a test file, and everything else it must end: last in, first out, after each test.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";

const endings: (() => Promise<void> | void)[] = [];

export function atEnd(end: () => Promise<void> | void): void {
  endings.push(end);
}

afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

export function tempFolder(name = "agent"): string {
  const folder = mkdtempSync(join(tmpdir(), `runside-${name}-`));
  atEnd(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }));
  return folder;
}
