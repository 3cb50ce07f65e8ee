// What OpenBrowser's trainers remark between their steps (formats/rlvr-openbrowser.md B2.2, "Other lines"): updates that were left out,
// running averages, why they stopped, and where checkpoints went.
import { isFields, numberOf } from "../base/json";
import type { RecordSink } from "./reader";

const SKIPPED =
  /^Step (?<step>\d+): (?:skipping update \(nonzero=\d+ < min=\d+\)|\d+ nonzero < \d+ min, skipping gradient update)/;
const SELECTED = /^Step (?<step>\d+): selected (?<k>\d+)\/\d+ training steps/;
const BEST = /^New best checkpoint: avg_reward=(?<value>[-\d.]+) at step (?<step>\d+)/;
const BEST_AVERAGE = /^\s*New best running avg: (?<value>[-\d.]+) \(gradient update \d+\)/;
const NO_BETTER = /^\s*No improvement for (?<count>\d+)\/\d+ gradient updates \(running_avg=(?<value>[-\d.]+)/;
const STOPPED = /^Early stopping: (?<why>no improvement for \d+ gradient updates)/;
const STOPPED_AT = /^EARLY STOP at step (?<step>\d+) \(max_steps=(?<total>\d+)\)/;
const SAVED = /^(?<how>Saved checkpoint|Checkpoint persisted) to (?<path>\S+)$/;
const UNRESOLVED = /^(?<count>\d+) actions could not be resolved/;

export class OpenbrowserRemarks {
  /** Over the whole run. */
  private skipped = 0;
  /** Since the last step that was logged. */
  private unresolved = 0;

  constructor(
    private readonly sink: RecordSink,
    saved: unknown,
  ) {
    if (!isFields(saved)) return;
    this.skipped = numberOf(saved.skipped) ?? 0;
    this.unresolved = numberOf(saved.unresolved) ?? 0;
  }

  static knows(message: string): boolean {
    return [SKIPPED, SELECTED, BEST, BEST_AVERAGE, NO_BETTER, STOPPED, STOPPED_AT].some((one) => one.test(message));
  }

  state(): unknown {
    return { skipped: this.skipped, unresolved: this.unresolved };
  }

  begin(): void {
    this.skipped = this.unresolved = 0;
  }

  atStep(step: number): void {
    if (this.unresolved > 0) this.sink.point("unresolved_actions", step, this.unresolved);
    this.unresolved = 0;
  }

  /** `step`: the last one that was logged, of remarks that name none. */
  message(message: string, step: number): void {
    const skipped = SKIPPED.exec(message)?.groups;
    const selected = SELECTED.exec(message)?.groups;
    const best = BEST.exec(message)?.groups;
    const average = (BEST_AVERAGE.exec(message) ?? NO_BETTER.exec(message))?.groups;
    const stopped = STOPPED_AT.exec(message)?.groups;
    const why = STOPPED.exec(message)?.groups?.why;
    const saved = SAVED.exec(message)?.groups;
    if (skipped) this.sink.point("skipped_updates", Number(skipped.step), ++this.skipped);
    else if (selected) this.sink.point("selected_steps", Number(selected.step), Number(selected.k));
    else if (best) this.sink.point("best_checkpoint_reward", Number(best.step), Number(best.value));
    else if (average) {
      if (!Number.isNaN(step)) this.sink.point("running_avg", step, Number(average.value));
    } else if (stopped) {
      this.sink.fact("ended", `early stop at step ${String(stopped.step)}`);
      this.sink.fact("total_steps", Number(stopped.total));
    } else if (why !== undefined) this.sink.fact("ended", `early stop: ${why}`);
    else if (saved)
      this.sink.fact(saved.how === "Saved checkpoint" ? "checkpoint" : "checkpoint_persisted", saved.path ?? "");
    else this.unresolved += Number(UNRESOLVED.exec(message)?.groups?.count ?? 0);
  }
}
