// One target, kept current in the host's memory: views that come and go are served from here, without touching SSH.
// After any doubt it says what it holds and asks for the rest; there is no special path for reconnecting.
import { coalesce } from "../../core/base/coalesce";
import { Scope } from "../../core/base/disposable";
import { Emitter } from "../../core/base/emitter";
import { asRunsideError, type RunsideError } from "../../core/base/errors";
import { applyRunDelta, emptyRunState, type RunDelta, type RunState } from "../../core/model/runState";
import { runs } from "../../core/protocol/runs";
import type { Peer } from "../../core/rpc/peer";
import type { BoxLink } from "./box";
import type { SeenStates } from "./lastSeen";

/** Between two copies of what a run shows, for a window that finds its box gone. */
const KEEP_MS = 30_000;

export class RunMirror {
  private readonly scope = new Scope("mirror");
  private readonly deltaEmitter = this.scope.add(new Emitter<RunDelta>());
  private asking: Promise<void> | null = null;
  private held: RunState;
  /** The box has said what is held over the link that there is. */
  private answered = false;
  /** When the box said what is held, where it does not say it now. */
  seenAt: number | null;
  /** Why the last question failed, until one is answered. */
  error: RunsideError | null = null;
  readonly onDelta = this.deltaEmitter.event;

  constructor(
    readonly target: string,
    private readonly link: BoxLink,
    private readonly memory: SeenStates | null = null,
  ) {
    const seen = memory?.read(target);
    this.held = seen?.state ?? emptyRunState;
    this.seenAt = seen?.seenAt ?? null;
    const keepSoon = this.scope.add(coalesce(KEEP_MS, () => this.keep()));
    this.scope.add(this.onDelta(keepSoon));
    this.scope.add(link.onStatus(({ state }) => state !== "connected" && this.lose()));
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
    this.lose();
    const peer = this.link.current;
    if (peer && !peer.closed) void peer.request(runs.unwatch, { target: this.target }).catch(() => undefined);
    this.scope.dispose();
  }

  /** A first look in part is not what it showed last. */
  private keep(): void {
    if (this.answered && !this.held.indexing) this.memory?.keep(this.target, this.held);
  }

  private lose(): void {
    if (!this.answered) return;
    this.keep();
    this.answered = false;
    this.seenAt = Date.now();
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
    this.answered = true;
    this.seenAt = null;
    this.deltaEmitter.fire(delta);
  }
}
