// A folder that a trainer is writing into, and the trainer: what the live benchmarks share.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot, tsx } from "../scripts/folders";
import { runQuiet } from "../scripts/processes";
import type { Bench } from "./bench";
import type { TrainerOptions, Written } from "./children/trainer";
import { counters, meta } from "./rlvrSteps";

const BEFORE = 50;

export interface FollowedFolder {
  folder: string;
  file: string;
  firstStep: number;
  steps: number;
  /** Runs the trainer to its end; resolves to when it wrote which step. */
  train(): Promise<Written>;
}

/** With fifty steps in it already, as a run that is under way. */
export function followedFolder(bench: Bench, name: string): FollowedFolder {
  const folder = join(bench.folder, name);
  const file = join(folder, "traces", "trace.jsonl");
  mkdirSync(join(folder, "traces"), { recursive: true });
  const before = Array.from({ length: BEFORE }, (_, i) => counters(i + 1, (i + 1) * 20));
  writeFileSync(file, meta(name) + before.join(""));
  const firstStep = BEFORE + 1;
  const steps = bench.quick ? 40 : 200;
  const options: TrainerOptions = { file, firstStep, steps, least: 50, most: 300 };
  const train = async (): Promise<Written> => {
    const [node = "", ...args] = tsx(join(__dirname, "children", "trainer.ts"), JSON.stringify(options));
    return JSON.parse(await runQuiet(node, args, { cwd: projectRoot })) as Written;
  };
  return { folder, file, firstStep, steps, train };
}

/** Latency of each step, from just before its write; throws if one never arrived. */
export function latencies(written: Written, seen: ReadonlyMap<number, number>): number[] {
  return written.map(([step, at]) => {
    const came = seen.get(step);
    if (came === undefined) throw new Error(`step ${step} was written and never arrived`);
    return came - at;
  });
}
