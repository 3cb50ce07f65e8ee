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

  /** Seconds, or null where nothing can be said yet. Times in ms. */
  secondsLeft(step: number, total: number, startedAt: number | null): number | null {
    const left = total - step;
    if (left <= 0) return 0;
    const first = this.seen[0];
    const last = this.seen[this.seen.length - 1];
    if (first && last && last.step - first.step >= 3) return ((last.at - first.at) / (last.step - first.step) / 1000) * left;
    if (startedAt === null || step <= 0) return null;
    return ((Date.now() - startedAt) / step / 1000) * left;
  }
}
