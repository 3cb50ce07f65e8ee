// Loads that are faults where something gives way: ten thousand runs in the store, and a trainer that writes 50 MB/s.
import { MANY_RUNS, multiply } from "../../support/manyRuns";
import { timed, type Fault, type Finding } from "../fault";
import { Reader } from "../reader";
import { statusWords } from "../words";
import { World } from "../world";

async function manyRuns(): Promise<Finding> {
  const world = await World.make();
  const first = await world.connected();
  const model = await world.launched(first, { steps: 5 });
  const ended = new Reader(first, model);
  await timed(() => ended.state === "succeeded" && "succeeded");
  await first.close();
  multiply(world.store, model.id, MANY_RUNS);
  const window = await world.connected();
  const listed = await timed(() => window.session.directory.list().length > MANY_RUNS && "listed");
  const training = await world.launched(window, { everyMs: 25 });
  const reader = new Reader(window, training);
  const found = await timed(() => {
    const run = window.session.directory.get(training.id);
    return (
      run?.status.state === "running" && (run.progress.step ?? 0) >= 10 && `${MANY_RUNS} runs, ${statusWords(reader)}`
    );
  });
  training.finish();
  await timed(() => window.session.directory.get(training.id)?.status.state === "succeeded" && "succeeded");
  return { shown: found.shown, seconds: listed.seconds + found.seconds, account: await reader.account(world) };
}

const RATE = 50e6;
const PAD = 2000;
const FOR_S = 2;

async function fastTrainer(): Promise<Finding> {
  const world = await World.make();
  const window = await world.connected();
  const steps = Math.round((RATE * FOR_S) / (PAD + 30));
  const training = await world.launched(window, { bytesPerSecond: RATE, pad: PAD, steps });
  const reader = new Reader(window, training);
  await training.reaches(steps, 60_000);
  const found = await timed(() => reader.state === "succeeded" && reader.step === steps && statusWords(reader));
  return { ...found, account: await reader.account(world) };
}

export const loadFaults: readonly Fault[] = [
  { name: "10,000 runs in the store", run: manyRuns },
  { name: "a trainer that writes 50 MB/s", run: fastTrainer },
];
