// Start is a contract: `started` with a pid, or `failed` with the reason and the log's last lines; nothing else.
// The client proposes the id and `mkdir` is the token, so a launch repeated after a cut returns the same run.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { basename, dirname, join, resolve } from "node:path";
import { isError, launchFailed, messageOf, runNotFound } from "../../core/base/errors";
import type { LaunchSpec, RunManifest, RunViewStatus } from "../../core/model/run";
import { bindPlaceholders, bindText } from "../../core/recipes/placeholders";
import { groupOf, taggedWith } from "../box/processes";
import { writeAtomic, writeJson } from "../disk/atomicFile";
import { isInside, type Home } from "../disk/home";
import { attemptFiles, readStatus } from "../disk/runFolder";
import { writeSpec } from "../disk/launchRecord";
import { preparePlace } from "./place";
import { readRange } from "../index/target";
import { tooLittleRoom } from "./freeSpace";
import { secretsLine } from "./secretsLine";
import { stopEverything } from "./stop";

const CONFIRM_MS = 20_000;

export type LaunchOutcome =
  { outcome: "started"; id: string; pid: number } | { outcome: "failed"; id: string; reason: string; log: string[] };

export async function launch(spec: LaunchSpec, home: Home): Promise<LaunchOutcome> {
  home.ensure();
  const folder = home.run(spec.id);
  // Also however full the disk is by now: a launch repeated after a cut gets its answer.
  if (existsSync(folder)) return confirm(spec.id, folder, () => null);
  const short = tooLittleRoom(home.root);
  if (short) throw launchFailed(short);
  const place = await preparePlace(spec, home);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    place.discard();
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return confirm(spec.id, folder, () => null);
    throw launchFailed(`The run could not be written to ${folder}: ${messageOf(error)}.`);
  }
  try {
    writeRun(spec, place.moveInto(folder), folder);
  } catch (error) {
    place.discard();
    // Nothing has started: the id is free again, and a repeated launch gets this reason too.
    rmSync(folder, { recursive: true, force: true });
    if (isError(error, "run/launch-failed")) throw error;
    throw launchFailed(`The run could not be written to ${folder}: ${messageOf(error)}.`);
  }
  return confirm(spec.id, folder, startSupervisor(folder, spec.secrets));
}

function writeRun(spec: LaunchSpec, workspace: string, folder: string): void {
  const files = attemptFiles(folder, 1);
  for (const path of [files.control, files.out, join(folder, "cache")])
    mkdirSync(path, { recursive: true, mode: 0o700 });
  writeSpec(folder, spec);
  writeJson(join(folder, "run.json"), manifestOf(spec, workspace, folder));
}

