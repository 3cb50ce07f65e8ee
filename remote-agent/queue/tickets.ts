// The queue: one file per waiting run, numbered in the order of arrival and locked by its supervisor. A ticket whose lock can be had
// belongs to nobody any more and is passed over, so no crash, reboot or clock can hold up the others.
import { randomBytes } from "node:crypto";
import { readdirSync, renameSync, rmSync, statSync, truncateSync, watch, writeFileSync, type FSWatcher } from "node:fs";
import { join } from "node:path";
import { launchFailed } from "../../core/base/errors";
import { close, createShared, is, isStill, lockWhenFree, openShared, openToLook, tryLock } from "./flock";

const NAME = /^ticket-(\d{10})-[0-9a-f]{12}$/;
/** A folder that cannot be watched is looked at this often. */
const LOOK_MS = 10_000;

export class Ticket {
  private constructor(
    private readonly folder: string,
    readonly name: string,
    private fd: number,
  ) {}

  /** The next number. null where the signal gave up first. */
  static async take(folder: string, signal: AbortSignal): Promise<Ticket | null> {
    const mutex = await enter(join(folder, "queue.lock"), signal);
    if (mutex === null) return null;
    try {
      const last = Math.max(0, ...namesIn(folder).map(numberOf));
      const name = `ticket-${String(last + 1).padStart(10, "0")}-${randomBytes(6).toString("hex")}`;
      return new Ticket(folder, name, place(folder, name));
    } finally {
      close(mutex);
    }
  }

  /** Waits until nobody before us lives; `onPlace` is told at each change. False where the signal gave up first. */
  async first(signal: AbortSignal, onPlace: (place: number) => void): Promise<boolean> {
    for (;;) {
      if (signal.aborted) return false;
      this.keep();
      const blocker = this.nearestAlive();
      if (blocker === null) return true;
      try {
        onPlace(this.ahead().filter((name) => !isSpent(join(this.folder, name))).length + 1);
        await this.change(blocker, signal);
      } finally {
        close(blocker);
      }
    }
  }

  /** A cleaner of temporary files may have taken it: the place is taken again, under the same number. */
  keep(): void {
    if (isStill(join(this.folder, this.name), this.fd)) return;
    try {
      const again = place(this.folder, this.name);
      close(this.fd);
      this.fd = again;
    } catch {
      // The lock that we hold counts for those who saw us; GPUs are kept apart by locks of their own.
    }
  }

  release(): void {
    rmSync(join(this.folder, this.name), { force: true });
    close(this.fd);
  }

  /** Nearest first. */
  private ahead(): string[] {
    return namesIn(this.folder)
      .filter((name) => name < this.name)
      .sort()
      .reverse();
  }

  /** A descriptor to wait on. */
  private nearestAlive(): number | null {
    for (const name of this.ahead()) {
      const path = join(this.folder, name);
      const fd = openToLook(path);
      if (fd === null) continue;
      if (!tryLock(fd, "shared")) return fd;
      if (isStill(path, fd)) discard(path);
      close(fd);
    }
    return null;
  }

  /** The one before us ended, or somebody further ahead left, or it is time to look. */
  private async change(blocker: number, signal: AbortSignal): Promise<void> {
    const enough = new AbortController();
    const end = (): void => enough.abort();
    signal.addEventListener("abort", end, { once: true });
    const timer = setTimeout(end, LOOK_MS);
    let watcher: FSWatcher | null = null;
    try {
      watcher = watch(this.folder, (_event, name) => {
        if (name === null || (NAME.test(name) && name <= this.name)) end();
      });
      watcher.on("error", () => watcher?.close());
    } catch {
      watcher = null;
    }
    try {
      await lockWhenFree(blocker, "shared", enough.signal);
    } finally {
      watcher?.close();
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
    }
  }
}

const numberOf = (name: string): number => Number(NAME.exec(name)?.[1] ?? 0);
const namesIn = (folder: string): string[] => readdirSync(folder).filter((name) => NAME.test(name));

/** Locked before it has its name: whoever finds it finds it held. */
function place(folder: string, name: string): number {
  const beside = join(folder, `new-${name}`);
  rmSync(beside, { force: true });
  const fd = createShared(beside);
  if (!tryLock(fd, "exclusive"))
    throw launchFailed(`Somebody else locks new files in ${folder}; the run took no turn.`);
  renameSync(beside, join(folder, name));
  return fd;
}

/** The short critical section in which numbers are given. */
async function enter(path: string, signal: AbortSignal): Promise<number | null> {
  for (;;) {
    let fd: number;
    try {
      fd = openShared(path);
    } catch (error) {
      throw is(error, "EACCES")
        ? launchFailed(
            `The queue's file ${path} cannot be opened by you: ask its owner to delete it, or set RUNSIDE_LOCKS to per-user.`,
          )
        : error;
    }
    const got = await lockWhenFree(fd, "exclusive", signal);
    if (got && isStill(path, fd)) return fd;
    close(fd);
    if (!got) {
      if (signal.aborted) return null;
      throw launchFailed(`The queue's file ${path} could not be locked: flock failed on it.`);
    }
  }
}

/** In a folder with the sticky bit only its owner may delete it; then it is marked, which everybody may. */
function discard(path: string): void {
  try {
    rmSync(path);
  } catch {
    try {
      truncateSync(path);
      writeFileSync(path, "ended\n", { flag: "r+" });
    } catch {
      // Passed over again by whoever looks next.
    }
  }
}

function isSpent(path: string): boolean {
  try {
    return statSync(path).size > 0;
  } catch {
    return true;
  }
}
