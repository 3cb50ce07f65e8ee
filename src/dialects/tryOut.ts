// Asks the reader's thread, and ends it when a text takes it too long: the next question gets a new one.
import { Worker } from "node:worker_threads";
import type { Disposable } from "../../core/base/disposable";
import { messageOf, RunsideError } from "../../core/base/errors";
import type { TryOut } from "../../core/protocol/dialects";
import type { TryQuestion } from "./reader";

interface Waiting {
  resolve: (answer: TryOut) => void;
  reject: (error: RunsideError) => void;
  timer: NodeJS.Timeout;
}

export class DialectTryOut implements Disposable {
  private worker: Worker | null = null;
  private readonly waiting = new Map<number, Waiting>();
  private asked = 0;

  constructor(
    /** The bundle of `reader.ts`. */
    private readonly script: string,
    /** In milliseconds. */
    private readonly patience = 5000,
  ) {}

  read(question: TryQuestion): Promise<TryOut> {
    const id = ++this.asked;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const seconds = String(this.patience / 1000);
        this.end(
          new RunsideError(
            "usage",
            `Reading this text took longer than ${seconds} s and was stopped: shorten the text, or close the patterns.`,
          ),
        );
      }, this.patience);
      this.waiting.set(id, { resolve, reject, timer });
      this.thread().postMessage({ id, question });
    });
  }

  dispose(): void {
    this.end(new RunsideError("cancelled", "Cancelled."));
  }

  private thread(): Worker {
    if (this.worker) return this.worker;
    const worker = new Worker(this.script);
    this.worker = worker;
    worker.unref();
    worker.on("message", ({ id, answer }: { id: number; answer: TryOut }) => {
      const held = this.waiting.get(id);
      if (!held) return;
      this.waiting.delete(id);
      clearTimeout(held.timer);
      held.resolve(answer);
    });
    worker.on("error", (error) => {
      if (this.worker === worker) this.end(new RunsideError("internal", messageOf(error), { cause: error }));
    });
    return worker;
  }

  /** Everything that waits is told why; it may ask again. */
  private end(why: RunsideError): void {
    const { worker } = this;
    this.worker = null;
    void worker?.terminate();
    for (const { reject, timer } of this.waiting.values()) {
      clearTimeout(timer);
      reject(why);
    }
    this.waiting.clear();
  }
}
