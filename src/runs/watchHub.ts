// One agent watch per target and window: mirrors are leased, and the last lease to go ends the watch a little later,
// because switching tabs is no reason to fetch again.
import { Scope, type Disposable } from "../../core/base/disposable";
import type { BoxLink } from "./box";
import type { SeenStates } from "./lastSeen";
import { RunMirror } from "./runMirror";

const KEEP_MS = 10_000;

export interface MirrorLease extends Disposable {
  mirror: RunMirror;
}

interface Held {
  mirror: RunMirror;
  leases: number;
  ending: NodeJS.Timeout | null;
}

export class WatchHub {
  private readonly scope = new Scope("hub");
  private readonly held = new Map<string, Held>();

  constructor(
    private readonly link: BoxLink,
    private readonly memory: SeenStates | null = null,
  ) {
    this.scope.onDispose(() => {
      for (const target of [...this.held.keys()]) this.end(target);
    });
  }

  lease(target: string): MirrorLease {
    const held = this.held.get(target) ?? {
      mirror: new RunMirror(target, this.link, this.memory),
      leases: 0,
      ending: null,
    };
    this.held.set(target, held);
    held.leases++;
    if (held.ending) clearTimeout(held.ending);
    held.ending = null;
    let open = true;
    return {
      mirror: held.mirror,
      dispose: () => {
        if (!open) return;
        open = false;
        held.leases--;
        if (held.leases === 0) held.ending = setTimeout(() => this.end(target), KEEP_MS);
      },
    };
  }

  dispose(): void {
    this.scope.dispose();
  }

  private end(target: string): void {
    const held = this.held.get(target);
    if (!held) return;
    if (held.ending) clearTimeout(held.ending);
    this.held.delete(target);
    held.mirror.dispose();
  }
}
