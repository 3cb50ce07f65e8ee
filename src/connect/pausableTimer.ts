// A deadline that does not run while a person is being asked something.
import type { Disposable } from "../../core/base/disposable";

export class PausableTimer implements Disposable {
  private handle: NodeJS.Timeout | null = null;
  private startedAt = 0;
  private pauses = 0;
  private done = false;

  constructor(
    private left: number,
    private readonly onExpire: () => void,
  ) {
    this.run();
  }

  async during<T>(question: () => Promise<T>): Promise<T> {
    if (this.pauses++ === 0) this.stop();
    try {
      return await question();
    } finally {
      if (--this.pauses === 0) this.run();
    }
  }

  dispose(): void {
    this.done = true;
    this.stop();
  }

  private run(): void {
    if (this.done) return;
    this.startedAt = Date.now();
    this.handle = setTimeout(() => {
      this.done = true;
      this.onExpire();
    }, this.left);
  }

  private stop(): void {
    if (this.handle === null) return;
    clearTimeout(this.handle);
    this.handle = null;
    this.left = Math.max(1, this.left - (Date.now() - this.startedAt));
  }
}
