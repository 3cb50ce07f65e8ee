// Open targets, shared by everybody who looks at the same one in this process, and kept for a while after the last look.
import type { Disposable } from "../../core/base/disposable";
import type { Home } from "../disk/home";
import { Target, type GpuActivity } from "./target";

const KEEP_MS = 30_000;

export interface TargetLease extends Disposable {
  target: Target;
}

export class Targets {
  private readonly open = new Map<string, { target: Target; leases: number; ending: NodeJS.Timeout | null }>();

  constructor(
    private readonly home: Home,
    private readonly gpuActivity: GpuActivity = () => null,
  ) {}

  /** Throws `run/not-found`. The first lease begins to follow. */
  lease(spec: string): TargetLease {
    const fresh = this.open.get(spec) ?? this.begin(spec);
    fresh.leases++;
    if (fresh.ending) clearTimeout(fresh.ending);
    fresh.ending = null;
    let held = true;
    const dispose = (): void => {
      if (!held) return;
      held = false;
      fresh.leases--;
      if (fresh.leases === 0) fresh.ending = setTimeout(() => this.end(spec), KEEP_MS);
    };
    return { target: fresh.target, dispose };
  }

  /** For one question: leased while `use` runs, with the files read at least once. */
  async use<T>(spec: string, use: (target: Target) => Promise<T> | T): Promise<T> {
    const lease = this.lease(spec);
    try {
      await lease.target.index.ready();
      return await use(lease.target);
    } finally {
      lease.dispose();
    }
  }

  /** For a question about the run itself: its files need not be read, nor followed afterwards. */
  async glance<T>(spec: string, use: (target: Target) => Promise<T> | T): Promise<T> {
    const held = this.open.get(spec);
    if (held) return use(held.target);
    const target = Target.open(spec, this.home);
    try {
      return await use(target);
    } finally {
      target.dispose();
    }
  }

  dispose(): void {
    for (const spec of [...this.open.keys()]) this.end(spec);
  }

  private begin(spec: string): { target: Target; leases: number; ending: NodeJS.Timeout | null } {
    const target = Target.open(spec, this.home);
    target.gpuActivity = this.gpuActivity;
    const entry = { target, leases: 0, ending: null };
    this.open.set(spec, entry);
    target.index.follow();
    return entry;
  }

  private end(spec: string): void {
    const entry = this.open.get(spec);
    if (!entry) return;
    if (entry.ending) clearTimeout(entry.ending);
    this.open.delete(spec);
    entry.target.dispose();
  }
}
