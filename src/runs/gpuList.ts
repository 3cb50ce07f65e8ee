// What the host knows about one box's GPUs: asked for only while somebody looks, over whichever peer there is.
import { Scope, toDisposable, type Disposable } from "../../core/base/disposable";
import { Emitter } from "../../core/base/emitter";
import type { Gpu, GpuReport } from "../../core/model/gpu";
import { gpus } from "../../core/protocol/gpus";
import type { Peer } from "../../core/rpc/peer";
import type { BoxLink } from "./box";

export class GpuList {
  private readonly scope = new Scope("gpus");
  private readonly changeEmitter = this.scope.add(new Emitter<void>());
  private held: GpuReport = { gpus: [], problem: null };
  private watchers = 0;
  readonly onChange = this.changeEmitter.event;

  constructor(private readonly link: BoxLink) {
    this.scope.add(
      link.onPeer((peer) => {
        if (this.watchers > 0) void this.begin(peer);
      }),
    );
  }

  get report(): GpuReport {
    return this.held;
  }

  get(uuid: string): Gpu | undefined {
    return this.held.gpus.find((gpu) => gpu.uuid === uuid);
  }

  /** The box is asked as long as one of these lives. */
  watch(): Disposable {
    if (++this.watchers === 1 && this.link.current) void this.begin(this.link.current);
    let ended = false;
    return toDisposable(() => {
      if (ended) return;
      ended = true;
      const peer = this.link.current;
      if (--this.watchers === 0 && peer && !peer.closed) void peer.request(gpus.unwatch, {}).catch(() => undefined);
    });
  }

  dispose(): void {
    this.scope.dispose();
  }

  private readonly heard = new WeakSet<Peer>();

  private async begin(peer: Peer): Promise<void> {
    if (!this.heard.has(peer)) {
      this.heard.add(peer);
      this.scope.add(peer.on(gpus.changed, (report) => this.take(report, peer)));
    }
    const answer = await peer.request(gpus.watch, {}).catch(() => null);
    if (answer) this.take(answer, peer);
  }

  private take(report: GpuReport, peer: Peer): void {
    if (this.link.current !== peer || this.scope.isDisposed) return;
    this.held = report;
    this.changeEmitter.fire();
  }
}
