// Long loops over small files on the editor's own thread: synchronous calls, which cost a tenth of the others, with a turn for
// everybody else every few milliseconds.
import { setImmediate as turn } from "node:timers/promises";
import { cancelled } from "../../core/base/errors";

const LONGEST_TURN_MS = 12;

/** Called once an item, it mostly answers nothing, and is then not worth an `await`. Throws `cancelled`. */
export function takeTurns(signal: AbortSignal | undefined): () => Promise<void> | undefined {
  let began = performance.now();
  return () => {
    throwIfAborted(signal);
    if (performance.now() - began < LONGEST_TURN_MS) return undefined;
    return turn().then(() => {
      began = performance.now();
    });
  };
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw cancelled();
}
