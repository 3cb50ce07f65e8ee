// Faults of processes: the agent, the supervisor, the reaper and the training, each ended at the worst time.
import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runs } from "../../../core/protocol/runs";
import { send, taggedWith } from "../../../remote-agent/box/processes";
import { eventually } from "../../support/eventually";
import { endGroup, startGroup } from "../../../scripts/processes";
import { atEnd, tempFolder } from "../../support/tempFolder";
import { boxClock, needsFaketime } from "../boxClock";
import { needsRoot, timed, type Fault, type Finding } from "../fault";
import { together } from "../ledger";
import { needsMemoryGroup, withMemory } from "../memoryGroup";
import { Reader } from "../reader";
import type { Training, TrainerOptions } from "../training";
import { World, type Window } from "../world";
import { goesOn, statusWords } from "../words";

interface Scene {
  world: World;
  window: Window;
  training: Training;
  reader: Reader;
}

/** A run that has written its first steps, and a window that shows them. */
export async function followed(options: TrainerOptions = {}, world?: World): Promise<Scene> {
  const box = world ?? (await World.make());
  const window = await box.connected();
  const training = await box.launched(window, { everyMs: 25, ...options });
  const reader = new Reader(window, training);
  await timed(() => reader.step >= 10 && "10");
  return { world: box, window, training, reader };
}

const inState = (reader: Reader, ...states: string[]): (() => string | false) => {
  return () => states.includes(reader.state ?? "") && statusWords(reader);
};

async function toItsEnd(
  { world, training, reader }: Scene,
  found: { shown: string; seconds: number },
): Promise<Finding> {
  training.finish();
  await timed(inState(reader, "succeeded"));
  return { ...found, account: await reader.account(world) };
}

async function agentKilled(): Promise<Finding> {
  const scene = await followed();
  const { world, window, reader } = scene;
  const [pid] = world.agentPids();
  if (pid === undefined) throw new Error("no agent runs");
  send(pid, "SIGKILL");
  const link = (): string => window.session.link.status.state;
  const found = await timed(() => link() !== "connected" && `link ${link()}`);
  const seen = reader.step;
  await timed(() => link() === "connected" && reader.step > seen && "on");
  await goesOn(scene.training, reader);
  return toItsEnd(scene, found);
}

async function supervisorKilledRunning(): Promise<Finding> {
  const scene = await followed();
  const { training, reader } = scene;
  send(training.supervisorPid(), "SIGKILL");
  const found = await timed(inState(reader, "unsupervised"));
  return toItsEnd(scene, found);
}

/** Before its first instruction: it is held there, and killed. */
async function supervisorKilledBeforeStart(): Promise<Finding> {
  const dir = tempFolder("hold");
  const hold = join(dir, "hold.cjs");
  const wait = "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20)";
  const held = `process.argv.includes("supervise") && !fs.existsSync(${JSON.stringify(join(dir, "go"))})`;
  writeFileSync(hold, `const fs = require("node:fs");\nwhile (${held}) ${wait};\n`);
  const world = await World.make({ login: [`export NODE_OPTIONS='--require=${hold}'`] });
  const window = await world.connected();
  const training = world.training({ steps: 30, everyMs: 5 });
  const peer = await window.session.link.peer();
  const answer = peer.request(runs.launch, training.spec);
  const pid = await eventually(() => {
    const [found] = world.processes(`supervise ${training.folder}`);
    if (found === undefined) throw new Error("no supervisor yet");
    return found;
  });
  send(pid, "SIGKILL");
  const began = performance.now();
  const outcome = await answer;
  if (outcome.outcome !== "failed") throw new Error(`its launch was answered by ${JSON.stringify(outcome)}`);
  const reader = new Reader(window, training);
  const found = await timed(() => reader.state === "lost" && `launch ${outcome.reason}; ${statusWords(reader)}`);
  const seconds = (performance.now() - began) / 1000;
  // The id is taken: what is launched next is another run, and this one never begins behind our back.
  writeFileSync(join(dir, "go"), "");
  const next = await world.launched(window, { steps: 30, everyMs: 5 });
  const further = new Reader(window, next);
  await timed(inState(further, "succeeded"));
  if (taggedWith(training.id).length > 0 || training.steps() > 0 || reader.state !== "lost")
    throw new Error(`it is ${reader.state ?? "unknown"}, and has begun ${training.steps()} steps`);
  const account = together(await reader.account(world), await further.account(world));
  return { shown: found.shown, seconds, account };
}

