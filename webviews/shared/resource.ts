// Something fetched on demand, owned by one element: value, loading, error; a newer question cancels the older one.
import type { ReactiveController, ReactiveControllerHost } from "lit";
import { asRunsideError, isError, type RunsideError } from "../../core/base/errors";

export class Resource<K, T> implements ReactiveController {
  value: T | null = null;
  error: RunsideError | null = null;
  loading = false;
  key: K | null = null;
  private controller: AbortController | null = null;

  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly fetch: (key: K, signal: AbortSignal) => Promise<T>,
    private readonly same: (a: K, b: K) => boolean = Object.is,
  ) {
    host.addController(this);
  }

  /** Fetches unless this very thing is here or under way. The old value stays while a new one loads, unless `blank`. */
  load(key: K, options: { blank?: boolean } = {}): void {
    if (this.key !== null && this.same(this.key, key) && (this.loading || this.value !== null || this.error)) return;
    if (options.blank) this.value = null;
    this.key = key;
    this.start(key);
  }

  reload(): void {
    if (this.key !== null) this.start(this.key);
  }

  clear(): void {
    this.cancel();
    this.key = null;
    this.value = null;
    this.error = null;
  }

  /** A value from elsewhere (a page appended to this one). */
  put(value: T): void {
    this.value = value;
    this.host.requestUpdate();
  }

  hostDisconnected(): void {
    this.cancel();
    this.key = null;
  }

  private cancel(): void {
    this.controller?.abort();
    this.controller = null;
    this.loading = false;
  }

  private start(key: K): void {
    this.cancel();
    const controller = new AbortController();
    this.controller = controller;
    this.loading = true;
    this.error = null;
    this.host.requestUpdate();
    // An answer is taken only if its question is still the current one.
    const settle = (take: () => void): void => {
      if (this.controller !== controller) return;
      this.loading = false;
      take();
      this.host.requestUpdate();
    };
    this.fetch(key, controller.signal).then(
      (value) => settle(() => (this.value = value)),
      (error: unknown) =>
        settle(() => {
          if (!isError(error, "cancelled")) this.error = asRunsideError(error);
        }),
    );
  }
}
