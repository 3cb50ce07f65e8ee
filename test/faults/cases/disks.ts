// Faults of the box's disk: full in the store, full in the output, a home that is read-only, an upload killed half-way.
import { rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { send } from "../../../remote-agent/box/processes";
import { atEnd, tempFolder } from "../../support/tempFolder";
import { needsRoot, timed, type Fault, type Finding } from "../fault";
import { mountDisk, readOnly, unmount } from "../mounts";
import { Reader } from "../reader";
import { statusWords } from "../words";
import { Workspace } from "../workspace";
import { World } from "../world";
import { followed } from "./processes";

/** Takes what is left; answers how to give it back. */
function fill(folder: string): () => void {
  const file = join(folder, "filler");
  for (let size = 1 << 20; size >= 512; size >>= 1) {
    const part = `${file}-${size}`;
    const chunk = Buffer.alloc(size);
    try {
      for (;;) writeFileSync(part, chunk, { flag: "a" });
    } catch {
      // Full to this size; the next is a half of it.
    }
  }
  if (statfsSync(folder).bavail > 1) throw new Error("the disk is not full");
  return () => {
    for (let size = 1 << 20; size >= 512; size >>= 1) rmSync(`${file}-${size}`, { force: true });
  };
}

async function storeFull(): Promise<Finding> {
  const store = join(tempFolder("store"), "disk");
  mountDisk(store, 24 << 20);
  const { world, window, training, reader } = await followed({}, await World.make({ store }));
  const free = fill(store);
  await training.failsToWrite();
  const link = window.session.link.status.state;
  if (reader.state !== "running" || link !== "connected")
    throw new Error(`${reader.state} over a link that is ${link}`);
  free();
  const at = training.steps();
  const found = await timed(() => reader.step > at && statusWords(reader));
  training.finish();
  await timed(() => reader.state === "succeeded" && "succeeded");
  return { ...found, account: await reader.account(world) };
}

/** The end of the training has to be written down where nothing can be written. */
async function endOnFullStore(): Promise<Finding> {
  const store = join(tempFolder("store"), "disk");
  mountDisk(store, 24 << 20);
  const { world, training, reader } = await followed({}, await World.make({ store }));
  await training.pause();
  const free = fill(store);
  training.finish();
  const found = await timed(() => reader.state === "succeeded" && statusWords(reader));
  free();
  return { ...found, account: await reader.account(world) };
}

async function outputFull(): Promise<Finding> {
  const world = await World.make();
  const window = await world.connected();
  const training = world.training({ everyMs: 5 });
  // The run's own first command: its output lies on a disk of its own, and a small one.
  const mount = 'exec mount -t tmpfs -o size=128k runside-test "$RUNSIDE_OUT"';
  training.spec.commands.unshift(["sh", "-c", mount]);
  atEnd(() => unmount(join(training.attempt, "out")));
  await world.start(window, training);
  const reader = new Reader(window, training);
  await training.failsToWrite();
  const at = training.steps();
  const found = await timed(() => reader.step > at && statusWords(reader));
  training.finish();
  await timed(() => reader.state === "succeeded" && "succeeded");
  return { ...found, account: await reader.account(world) };
}

async function readOnlyHome(): Promise<Finding> {
  const store = join(tempFolder("store"), "disk");
  mountDisk(store, 24 << 20);
  readOnly(store, true);
  const world = await World.make({ store });
  const window = world.window();
  const refused = window.session.link.peer().catch(() => null);
  const found = await timed(() => {
    const { state, message } = window.session.link.status;
    return state === "failed" && /read-only/i.test(message ?? "") && `link failed: ${message}`;
  });
  if ((await refused) !== null) throw new Error("an agent runs on a read-only store");
  readOnly(store, false);
  window.session.link.retry();
  const training = await world.launched(window, { steps: 40, everyMs: 5 });
  const reader = new Reader(window, training);
  await timed(() => reader.state === "succeeded" && "succeeded");
  return { ...found, account: await reader.account(world) };
}

/** The agent is killed with half of the workspace on the box: what is there must never count as the whole. */
async function uploadKilled(): Promise<Finding> {
  const world = await World.make();
  const window = await world.connected();
  const workspace = new Workspace(world, 6_000_000);
  const before = world.cable.carried("up");
  const refused = workspace.launch(window).then(
    () => null,
    (error: Error) => error.message,
  );
  await timed(() => world.cable.carried("up") > before + 2_000_000 && "half of it");
  world.agentPids().forEach((pid) => send(pid, "SIGKILL"));
  const { link } = window.session;
  const found = await timed(() => link.status.state !== "connected" && `link ${link.status.state}`);
  const said = await refused;
  if (said === null) throw new Error("the upload ended before its agent was killed");
  const training = await workspace.launch(window);
  const differs = workspace.differs(training);
  if (differs.length > 0) throw new Error(`not on the box as they are here: ${differs.join(", ")}`);
  const reader = new Reader(window, training);
  await timed(() => reader.state === "succeeded" && "succeeded");
  return { shown: `${found.shown}: ${said}`, seconds: found.seconds, account: await reader.account(world) };
}

export const diskFaults: readonly Fault[] = [
  { name: "disk full in the store", run: storeFull, missing: needsRoot },
  { name: "disk full in the store as the training ends", run: endOnFullStore, missing: needsRoot },
  { name: "disk full in the output", run: outputFull, missing: needsRoot },
  { name: "read-only home", run: readOnlyHome, missing: needsRoot },
  { name: "snapshot upload killed half-way", run: uploadKilled },
];