/** Answers how to ask why it ended without a word, null while it has not. */
function startSupervisor(folder: string, secrets: Record<string, string>): () => string | null {
  const agent = process.argv[1] ?? "";
  const supervisor = spawn(process.execPath, [agent, "supervise", folder, "1"], {
    cwd: folder,
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  // It may end before it has read: why, it says itself.
  supervisor.stdin.on("error", () => undefined);
  supervisor.stdin.end(secretsLine(secrets));
  let ended: string | null = null;
  supervisor.once("error", (error) => (ended = `its supervisor could not be started (${messageOf(error)})`));
  supervisor.once("exit", (code, signal) => (ended = `its supervisor ended at once (${signal ?? `code ${code}`})`));
  supervisor.unref();
  return () => ended;
}

/** A wish, not a deed: the supervisor consumes it. Where it is gone, this agent sends the signals itself. */
export function requestStop(id: string, home: Home): boolean {
  const folder = home.run(id);
  if (!existsSync(folder)) throw runNotFound(id);
  const status = readStatus(folder);
  if (status.endedAt !== null || status.state === "lost") return false;
  const files = attemptFiles(folder, status.attempt);
  mkdirSync(files.control, { recursive: true, mode: 0o700 });
  writeAtomic(files.stopWish, `${new Date().toISOString()}\n`);
  if (status.state === "unsupervised") void stopUnsupervised(id, folder, status);
  return true;
}

/** No supervisor will: whoever got the wish carries it out, and tells in a file of its own what it sent. */
async function stopUnsupervised(id: string, folder: string, { pid, attempt }: RunViewStatus): Promise<void> {
  const { stopDone } = attemptFiles(folder, attempt);
  const group = pid === null ? null : groupOf(pid);
  await stopEverything({
    runId: id,
    group: group !== null && taggedWith(id).includes(group) ? group : null,
    hasEnded: () => taggedWith(id).length === 0,
    tell: (sent, stopping) => {
      try {
        writeJson(stopDone, { sent, stopping });
      } catch {
        // A full disk keeps nobody from being stopped.
      }
    },
  });
}

function manifestOf(spec: LaunchSpec, workspace: string, folder: string): RunManifest {
  const cwd = resolve(workspace, spec.cwd);
  if (!isInside(cwd, workspace)) throw launchFailed(`The working folder ${spec.cwd} lies outside the workspace.`);
  const { out } = attemptFiles(folder, 1);
  const values = {
    config: configFile(spec, workspace, folder),
    out,
    node: process.execPath,
    seed: spec.seed,
    workspace,
  };
  const bound = (text: string): string => bindText(text, values);
  return {
    schema: 1,
    id: spec.id,
    createdAt: new Date().toISOString(),
    recipe: spec.recipe,
    commands: spec.commands.map((argv) => bindPlaceholders(argv, values)),
    cwd,
    env: {
      PYTHONUNBUFFERED: "1",
      // Compiled files would make the shared snapshot differ from what was sent.
      PYTHONPYCACHEPREFIX: join(folder, "cache", "pycache"),
      ...Object.fromEntries(Object.entries(spec.env).map(([name, value]) => [name, bound(value)])),
      RUNSIDE_RUN_ID: spec.id,
      RUNSIDE_OUT: out,
    },
    secretNames: Object.keys(spec.secrets),
    snapshot: "snapshot" in spec.place ? spec.place.snapshot : null,
    config: spec.config,
    out,
    progress: spec.progress,
    outputFromLog: spec.outputFromLog,
    alsoWatch: spec.alsoWatch.map(bound),
    expects: spec.expects,
    seed: spec.seed,
    facts: spec.facts,
    git: spec.git,
  };
}

/** The file in the workspace where it is what was asked to run, else a copy beside run.json. */
function configFile(spec: LaunchSpec, workspace: string, folder: string): string {
  const inPlace = resolve(workspace, spec.config.path);
  try {
    if (isInside(inPlace, workspace) && readFileSync(inPlace, "utf8") === spec.config.text) return inPlace;
  } catch {
    // Not among the files that were sent: the copy stands in.
  }
  // In a folder of its own: a config may be called run.json.
  const copy = join(folder, "config", basename(spec.config.path) || "config");
  mkdirSync(dirname(copy), { recursive: true, mode: 0o700 });
  writeAtomic(copy, spec.config.text);
  return copy;
}

async function confirm(id: string, folder: string, supervisorEnd: () => string | null): Promise<LaunchOutcome> {
  const end = Date.now() + CONFIRM_MS;
  let status: RunViewStatus = readStatus(folder);
  let died: string | null = null;
  while (Date.now() < end && died === null) {
    // Asked before looking: what it wrote before it ended is seen.
    died = supervisorEnd();
    status = readStatus(folder);
    if (status.pid !== null) return { outcome: "started", id, pid: status.pid };
    if (status.endedAt !== null || status.state === "lost") break;
    await sleep(10);
  }
  const log = readRange(attemptFiles(folder, status.attempt).log, 0, 16_384).split("\n").filter(Boolean).slice(-10);
  const silent = died ?? `it did not start within ${CONFIRM_MS / 1000} s`;
  const reason = status.reason ?? `The run did not begin: ${silent}; \`runside logs ${id}\` shows what it wrote.`;
  return { outcome: "failed", id, reason, log };
}
