// A run of the suite seen from the outside: the hands on its training, and what of its lines lies on the disk.
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LaunchSpec } from "../../core/model/run";
import { eventually } from "../support/eventually";
import { logName, metricLine, rolloutLine, traceLine } from "./ledger";

export interface TrainerOptions {
  /** Arguments of Node before the program, such as a limit of its memory. */
  node?: string[];
  /** It ends by itself after so many. */
  steps?: number;
  everyMs?: number;
  bytesPerSecond?: number;
  then?: "exit" | "code" | "deadlock" | "memory";
  keepOpen?: boolean;
  /** Letters added to each log line. */
  pad?: number;
}

export class Training {
  /** The one that runs or ran last: restarted, it has more of them. */
  attempts = 1;

  constructor(
    readonly spec: LaunchSpec,
    readonly folder: string,
    readonly hands: string,
    private readonly options: TrainerOptions,
  ) {}

  get id(): string {
    return this.spec.id;
  }

  get attempt(): string {
    return this.attemptOf(this.attempts);
  }

  get log(): string {
    return join(this.attempt, "output.log");
  }

  get metrics(): string {
    return metricsIn(this.attempt);
  }

  get trace(): string {
    return traceIn(this.attempt);
  }

  /** Asks for the end with code 0. */
  finish(): void {
    this.lift("end");
  }

  /** Asks for the end that `then` names. */
  fall(): void {
    this.lift("fall");
  }

  /** Stops writing; resolves when the last line is out. */
  async pause(): Promise<void> {
    this.lift("pause");
    let steps = -1;
    await eventually(async () => {
      const before = steps;
      steps = this.steps();
      // Two looks, each longer apart than a step takes.
      if (steps !== before) await new Promise((resolve) => setTimeout(resolve, 200));
      if (steps !== before) throw new Error("it still writes");
    });
  }

  goOn(): void {
    rmSync(join(this.hands, "pause"), { force: true });
  }

  /** Resolves when it has written its last line, and only its end is still to come. */
  async falls(): Promise<void> {
    await eventually(() => readFileSync(join(this.hands, "ended")));
  }

  /** Steps that it began, by its own record outside the run. */
  steps(): number {
    return linesOf(join(this.hands, "journal")).length;
  }

  /** Their lines, as the ledger names them. At a rate, metrics come by the piece and are not foreseen. */
  journal(): string[] {
    const { pad = 0, bytesPerSecond } = this.options;
    const tail = pad > 0 ? ` ${"x".repeat(pad)}` : "";
    return linesOf(join(this.hands, "journal")).flatMap((text) => {
      const step = Number(text);
      const reward = Number(((step * 0.6180339887) % 1).toFixed(8));
      const log = logName(`step ${step} reward ${reward}${tail}`);
      if (bytesPerSecond !== undefined) return [log];
      const texts = [` It is ${step + 1}.`, ` Perhaps ${reward}.`];
      return [log, `metric ${step} = ${reward}`, rolloutLine(`p_${step}`, step, texts)];
    });
  }

  /** The rollouts on the disk, by what a page says of them. */
  groups(): { key: string; line: string }[] {
    return this.all(traceIn)
      .flatMap(linesOf)
      .flatMap((json) => {
        try {
          const { prompt_id, step } = JSON.parse(json) as { prompt_id: string; step: number };
          return [{ key: `${prompt_id} at ${step}`, line: traceLine(json) }];
        } catch {
          return [];
        }
      });
  }

  /** What it could not write, by its own word. */
  failedWrites(): number {
    return linesOf(join(this.hands, "failed")).length;
  }

  /** Resolves when its disk has refused it for a while. */
  async failsToWrite(): Promise<void> {
    await eventually(() => {
      const failed = this.failedWrites();
      if (failed > 20) return;
      const end = endWords(join(this.attempt, "rc"));
      throw new Error(`${this.id} ${end}, and at step ${this.steps()} ${failed} of its writes have failed`);
    }, 60_000);
  }

  async reaches(step: number, withinMs = 30_000): Promise<void> {
    await eventually(() => {
      if (this.steps() < step) throw new Error(`${this.id} is at step ${this.steps()} of ${step}`);
    }, withinMs);
  }

  pid(): number {
    return (JSON.parse(readFileSync(join(this.attempt, "child.json"), "utf8")) as { pid: number }).pid;
  }

  supervisorPid(): number {
    const status = readFileSync(join(this.attempt, "status.json"), "utf8");
    return (JSON.parse(status) as { supervisor: { pid: number } }).supervisor.pid;
  }

  /** Every whole line on the disk now, each as the ledger names it; `further` are rotated files. */
  onDisk(further: { logs?: string[]; metrics?: string[] } = {}): { lines: string[]; torn: string[] } {
    const lines: string[] = [];
    const torn: string[] = [];
    const take = (file: string, name: (line: string) => string): void => {
      for (const line of linesOf(file)) {
        try {
          lines.push(name(line));
        } catch {
          torn.push(`torn: ${line.slice(0, 60)}`);
        }
      }
    };
    // The log is the last attempt's; curves and rollouts are everybody's.
    [this.log, ...(further.logs ?? [])].forEach((file) => take(file, logName));
    [...this.all(metricsIn), ...(further.metrics ?? [])].forEach((file) => take(file, metricLine));
    this.all(traceIn).forEach((file) => take(file, traceLine));
    return { lines, torn };
  }

  private attemptOf(attempt: number): string {
    return join(this.folder, "attempts", String(attempt));
  }

  private all(fileIn: (attempt: string) => string): string[] {
    return Array.from({ length: this.attempts }, (_, n) => fileIn(this.attemptOf(n + 1)));
  }

  private lift(hand: string): void {
    writeFileSync(join(this.hands, hand), "");
  }
}

const metricsIn = (attempt: string): string => join(attempt, "out", "metrics.jsonl");
const traceIn = (attempt: string): string => join(attempt, "out", "traces", "rollouts.jsonl");

const endWords = (rc: string): string => (existsSync(rc) ? `ended with ${readFileSync(rc, "utf8").trim()}` : "runs");

/** Whole lines, without a last one that has no end yet. [] where there is no file. */
export function linesOf(file: string): string[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8").split("\n").slice(0, -1);
}
