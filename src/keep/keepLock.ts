// One copy of a run at a time into a folder, whatever windows and machines share it: a file that only one can make. Its owner renews
// it; one whose process is gone, or that nobody renewed while another waited, is taken away.
import { randomBytes } from "node:crypto";
import { link, readFile, rename, stat, unlink, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import * as z from "zod/mini";
import { cancelled } from "../../core/base/errors";

export const lockFile = "keep.lock";

const RENEW_MS = 5000;
const LOOK_MS = 300;
/** Of this process's own time, so that neither another machine's clock nor a night asleep makes a lock look old. */
const UNRENEWED_MS = 60_000;

const schema = z.object({ pid: z.number(), host: z.string(), token: z.string() });

export interface LockWishes {
  signal?: AbortSignal | undefined;
  /** Another one has it. */
  onWait?: (() => void) | undefined;
}

/** Throws `cancelled` while it waits. */
export async function withKeepLock<T>(folder: string, wishes: LockWishes, act: () => Promise<T>): Promise<T> {
  const place = path.join(folder, lockFile);
  const own = JSON.stringify({ pid: process.pid, host: hostname(), token: randomBytes(8).toString("hex") });
  await acquire(place, own, wishes);
  const renew = setInterval(() => void utimes(place, new Date(), new Date()).catch(() => undefined), RENEW_MS);
  try {
    return await act();
  } finally {
    clearInterval(renew);
    if ((await textOf(place)) === own) await unlink(place).catch(() => undefined);
  }
}

async function acquire(place: string, own: string, { signal, onWait }: LockWishes): Promise<void> {
  let seen = { state: "", since: 0 };
  let told = false;
  for (;;) {
    if (signal?.aborted) throw cancelled();
    try {
      await writeFile(place, own, { flag: "wx", mode: 0o600 });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const text = await textOf(place);
    const renewed = (await stat(place).catch(() => null))?.mtimeMs;
    const state = `${String(renewed)} ${String(text)}`;
    if (state !== seen.state) seen = { state, since: performance.now() };
    if (text !== null && (isOrphan(text) || performance.now() - seen.since > UNRENEWED_MS)) await takeAway(place, text);
    else {
      if (!told) onWait?.();
      told = true;
      await pause(LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** Its process was one of this machine, and is gone. */
function isOrphan(text: string): boolean {
  try {
    const { pid, host } = schema.parse(JSON.parse(text));
    if (host !== hostname()) return false;
    process.kill(pid, 0);
    return false;
  } catch (error) {
    // A process of another user lives; a lock that is being written is none yet.
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

/** Somebody else may have done so, and made a new one: that is put back. */
async function takeAway(place: string, text: string): Promise<void> {
  const aside = `${place}.${randomBytes(6).toString("hex")}`;
  await rename(place, aside).catch(() => undefined);
  if ((await textOf(aside)) !== text) await link(aside, place).catch(() => undefined);
  await unlink(aside).catch(() => undefined);
}

const textOf = (place: string): Promise<string | null> => readFile(place, "utf8").catch(() => null);
