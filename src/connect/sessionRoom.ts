// A box may allow one session at a time and frees it a moment after its command has ended: a refusal right behind an end of
// our own is tried again, any other is an answer.
import { setTimeout as sleep } from "node:timers/promises";
import { isError } from "../../core/base/errors";

const WAITS_MS = [50, 150, 400, 1000];
const FRESH_MS = 3000;

export class SessionRoom {
  private lastEnd = -Infinity;

  /** A command of ours has ended, or was told to. */
  ended(): void {
    this.lastEnd = performance.now();
  }

  async open<T>(attempt: () => Promise<T>): Promise<T> {
    for (const wait of WAITS_MS) {
      try {
        return await attempt();
      } catch (error) {
        const refused = isError(error, "connect/lost") && error.data["refused"] === true;
        if (!refused || performance.now() - this.lastEnd > FRESH_MS) throw error;
        await sleep(wait);
      }
    }
    return await attempt();
  }
}
