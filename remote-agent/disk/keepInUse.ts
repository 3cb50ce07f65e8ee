// Whoever runs from an agent's file, or on a Node.js that was brought, renews that file's time: after a month without, it is removed
// (see oldVersions).
import { utimesSync } from "node:fs";

const DAY_MS = 24 * 60 * 60 * 1000;
const agentFile = /\/agent\/[0-9a-f]{64}\/agent\.js$/;
const brought = /\/node\/node-linux-[^/]+\/bin\/node$/;

/** Called at each start; with `lasting` it goes on while this process lives, without keeping it alive. */
export function keepInUse(lasting: boolean): void {
  const files = [process.argv[1] ?? "", process.execPath].filter((path) => agentFile.test(path) || brought.test(path));
  if (files.length === 0) return;
  const renew = (): void => files.forEach(touch);
  renew();
  if (lasting) setInterval(renew, DAY_MS).unref();
}

function touch(path: string): void {
  try {
    const now = new Date();
    utimesSync(path, now, now);
  } catch {
    // Read-only, or somebody else's: then nobody removes it either.
  }
}
