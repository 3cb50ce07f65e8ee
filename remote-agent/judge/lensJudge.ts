// Lenses over samples without holding up anybody else: one thread, started when it is needed, ended when it hangs or rests.
import { Worker } from "node:worker_threads";
import type { Disposable } from "../../core/base/disposable";
import { cancelled } from "../../core/base/errors";
import type { JudgeItem, LensChoice } from "../../core/lenses/judge";
import { noAnswer, type Judgement } from "../../core/lenses/lens";
import { idle, type JudgeAnswer, type JudgeTask } from "./lensThread";

/** One rule on one sample. Ordinary ones take microseconds, symbolic ones milliseconds; some formulas would take hours. */
const LONGEST_MS = 3000;
/** Loading the thread, and the engine for formulas. */
const START_MS = 20_000;
const LOOK_MS = 100;
const REST_MS = 20_000;
const MEMORY_MB = 256;

const tooLong = noAnswer(`this rule took longer than ${String(LONGEST_MS / 1000)} s on this sample, and was stopped`);

interface Thread {
  worker: Worker;
  place: Int32Array;
}

export class LensJudge implements Disposable {
  private thread: Thread | null = null;
  private last: Promise<unknown> = Promise.resolve();
  private resting: NodeJS.Timeout | null = null;
  private disposed = false;

  /** Per item one judgement per choice. One batch at a time, in the order of calls. Throws `cancelled` once disposed. */
  judge(choices: readonly LensChoice[], items: readonly JudgeItem[]): Promise<Judgement[][]> {
    if (choices.length === 0 || items.length === 0) return Promise.resolve(items.map(() => []));
    const answer = this.last.then(() => this.judgeNow(choices, items));
    this.last = answer.catch(() => undefined);
    return answer;
  }

  dispose(): void {
    this.disposed = true;
    this.end();
  }

  private async judgeNow(choices: readonly LensChoice[], items: readonly JudgeItem[]): Promise<Judgement[][]> {
    if (this.resting) clearTimeout(this.resting);
    const skip: number[] = [];
    for (;;) {
      if (this.disposed) throw cancelled();
      const answer = await this.attempt({ choices, items, skip });
      if (typeof answer !== "number") {
        this.resting = setTimeout(() => this.end(), REST_MS).unref();
        return answer.map((row) => row.map((judgement) => judgement ?? tooLong));
      }
      // Nothing was being judged: the thread itself does not start, which another try does not change.
      if (answer === idle) return items.map(() => choices.map(() => noAnswer("the rules could not be loaded")));
      skip.push(answer);
    }
  }

  /** The answer, or the place at which the thread did not go on. */
  private attempt(task: JudgeTask): Promise<JudgeAnswer | number> {
    const { worker, place } = (this.thread ??= begin());
    Atomics.store(place, 0, idle);
    return new Promise((resolve) => {
      let seen = idle;
      let since = Date.now();
      const watch = setInterval(() => {
        const at = Atomics.load(place, 0);
        if (at !== seen) [seen, since] = [at, Date.now()];
        else if (Date.now() - since > (at === idle ? START_MS : LONGEST_MS)) giveUp();
      }, LOOK_MS);
      const settle = (result: JudgeAnswer | number): void => {
        clearInterval(watch);
        worker.off("message", settle);
        worker.off("error", giveUp);
        worker.off("exit", giveUp);
        resolve(result);
      };
      // An error is memory that ran out: the same as time that did.
      const giveUp = (): void => {
        this.end();
        settle(Atomics.load(place, 0));
      };
      worker.on("message", settle);
      worker.on("error", giveUp);
      worker.on("exit", giveUp);
      worker.postMessage(task);
    });
  }

  private end(): void {
    const { thread } = this;
    this.thread = null;
    // What it says on its way out interests nobody any more.
    thread?.worker.on("error", () => undefined);
    void thread?.worker.terminate();
  }
}

function begin(): Thread {
  const place = new Int32Array(new SharedArrayBuffer(4));
  // The agent is one file, which does this when it finds itself in a thread (main.ts).
  const worker = new Worker(__filename, {
    workerData: place.buffer,
    name: "runside-lenses",
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
  });
  worker.unref();
  return { worker, place };
}
