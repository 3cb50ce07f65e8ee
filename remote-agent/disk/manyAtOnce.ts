// Work on many small files. On a local disk a synchronous call costs a tenth of one through the thread pool; on a network file
// system it would hold up the whole agent. So they begin synchronous, and go on in parallel where they turn out slow.
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import { setImmediate as turn } from "node:timers/promises";

const AT_ONCE = 24;
const LONGEST_TURN_MS = 15;
/** A call that takes longer, on the average of the last ones, waits for another machine. */
const SLOW_MS = 2;

/** Ends when all are done, or with the first failure once those under way have ended. Others get their turn in between. */
export async function forEachOf<T>(items: Iterable<T>, work: (item: T) => Promise<unknown>): Promise<void> {
  const queue = items[Symbol.iterator]();
  const failures: unknown[] = [];
  let began = performance.now();
  const worker = async (): Promise<void> => {
    for (let next = queue.next(); !next.done && failures.length === 0; next = queue.next()) {
      try {
        await work(next.value);
      } catch (error) {
        failures.push(error);
      }
      if (performance.now() - began < LONGEST_TURN_MS) continue;
      await turn();
      began = performance.now();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  if (failures.length > 0) throw failures[0];
}

let average = 0;

function quick<T>(call: () => T, patient: () => Promise<T>): T | Promise<T> {
  if (average > SLOW_MS) return patient();
  const began = performance.now();
  const answer = call();
  average += (performance.now() - began - average) / 50;
  return answer;
}

/** Files of at most some hundred KB: await what these answer. */
export const smallFiles = {
  read: (path: string): Buffer | Promise<Buffer> =>
    quick(
      () => readFileSync(path),
      () => readFile(path),
    ),
  /** Must not exist yet. */
  write: (path: string | Buffer, bytes: Uint8Array, mode: number): void | Promise<void> =>
    quick(
      () => writeFileSync(path, bytes, { mode, flag: "wx" }),
      () => writeFile(path, bytes, { mode, flag: "wx" }),
    ),
  rename: (from: string, to: string): void | Promise<void> =>
    quick(
      () => renameSync(from, to),
      () => rename(from, to),
    ),
};
