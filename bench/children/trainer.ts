// Plays the trainer: appends a step's counters at uneven intervals, and says at the end when it wrote which.
import { closeSync, openSync, writeSync } from "node:fs";
import { counters } from "../rlvrSteps";
import { now, pause, seeded } from "../stats";

export interface TrainerOptions {
  file: string;
  firstStep: number;
  steps: number;
  /** Milliseconds between two steps. */
  least: number;
  most: number;
}

/** Step and time of the clock just before `write`. */
export type Written = [step: number, at: number][];

async function main(): Promise<void> {
  const { file, firstStep, steps, least, most } = JSON.parse(process.argv[2] ?? "") as TrainerOptions;
  const random = seeded(firstStep);
  const written: Written = [];
  const handle = openSync(file, "a");
  for (let step = firstStep; step < firstStep + steps; step++) {
    await pause(least + random() * (most - least));
    const text = counters(step, step * 20);
    written.push([step, now()]);
    writeSync(handle, text);
  }
  closeSync(handle);
  console.log(JSON.stringify(written));
}

void main();
