// Writes what trainers write the way that they write it: in odd pieces, sometimes damaged, sometimes all over again.
import {
  appendFileSync,
  mkdirSync,
  openSync,
  closeSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export type Random = () => number;

export class FakeTrainer {
  step = 0;
  private life = 0;

  constructor(
    readonly folder: string,
    private readonly random: Random,
  ) {
    mkdirSync(folder, { recursive: true });
  }

  path(name: string): string {
    const path = join(this.folder, name);
    mkdirSync(dirname(path), { recursive: true });
    return path;
  }

  /** The next step's metrics as one line, without its newline. Not-a-numbers as Python writes them. */
  metrics(): string {
    this.step++;
    const loss = this.random() < 0.03 ? "NaN" : (2 / this.step + this.random() / 10).toFixed(6);
    const kl = this.random() < 0.02 ? "Infinity" : (this.random() / 100).toFixed(7);
    return `{"step": ${this.step}, "reward": ${this.random().toFixed(4)}, "loss": ${loss}, "kl": ${kl}, "life": ${this.life}}`;
  }

  /** One prompt group in the RLVR format. */
  group(samples = 4): string {
    const rewards = Array.from({ length: samples }, () => (this.random() < 0.5 ? 0 : 1));
    const completions = rewards.map(
      (reward, i) => ` sample ${i} of step ${this.step}: Action: ${reward ? "DONE()" : "CLICK(x=0.4, y=0.3)"}`,
    );
    return JSON.stringify({
      prompt_id: `p_${this.step}`,
      prompt: `What is ${this.step} + 1?`,
      completions,
      rewards,
      step: this.step,
      generated_at_version: Math.max(0, this.step - 1),
    });
  }

  append(name: string, text: string | Uint8Array): void {
    appendFileSync(this.path(name), text);
  }

  lines(name: string, count: number, line: () => string = () => this.metrics()): void {
    this.append(name, Array.from({ length: count }, () => `${line()}\n`).join(""));
  }

  /** Through one descriptor, in pieces that end anywhere: inside a number, a character, a newline's reach. */
  async inPieces(name: string, text: string | Uint8Array, pauseMs = 0): Promise<void> {
    const bytes = Buffer.from(text as string);
    const fd = openSync(this.path(name), "a");
    try {
      for (let at = 0; at < bytes.length;) {
        const size = 1 + Math.floor(this.random() ** 3 * 400);
        writeSync(fd, bytes, at, Math.min(size, bytes.length - at));
        at += size;
        if (pauseMs > 0) await sleep(this.random() * pauseMs);
      }
    } finally {
      closeSync(fd);
    }
  }

  /** Dies in the middle of a line. */
  crash(name: string): void {
    const line = this.metrics();
    this.append(name, line.slice(0, 1 + Math.floor(this.random() * (line.length - 2))));
  }

  truncate(name: string): void {
    this.life++;
    this.step = 0;
    truncateSync(this.path(name), 0);
  }

  /** Truncated and written past where it was, in one go: only the bytes tell. */
  startAgain(name: string, count: number): void {
    this.life++;
    this.step = 0;
    writeFileSync(this.path(name), Array.from({ length: count }, () => `${this.metrics()}\n`).join(""));
  }

  /** Written beside and renamed, as careful writers do. */
  replace(name: string, count: number): void {
    this.life++;
    this.step = 0;
    const beside = this.path(`${name}.partial`);
    writeFileSync(beside, Array.from({ length: count }, () => `${this.metrics()}\n`).join(""));
    renameSync(beside, this.path(name));
  }

  remove(name: string): void {
    rmSync(this.path(name), { force: true });
  }

  /** An eval rewritten in place, not atomically: half of it is there for a moment. */
  async rewriteEval(name: string, value: number, pauseMs = 0): Promise<void> {
    const metrics = { num_episodes: 5, num_steps: 35, action_type_accuracy: value, coord_error_count: 12 };
    const text = JSON.stringify({ config_path: "c.yaml", backend: "fake", dsl_mode: "coord", metrics }, null, 2);
    const half = Math.floor(text.length / 2);
    writeFileSync(this.path(name), text.slice(0, half));
    if (pauseMs > 0) await sleep(pauseMs);
    appendFileSync(this.path(name), text.slice(half));
  }
}
