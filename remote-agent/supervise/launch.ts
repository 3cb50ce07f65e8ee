// Start is a contract: `started` with a pid, or `failed` with the reason and the log's last lines; nothing else.
// The client proposes the id and `mkdir` is the token, so a launch repeated after a cut returns the same run.
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { isError, launchFailed, messageOf } from "../../core/base/errors";
import type { LaunchSpec, RunManifest } from "../../core/model/run";
import { bindText } from "../../core/recipes/placeholders";
import { mapCommand } from "../../core/model/setup";
import { writeAtomic, writeJson } from "../disk/atomicFile";
import { isInside, type Home } from "../disk/home";
import { writeSpec } from "../disk/launchRecord";
import { attemptFiles } from "../disk/runFolder";
import { tooLittleRoom } from "./freeSpace";
import { logoutPlan } from "./logout";
import { preparePlace } from "./place";
import { confirm, makeAttempt, startedBySomebodyElse, startSupervisor, type LaunchOutcome } from "./supervisorStart";

export async function launch(spec: LaunchSpec, home: Home): Promise<LaunchOutcome> {
  home.ensure();
  const folder = home.run(spec.id);
  // Also however full the disk is by now: a launch repeated after a cut gets its answer.
  if (existsSync(folder)) return confirm(spec.id, folder, startedBySomebodyElse);
  const short = tooLittleRoom(home.root);
  if (short) throw launchFailed(short);
  const plan = await logoutPlan();
  const place = await preparePlace(spec, home);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    place.discard();
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return confirm(spec.id, folder, startedBySomebodyElse);
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
  return confirm(spec.id, folder, startSupervisor(folder, 1, spec.secrets, plan));
}

function writeRun(spec: LaunchSpec, workspace: string, folder: string): void {
  makeAttempt(folder, 1);
  mkdirSync(join(folder, "cache"), { mode: 0o700 });
  writeSpec(folder, spec);
  writeJson(join(folder, "run.json"), manifestOf(spec, workspace, folder));
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
  const run = (text: string): string => (spec.literal === true ? text : bound(text));
  return {
    schema: 1,
    id: spec.id,
    createdAt: new Date().toISOString(),
    recipe: spec.recipe,
    commands: spec.commands.map((argv) => mapCommand(argv, run)),
    cwd,
    env: {
      PYTHONUNBUFFERED: "1",
      // Compiled files would make the shared snapshot differ from what was sent.
      PYTHONPYCACHEPREFIX: join(folder, "cache", "pycache"),
      ...Object.fromEntries(Object.entries(spec.env).map(([name, value]) => [name, run(value)])),
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
    ...(spec.gpus === undefined ? {} : { gpus: spec.gpus }),
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
