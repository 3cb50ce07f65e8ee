// Faults of the files that are followed: truncated, rotated, deleted, replaced; and what the agent keeps beside them.
import {
  copyFileSync,
  existsSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { endGroup, startGroup } from "../../../scripts/processes";
import { builtAgent } from "../../support/builtAgent";
import { atEnd } from "../../support/tempFolder";
import { compare, logName } from "../ledger";
import { send } from "../../../remote-agent/box/processes";
import { timed, type Fault, type Finding } from "../fault";
import { Reader } from "../reader";
import type { Training, TrainerOptions } from "../training";
import { statusWords } from "../words";
import { followed } from "./processes";

/** Done to the files of a run that goes on writing; then the view must show what is written from there on. */
async function whileFollowed(
  fault: (training: Training) => void | { logs?: string[]; metrics?: string[] },
  options: TrainerOptions = {},
): Promise<Finding> {
  const { world, training, reader } = await followed(options);
  // Everything up to here could be read, so it must have been answered; the trainer rests while the fault is done.
  await training.pause();
  const before = await reader.account(world);
  if (before.lost.length + before.doubled.length > 0) return { shown: "before the fault", seconds: 0, account: before };
  const witnessed = training.onDisk().lines;
  const further = fault(training) ?? {};
  const at = training.steps();
  training.goOn();
  const found = await timed(() => reader.step > at && statusWords(reader));
  // The file grows past where it was.
  await training.reaches(training.steps() + 60);
  training.finish();
  await timed(() => reader.state === "succeeded" && "succeeded");
  return { ...found, account: await reader.account(world, { ...further, witnessed }) };
}

/** The same without a rest: what the fault took before it could be read is destroyed, and is named. */
async function amidWriting(fault: (training: Training) => void): Promise<Finding> {
  const { world, training, reader } = await followed({ everyMs: 5 });
  fault(training);
  const at = training.steps();
  const found = await timed(() => reader.step > at && statusWords(reader));
  // The file grows past where it was.
  await training.reaches(training.steps() + 60);
  training.finish();
  await timed(() => reader.state === "succeeded" && "succeeded");
  return { ...found, account: await reader.account(world) };
}

const truncateAll = ({ log, metrics, trace }: Training): void =>
  [log, metrics, trace].forEach((file) => truncateSync(file, 0));

/** As logrotate's copytruncate does, whose writer keeps its descriptor. */
function rotateByCopy({ log, metrics }: Training): { logs: string[]; metrics: string[] } {
  for (const file of [log, metrics]) {
    copyFileSync(file, `${file}.1`);
    truncateSync(file, 0);
  }
  return { logs: [`${log}.1`], metrics: [`${metrics}.1`] };
}

/** As Python's RotatingFileHandler does: renamed, and begun anew under the old name. */
function rotateByName({ metrics, trace }: Training): { metrics: string[] } {
  renameSync(metrics, `${metrics}.1`);
  renameSync(trace, `${trace}.1`);
  return { metrics: [`${metrics}.1`] };
}

/** The writer keeps its descriptor, and with it the file of the other name: what it says from there on nobody can find. */
function rotateLogByName({ log }: Training): void {
  renameSync(log, `${log}.1`);
  writeFileSync(log, "");
}

function rotateTraceByCopy({ trace }: Training): void {
  copyFileSync(trace, `${trace}.1`);
  truncateSync(trace, 0);
}

/** As `sed -i` does it: fewer lines under the same name, and the writer goes on in the file that is gone. */
function replaceLog({ log }: Training): void {
  writeFileSync(`${log}.partial`, Array.from({ length: 5 }, (_, n) => `another line ${n}\n`).join(""));
  renameSync(`${log}.partial`, log);
}

function deleteAll({ log, metrics, trace }: Training): void {
  [log, metrics, trace].forEach((file) => rmSync(file));
}

/** Written beside and renamed over, as careful writers do; with other bytes of the same length. */
function replaceAll({ metrics, trace }: Training): void {
  for (const file of [metrics, trace]) {
    const lines = Array.from({ length: 5 }, (_, n) =>
      file === metrics
        ? JSON.stringify({ step: n + 1, reward: 0.9 })
        : JSON.stringify({ prompt_id: `q_${n}`, prompt: "q", completions: ["a"], rewards: [1], step: n + 1 }),
    );
    writeFileSync(`${file}.partial`, `${lines.join("\n")}\n`);
    renameSync(`${file}.partial`, file);
  }
}

/** What the agent saved about a run is damaged, cut, and of another kind; then another agent reads the run. */
async function corruptedIndex(): Promise<Finding> {
  const { world, window, training, reader } = await followed();
  training.finish();
  await timed(() => reader.state === "succeeded" && "succeeded");
  await window.close();
  const damaged: string[] = [];
  for (const [round, damage] of [
    (file: string) => truncateSync(file, Math.floor(statSync(file).size / 2)),
    (file: string) => writeFileSync(file, Buffer.alloc(statSync(file).size, 0x5a)),
    (file: string) => writeFileSync(file, "{}"),
  ].entries()) {
    const visitor = await world.connected();
    await new Reader(visitor, training).account(world);
    await visitor.close();
    for (const file of filesIn(join(training.folder, "cache"))) {
      damage(file);
      damaged.push(`${round} ${file}`);
    }
  }
  if (damaged.length < 3) throw new Error("no index was saved: nothing was damaged");
  const again = await world.connected();
  const second = new Reader(again, training);
  const found = await timed(() => second.state === "succeeded" && statusWords(second));
  return { ...found, account: await second.account(world) };
}

function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** Its agent is killed as the files are cut: the next one resumes from what was saved, and must notice. */
async function truncatedWhileAway(): Promise<Finding> {
  const { world, training, reader } = await followed();
  await training.pause();
  const before = await reader.account(world);
  const witnessed = training.onDisk().lines;
  world.agentPids().forEach((pid) => send(pid, "SIGKILL"));
  truncateAll(training);
  const at = training.steps();
  training.goOn();
  const found = await timed(() => reader.step > at && statusWords(reader));
  // The file grows past where it was.
  await training.reaches(training.steps() + 60);
  training.finish();
  await timed(() => reader.state === "succeeded" && "succeeded");
  const after = await reader.account(world, { witnessed });
  return { ...found, account: { ...after, lost: [...before.lost, ...after.lost] } };
}

/** Somebody in tmux follows the log with `runside logs -f`, and it is cut and grows past where it was. */
async function truncatedUnderTheVerb(): Promise<Finding> {
  const { world, training, reader } = await followed();
  const lines: string[] = [];
  const env = { ...process.env, RUNSIDE_HOME: world.store };
  const verb = startGroup(process.execPath, [await builtAgent(), "logs", training.id, "-f"], { env });
  atEnd(() => endGroup(verb));
  if (!verb.stdout) throw new Error("the verb has no output");
  createInterface(verb.stdout).on("line", (line) => lines.push(logName(line)));
  await training.pause();
  await timed(() => lines.length >= training.steps() && "all");
  truncateSync(training.log, 0);
  const at = training.steps();
  training.goOn();
  const found = await timed(() => lines.length > at && `\`logs -f\` goes on, ${statusWords(reader)}`);
  await training.reaches(at + 3 * at);
  training.finish();
  await timed(() => verb.exitCode !== null && "the verb ended");
  const account = await reader.account(world);
  const verbs = compare(
    training.journal().filter((line) => line.startsWith("log ")),
    lines,
  );
  return {
    ...found,
    account: { ...account, lost: [...account.lost, ...verbs.lost], doubled: [...account.doubled, ...verbs.doubled] },
  };
}

export const fileFaults: readonly Fault[] = [
  { name: "log and trace truncated while followed", run: () => whileFollowed(truncateAll), quick: true },
  { name: "log and trace truncated amid writing", run: () => amidWriting(truncateAll) },
  { name: "log and trace truncated, agent killed", run: truncatedWhileAway },
  { name: "log truncated under `runside logs -f`", run: truncatedUnderTheVerb },
  { name: "log and metrics rotated by copy", run: () => whileFollowed(rotateByCopy) },
  { name: "metrics and trace rotated by name", run: () => whileFollowed(rotateByName) },
  { name: "log rotated by name", run: () => whileFollowed(rotateLogByName) },
  { name: "trace rotated by copy", run: () => whileFollowed(rotateTraceByCopy) },
  { name: "log replaced", run: () => whileFollowed(replaceLog) },
  { name: "log and trace deleted", run: () => whileFollowed(deleteAll) },
  { name: "metrics and trace replaced", run: () => whileFollowed(replaceAll) },
  { name: "corrupted index", run: corruptedIndex },
];