async function supervisorAndReaperKilled(): Promise<Finding> {
  const scene = await followed();
  const { world, training, reader } = scene;
  send(training.supervisorPid(), "SIGKILL");
  taggedWith(training.id).forEach((pid) => send(pid, "SIGKILL"));
  const found = await timed(inState(reader, "lost"));
  return { ...found, account: await reader.account(world) };
}

async function trainerKilled(): Promise<Finding> {
  const { world, training, reader } = await followed();
  send(training.pid(), "SIGKILL");
  const found = await timed(
    () => inState(reader, "failed")() && reader.reason.includes("SIGKILL") && statusWords(reader),
  );
  return { ...found, account: await reader.account(world) };
}

async function trainerSegfault(): Promise<Finding> {
  const world = await World.make();
  const window = await world.connected();
  const training = world.training({ everyMs: 25 });
  // Perl is part of every Debian, and reads the string at any address it is told.
  training.spec.commands.push(["perl", "-e", 'print unpack("p", pack("J", 1))']);
  await (await window.session.link.peer()).request(runs.launch, training.spec);
  const reader = new Reader(window, training);
  await timed(() => reader.step >= 10 && "10");
  training.finish();
  const found = await timed(
    () => inState(reader, "failed")() && reader.reason.includes("SIGSEGV") && statusWords(reader),
  );
  return { ...found, account: await reader.account(world) };
}

/** By a limit of its own, as Python's MemoryError and Node's heap are: it ends itself. */
async function trainerOutOfOwnMemory(): Promise<Finding> {
  const { world, training, reader } = await followed({ then: "memory", node: ["--max-old-space-size=64"] });
  training.fall();
  const found = await timed(
    () => inState(reader, "failed")() && reader.reason.includes("SIGABRT") && statusWords(reader),
  );
  return { ...found, account: await reader.account(world) };
}

/** The kernel has no memory left for it, and kills it. */
async function trainerOutOfMemory(): Promise<Finding> {
  const within = withMemory(160 << 20);
  const world = await World.make();
  const window = await world.connected();
  const training = world.training({ everyMs: 25, then: "memory", node: ["--max-old-space-size=4096"] });
  training.spec.commands = training.spec.commands.map(within);
  await world.start(window, training);
  const reader = new Reader(window, training);
  await timed(() => reader.step >= 10 && "10");
  training.fall();
  const found = await timed(
    () => inState(reader, "failed")() && reader.reason.includes("had no memory left") && statusWords(reader),
  );
  return { ...found, account: await reader.account(world) };
}

/** It lives, and neither steps nor writes: after an hour of that the view says so, and it can be stopped. */
async function trainerDeadlocked(): Promise<Finding> {
  const clock = boxClock();
  const { world, training, reader } = await followed({ then: "deadlock" }, await World.make({ login: clock.login }));
  training.fall();
  await training.falls();
  const last = training.steps();
  await timed(() => reader.state === "running" && reader.step === last && "deadlocked");
  clock.move(3600);
  const found = await timed(() => reader.isHung && reader.state === "running" && statusWords(reader));
  const account = await reader.account(world);
  const stopped = await (await scenePeer(world)).request(runs.stop, { id: training.id });
  if (!stopped.accepted) throw new Error("a deadlocked run cannot be stopped");
  await timed(inState(reader, "cancelled"));
  return { ...found, account };
}

const scenePeer = async (world: World) => (await world.connected()).session.link.peer();

/** The supervisor is gone and its pid belongs to somebody else, who must not be taken for it. */
async function pidReused(): Promise<Finding> {
  const scene = await followed();
  const { world, training, reader } = scene;
  send(training.supervisorPid(), "SIGKILL");
  taggedWith(training.id).forEach((pid) => send(pid, "SIGKILL"));
  // Alive, and began at another time than what the records say.
  const other = startGroup(process.execPath, ["-e", "setInterval(() => {}, 1e9)"]);
  atEnd(() => endGroup(other));
  const statusFile = join(training.attempt, "status.json");
  const status = JSON.parse(readFileSync(statusFile, "utf8")) as { supervisor: { pid: number } };
  writeFileSync(statusFile, JSON.stringify({ ...status, supervisor: { ...status.supervisor, pid: other.pid } }));
  const childFile = join(training.attempt, "child.json");
  const child = JSON.parse(readFileSync(childFile, "utf8")) as { pid: number };
  writeFileSync(childFile, JSON.stringify({ ...child, pid: other.pid }));
  const found = await timed(inState(reader, "lost"));
  const { accepted } = await (await scenePeer(world)).request(runs.stop, { id: training.id });
  if (accepted || other.exitCode !== null || other.signalCode !== null) throw new Error("somebody else was stopped");
  return { ...found, account: await reader.account(world) };
}

