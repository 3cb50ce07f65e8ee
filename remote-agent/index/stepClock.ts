// How long the rest will take, from the steps seen lately: an average over the whole run would count its warm-up for ever.
const WINDOW = 40;

export class StepClock {
  private seen: { step: number; at: number }[] = [];

  saw(step: number, at: number): void {
    const last = this.seen[this.seen.length - 1];
    if (last && step < last.step) this.seen = [];
    if (last?.step === step) return;
    this.seen.push({ step, at });
    if (this.seen.length > WINDOW) this.seen.shift();
  }

  /** Seconds, or null until a few steps were seen: one step says nothing, the first least of all. */
  secondsLeft(step: number, total: number): number | null {
    if (step >= total) return 0;
    const first = this.seen[0];
    const last = this.seen[this.seen.length - 1];
    if (!first || !last || last.step - first.step < 3) return null;
    return ((last.at - first.at) / (last.step - first.step) / 1000) * (total - step);
  }
}
