// Owned lifetimes. A Scope ends everything added to it, last in first out; used by all three processes.
export interface Disposable {
  dispose(): void;
}

export function toDisposable(end: () => void): Disposable {
  return { dispose: end };
}

export class Scope implements Disposable {
  private readonly owned: Disposable[] = [];
  private ended = false;

  constructor(
    readonly name: string,
    private readonly onError: (error: unknown, scope: string) => void = () => undefined,
  ) {}

  get isDisposed(): boolean {
    return this.ended;
  }

  /** How many things this scope still owns; tests end by asserting that it is 0. */
  get size(): number {
    return this.owned.length;
  }

  /** Takes ownership. Adding to a finished scope disposes at once, so nothing leaks from a late callback. */
  add<T extends Disposable>(thing: T): T {
    if (this.ended) this.end(thing);
    else this.owned.push(thing);
    return thing;
  }

  onDispose(end: () => void): void {
    this.add(toDisposable(end));
  }

  child(name: string): Scope {
    const child = new Scope(`${this.name}/${name}`, this.onError);
    this.add(child);
    child.onDispose(() => this.forget(child));
    return child;
  }

  dispose(): void {
    if (this.ended) return;
    this.ended = true;
    for (let thing = this.owned.pop(); thing; thing = this.owned.pop()) this.end(thing);
  }

  private forget(thing: Disposable): void {
    const at = this.owned.indexOf(thing);
    if (at >= 0) this.owned.splice(at, 1);
  }

  private end(thing: Disposable): void {
    try {
      thing.dispose();
    } catch (error) {
      this.onError(error, this.name);
    }
  }
}
