// Which part of a run's end is the system's, where it killed for want of memory: by the scope's count of the run's own processes,
// else by the box's, which says that somebody was killed and not who. A count says when only by the looks between which it rose.
import type { RunStatus } from "../../core/model/run";
import { memoryKillsIn } from "../box/controlGroup";
import { memoryKills } from "../box/processes";

const asTheEnd =
  "The system had no memory left and killed a process of the training (SIGKILL): ask for less, or look at what else runs on the box.";
const before = "Before that the system had no memory left and killed a process of the run.";

/** null where nothing counts them. */
interface Kills {
  scope: number | null;
  box: number | null;
}

export class MemoryKills {
  private readonly first: Kills;
  /** The last two: one may fall between the kill and what tells of it. */
  private looks: readonly [Kills, Kills];

  /** `scope`: the run's own, or null. */
  constructor(private readonly scope: string | null) {
    this.first = this.count();
    this.looks = [this.first, this.first];
  }

  look(): void {
    this.looks = [this.looks[1], this.count()];
  }

  /**
   * The reason of a failed end, or one that says more. Only SIGKILL is how the system ends a process. Another end is told as it
   * is: a trainer may have gone on for hours without a worker, or have ended because of it.
   */
  reasonOf({ state, signal, reason }: Pick<RunStatus, "state" | "signal" | "reason">): string | null {
    if (state !== "failed") return reason;
    const now = this.count();
    const hasRisen = (since: Kills): boolean => (now.scope ?? now.box ?? 0) > (since.scope ?? since.box ?? Infinity);
    if (signal === "SIGKILL" && hasRisen(this.looks[0])) return asTheEnd;
    return now.scope !== null && hasRisen(this.first) ? [reason, before].filter(Boolean).join(" ") : reason;
  }

  private count(): Kills {
    return { scope: this.scope === null ? null : memoryKillsIn(this.scope), box: memoryKills() };
  }
}
