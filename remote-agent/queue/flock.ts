// flock(2) without native code: the program `flock` locks a descriptor that it inherits from us, and because a lock belongs to the
// open file and not to the process, it stays ours after that program has ended. The kernel drops it with the last descriptor.
import { spawn, spawnSync } from "node:child_process";
import { closeSync, constants, fstatSync, openSync, statSync } from "node:fs";
import { launchFailed } from "../../core/base/errors";

export type Hold = "exclusive" | "shared";

const flag: Record<Hold, string> = { exclusive: "-x", shared: "-s" };

export const noFlock = (): Error =>
  launchFailed(
    'The program "flock" was not found on this box, and a turn on its GPUs cannot be kept without it: install the package util-linux, or launch without GPUs of the queue (none).',
  );

/** False where somebody else holds it. Costs two milliseconds. */
export function tryLock(fd: number, hold: Hold): boolean {
  const { status, error, stderr } = spawnSync("flock", ["-n", flag[hold], "3"], {
    stdio: ["ignore", "ignore", "pipe", fd],
  });
  if (error) throw (error as NodeJS.ErrnoException).code === "ENOENT" ? noFlock() : error;
  if (status === 0 || status === 1) return status === 0;
  throw launchFailed(
    `A lock of the GPU queue could not be asked for: flock says ${String(stderr).trim() || `code ${status}`}.`,
  );
}

/** Waits in the kernel, without looking again and again. False where the signal gave up first. */
export function lockWhenFree(fd: number, hold: Hold, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return resolve(false);
    const waiting = spawn("flock", [flag[hold], "3"], { stdio: ["ignore", "ignore", "ignore", fd] });
    const giveUp = (): void => void waiting.kill("SIGKILL");
    signal.addEventListener("abort", giveUp, { once: true });
    waiting.once("error", (error: NodeJS.ErrnoException) => {
      signal.removeEventListener("abort", giveUp);
      reject(error.code === "ENOENT" ? noFlock() : error);
    });
    waiting.once("exit", (code) => {
      signal.removeEventListener("abort", giveUp);
      resolve(code === 0);
    });
  });
}

const { O_RDWR, O_RDONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;

/** Opens a file that all users of the folder share. Throws what open(2) says. */
export function openShared(path: string): number {
  for (;;) {
    try {
      // Without O_CREAT first: fs.protected_regular forbids it on other people's files in a sticky folder.
      return openSync(path, O_RDWR | O_NOFOLLOW);
    } catch (error) {
      if (!is(error, "ENOENT")) throw error;
    }
    try {
      return createShared(path);
    } catch (error) {
      if (!is(error, "EEXIST")) throw error;
    }
  }
}

/** A new file that everybody may lock. Throws EEXIST where it is there. */
export function createShared(path: string): number {
  const before = process.umask(0);
  try {
    return openSync(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o666);
  } finally {
    process.umask(before);
  }
}

/** For looking only; null where there is none. */
export function openToLook(path: string): number | null {
  try {
    return openSync(path, O_RDONLY | O_NOFOLLOW);
  } catch (error) {
    if (is(error, "ENOENT")) return null;
    throw error;
  }
}

/** Whether the path still names the file that was opened: a cleaner of temporary files may have deleted it. */
export function isStill(path: string, fd: number): boolean {
  try {
    const [named, held] = [statSync(path), fstatSync(fd)];
    return named.ino === held.ino && named.dev === held.dev;
  } catch {
    return false;
  }
}

export function close(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // Closed already.
  }
}

export const is = (error: unknown, code: string): boolean => (error as NodeJS.ErrnoException).code === code;