/** Everything of it is gone, and the agent that comes next lives in another boot: one with no process of ours. */
async function rebooted(): Promise<Finding> {
  const dir = tempFolder("boot");
  const kernel = join(dir, "proc", "sys", "kernel", "random");
  mkdirSync(kernel, { recursive: true });
  writeFileSync(join(kernel, "boot_id"), `${randomUUID()}\n`);
  const flag = join(dir, "rebooted");
  const scene = await followed(
    {},
    await World.make({ login: [`[ -e '${flag}' ] && export RUNSIDE_PROC='${join(dir, "proc")}'`] }),
  );
  const { world, window, training, reader } = scene;
  [training.supervisorPid(), ...taggedWith(training.id)].forEach((pid) => send(pid, "SIGKILL"));
  writeFileSync(flag, "");
  world.sshd.dropConnections();
  const found = await timed(
    () => inState(reader, "lost")() && reader.reason.includes("restarted") && statusWords(reader),
  );
  await window.session.link.peer();
  return { ...found, account: await reader.account(world) };
}

/** The same told by the run's own record, so that what begins then is found among the processes of this machine. */
async function rebootedAndRestarted(): Promise<Finding> {
  const { world, window, training, reader } = await followed();
  [training.supervisorPid(), ...taggedWith(training.id)].forEach((pid) => send(pid, "SIGKILL"));
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  const status = join(training.attempt, "status.json");
  const text = readFileSync(status, "utf8");
  if (!text.includes(boot)) throw new Error("its record says nothing of a boot");
  writeFileSync(status, text.replace(boot, randomUUID()));
  world.sshd.dropConnections();
  await timed(() => inState(reader, "lost")() && reader.reason.includes("the box restarted") && "lost");
  const before = await reader.account(world);
  const witnessed = training.onDisk().lines;
  const at = training.steps();
  const peer = await window.session.link.peer();
  const outcome = await peer.request(runs.restart, { id: training.id, after: 1, secrets: {} });
  if (outcome.outcome !== "started") throw new Error(JSON.stringify(outcome));
  training.attempts = 2;
  const found = await timed(
    () => reader.state === "running" && reader.attempt === 2 && reader.step > at && `attempt 2 ${statusWords(reader)}`,
  );
  await goesOn(training, reader);
  training.finish();
  await timed(inState(reader, "succeeded"));
  const after = await reader.account(world, { witnessed });
  return { ...found, account: { ...after, lost: [...before.lost, ...after.lost] } };
}

/** The window goes while the training writes, and comes back as another one. */
async function windowReloaded(): Promise<Finding> {
  const scene = await followed();
  const { world, window, training } = scene;
  await window.close();
  const at = training.steps();
  await training.reaches(at + 40);
  const again = await world.connected();
  const reader = new Reader(again, training);
  const found = await timed(() => reader.step > at && statusWords(reader));
  await goesOn(training, reader);
  return toItsEnd({ ...scene, window: again, reader }, found);
}

export const processFaults: readonly Fault[] = [
  { name: "agent kill -9", run: agentKilled, quick: true },
  { name: "supervisor kill -9 before the start", run: supervisorKilledBeforeStart },
  { name: "supervisor kill -9 while the training runs", run: supervisorKilledRunning, quick: true },
  { name: "supervisor, reaper and training kill -9", run: supervisorAndReaperKilled },
  { name: "trainer kill -9", run: trainerKilled, quick: true },
  { name: "trainer segfault", run: trainerSegfault },
  { name: "trainer out of its own memory", run: trainerOutOfOwnMemory },
  {
    name: "trainer out of the box's memory",
    run: trainerOutOfMemory,
    missing: () => needsRoot() ?? needsMemoryGroup(),
  },
  { name: "trainer deadlocked (clock moved by an hour)", run: trainerDeadlocked, missing: needsFaketime },
  { name: "pid reused", run: pidReused },
  { name: "box rebooted", run: rebooted },
  { name: "box rebooted, then restarted", run: rebootedAndRestarted },
  { name: "editor window reloaded", run: windowReloaded },
];
