// A fault is a name, how it is done, and what was found. Runs as a test each; the suite's runner collects the rows.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sshdAvailable } from "../support/sshd";
import type { Account } from "./ledger";
import { SHOWN_WITHIN_S, type Row } from "./row";

export interface Finding {
  /** The words that a person sees, after so many seconds. */
  shown: string;
  seconds: number;
  account: Account;
}

export interface Fault {
  name: string;
  /** Also part of `npm test`. */
  quick?: boolean;
  /** Why it cannot be done on this machine, or null. */
  missing?: () => string | null;
  run(): Promise<Finding>;
}

const LIMIT_MS = 240_000;

export const needsRoot = (): string | null =>
  process.platform === "linux" && process.getuid?.() === 0 && process.env["CI"] === "true"
    ? null
    : "it mounts a file system, which takes root and CI=true";

export function describeFaults(title: string, faults: readonly Fault[]): void {
  describe.skipIf(process.platform !== "linux" || !sshdAvailable())(title, () => {
    for (const fault of faults) {
      const missing = fault.missing?.() ?? null;
      if (missing !== null && isChosen(`${title} ${fault.name}`)) report({ fault: fault.name, missing });
      it.skipIf(missing !== null)(
        missing === null ? fault.name : `${fault.name} (left out: ${missing})`,
        async () => {
          // Stands where the test is ended from outside.
          report({ fault: fault.name, failed: "it did not end" });
          const { shown, seconds, account } = await fault.run().catch((error: unknown) => {
            report({ fault: fault.name, failed: String(error) });
            throw error;
          });
          const { lost, doubled, destroyed, lines, hash } = account;
          report({ fault: fault.name, shown, seconds, lost, doubled, destroyed, lines, hash });
          expect({ lost, doubled }).toEqual({ lost: [], doubled: [] });
          expect(lines).toBeGreaterThan(0);
          expect(seconds).toBeLessThanOrEqual(SHOWN_WITHIN_S);
        },
        LIMIT_MS,
      );
    }
  });
}

/** What nobody asked for is not left out. */
const isChosen = (name: string): boolean => new RegExp(process.env["RUNSIDE_FAULT_NAMES"] ?? "").test(name);

/** Beside the others, where a runner wants them. */
function report(row: Row): void {
  const folder = process.env["RUNSIDE_FAULT_ROWS"];
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${row.fault.replace(/[^a-z0-9]+/gi, "-")}.json`), JSON.stringify(row, null, 1));
}

/** What `look` shows first, and seconds since now. */
export async function timed(
  look: () => string | null | undefined | false,
  withinMs = 60_000,
): Promise<{ shown: string; seconds: number }> {
  const began = performance.now();
  for (;;) {
    const shown = look();
    const seconds = (performance.now() - began) / 1000;
    if (shown) return { shown, seconds };
    if (seconds * 1000 > withinMs) throw new Error(`nothing was shown within ${withinMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
