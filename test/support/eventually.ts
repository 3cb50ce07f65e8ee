// Waits until an expectation holds: for what another process or a watcher does in its own time.
import { setTimeout as sleep } from "node:timers/promises";

/** Repeats `check` until it does not throw; the last failure is thrown when time is up. */
export async function eventually<T>(check: () => T | Promise<T>, withinMs = 20_000): Promise<T> {
  const end = Date.now() + withinMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() >= end) throw error;
      await sleep(20);
    }
  }
}
