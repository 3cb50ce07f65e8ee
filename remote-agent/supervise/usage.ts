// What a run takes, looked at from outside: memory now and then while it lasts, processor time from its reaper at the end.
import type { Usage } from "../../core/model/run";
import { memoryOf } from "../box/processes";
import { readTextOrNull } from "../disk/atomicFile";

const FIRST_MS = 100;
const MOST_MS = 10_000;
/** A look costs as much as the box has processes: it may take this part of a core. */
const SHARE = 0.01;

export class UsageWatch {
  private most = 0;
  private wait = FIRST_MS;
  private timer: NodeJS.Timeout;

  /** `processes`: what lives of the run, now. */
  constructor(private readonly processes: () => readonly number[]) {
    this.timer = this.later();
  }

  /** `times`: the file into which the reaper's shell wrote what it and its children took. */
  end(times: string): Usage {
    clearTimeout(this.timer);
    return { maxRssBytes: this.most > 0 ? this.most : null, cpuSeconds: childrenSeconds(readTextOrNull(times) ?? "") };
  }

  private look(): void {
    const began = performance.now();
    const seen = this.processes().map(memoryOf);
    const together = seen.reduce((sum, { now }) => sum + now, 0);
    this.most = Math.max(this.most, together, ...seen.map(({ most }) => most));
    this.wait = Math.max(Math.min(this.wait * 2, MOST_MS), (performance.now() - began) / SHARE);
    this.timer = this.later();
  }

  /** Never what keeps a supervisor alive. */
  private later(): NodeJS.Timeout {
    return setTimeout(() => this.look(), this.wait).unref();
  }
}

/** The second line of sh's `times`, as `0m1.50s 0m0.25s`: user and system time of what it waited for. */
function childrenSeconds(times: string): number | null {
  const parts = [...(times.split("\n")[1] ?? "").matchAll(/(\d+)m([\d.]+)s/g)];
  if (parts.length !== 2) return null;
  const seconds = parts.reduce((sum, [, minutes, rest]) => sum + Number(minutes) * 60 + Number(rest), 0);
  return Math.round(seconds * 100) / 100;
}
