// Live figures of the GPUs: the driver is asked only while somebody watches, never twice at once, and less often where it is slow.
import type { Disposable } from "../../core/base/disposable";
import { Emitter } from "../../core/base/emitter";
import { messageOf } from "../../core/base/errors";
import type { GpuReport } from "../../core/model/gpu";
import type { Home } from "../disk/home";
import { findGpus } from "./gpus";

const EVERY_MS = 2_000;
/** Of the time that a sample took: without persistence mode each one starts the driver, which takes seconds. */
const SHARE = 4;

export class GpuSampler implements Disposable {
  private readonly changed = new Emitter<GpuReport>();
  private latest: { report: GpuReport; at: number } | null = null;
  private asking: Promise<GpuReport> | null = null;
  private timer: NodeJS.Timeout | null = null;
  private watching = false;
  /** Only where something differs from the last one. */
  readonly onChange = this.changed.event;

  constructor(private readonly home: Home) {}

  /** At most two seconds old. */
  async now(): Promise<GpuReport> {
    if (this.latest && performance.now() - this.latest.at < EVERY_MS) return this.latest.report;
    return this.ask();
  }

  /** The busiest GPU that a run holds, in percent, as last seen; null where nobody has looked lately. */
  activityOf(run: string): number | null {
    if (!this.latest || performance.now() - this.latest.at > 5 * EVERY_MS) return null;
    const held = this.latest.report.gpus.filter(({ holders }) => holders.some((h) => h.kind === "run" && h.id === run));
    const told = held.map(({ utilisation }) => utilisation).filter((percent) => percent !== null);
    return told.length > 0 ? Math.max(...told) : null;
  }

  watch(): void {
    if (this.watching) return;
    this.watching = true;
    void this.round();
  }

  unwatch(): void {
    this.watching = false;
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }

  dispose(): void {
    this.unwatch();
    this.changed.dispose();
  }

  private async round(): Promise<void> {
    const began = performance.now();
    await this.ask();
    const wait = Math.max(EVERY_MS, SHARE * (performance.now() - began));
    if (this.watching) this.timer = setTimeout(() => void this.round(), wait);
  }

  private ask(): Promise<GpuReport> {
    this.asking ??= findGpus({ home: this.home })
      .catch((error: unknown): GpuReport => ({
        gpus: [],
        problem: `The GPUs could not be looked at: ${messageOf(error)}.`,
      }))
      .then((report) => {
        this.asking = null;
        const differs = JSON.stringify(this.latest?.report) !== JSON.stringify(report);
        this.latest = { report, at: performance.now() };
        if (differs && this.watching) this.changed.fire(report);
        return report;
      });
    return this.asking;
  }
}
