// One target, kept current in the host's memory: views that come and go are served from here, without touching SSH.
// After any doubt it says what it holds and asks for the rest; there is no special path for reconnecting.
import { Scope } from "../../core/base/disposable";
import { Emitter } from "../../core/base/emitter";
import { asRunsideError, type RunsideError } from "../../core/base/errors";
import { applyRunDelta, emptyRunState, type RunDelta, type RunState } from "../../core/model/runState";
import { runs } from "../../core/protocol/runs";
import type { Peer } from "../../core/rpc/peer";
import type { BoxLink } from "./box";

export class RunMirror {
  private readonly scope = new Scope("mirror");
  private readonly deltaEmitter = this.scope.add(new Emitter<RunDelta>());
  private asking: Promise<void> | null = null;
  private held: RunState = emptyRunState;
  /** Why the last question failed, until one is answered. */
  error: RunsideError | null = null;
  readonly onDelta = this.deltaEmitter.event;

  constructor(
    readonly target: string,
    private readonly link: BoxLink,
  ) {
    this.scope.add(link.onPeer((peer) => this.begin(peer)));
    if (link.current) this.begin(link.current);
  }

  get state(): RunState {
    return this.held;
  }

  /** Resolves when something is held, or rejects with why not. */
  async loaded(): Promise<RunState> {
    if (this.held.cursor !== null) return this.held;
    const peer = this.link.current ?? (await this.link.peer());
    if (!this.asking) this.begin(peer);
    await this.asking;
    if (this.held.cursor === null && this.error) throw this.error;
    return this.held;
  }

  dispose(): void {
    const peer = this.link.current;
    if (peer && !peer.closed) void peer.request(runs.unwatch, { target: this.target }).catch(() => undefined);
    this.scope.dispose();
  }

  private begin(peer: Peer): void {
    if (this.scope.isDisposed) return;
    this.scope.add(
      peer.on(runs.changed, ({ target, delta }) => {
        if (target === this.target) this.take(delta, peer);
      }),
    );
    this.asking = this.ask(peer);
  }

  private async ask(peer: Peer): Promise<void> {
    const since = this.held.cursor ?? undefined;
    try {
      const delta = await peer.request(runs.watch, { target: this.target, ...(since ? { since } : {}) });
      if (peer !== this.link.current) return;
      this.error = null;
      this.take(delta, peer);
    } catch (error) {
      this.error = asRunsideError(error);
    }
  }

  private take(delta: RunDelta, peer: Peer): void {
    const next = applyRunDelta(this.held, delta);
    if (next === "gap") {
      this.asking = this.ask(peer);
      return;
    }
    this.held = next;
    this.deltaEmitter.fire(delta);
  }
}
