// run: launch a config in place, on this box, without an editor.
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { RunsideError, wrongUsage } from "../../core/base/errors";
import { parseGpuRequest, type GpuRequest } from "../../core/model/gpu";
import { isLive, newRunId } from "../../core/model/run";
import { prepareLaunch, specOf, type LaunchRequest } from "../../core/recipes/launch";
import { parseAssignment } from "../../core/recipes/overrides";
import { parseUserRecipes, userRecipesPath } from "../../core/recipes/userRecipes";
import { findGpus } from "../box/gpus";
import { isInside } from "../disk/home";
import { readTextOrNull } from "../disk/atomicFile";
import { readStatus } from "../disk/runFolder";
import { launch } from "../supervise/launch";
import { logoutPlan } from "../supervise/logout";
import { secretsWritten } from "./beforeRun";
import { dryRun } from "./dryRun";
import { home, parse, printJson, printLine, usageLine, type Verb } from "./io";

/** The project the config belongs to: what its paths and its recipes are relative to. */
function workspaceOf(config: string): string {
  for (let folder = dirname(config); dirname(folder) !== folder; folder = dirname(folder)) {
    if (existsSync(join(folder, userRecipesPath)) || existsSync(join(folder, ".git"))) return folder;
  }
  return isInside(config, process.cwd()) ? process.cwd() : dirname(config);
}

function gpusAsked(text: string | undefined): GpuRequest | null {
  if (text === undefined) return null;
  const request = parseGpuRequest(text);
  if (request === null)
    throw wrongUsage(`--gpus takes a number, names (\`runside gpus\` lists them) or none. ${usageLine(run)}`);
  return request;
}

/** Where nothing says it: the one GPU of a box with one. With several only a person can know. */
async function onlyGpu(): Promise<GpuRequest | null> {
  const { gpus } = await findGpus({ home: home() });
  if (gpus.length > 1)
    process.stderr.write(
      `This box has ${gpus.length} GPUs and nothing says how many the run takes, so it takes no turn and sees them all; --gpus N takes its turn.\n`,
    );
  return gpus.length === 1 ? { count: 1 } : null;
}

export const run: Verb = {
  name: "run",
  usage:
    "CONFIG [--recipe R] [--set key=value ...] [--seed N] [--gpus N|ID,...|none] [--setup TEXT] [--wait] [--dry-run] [--json]",
  summary:
    "launch a config here; prints the run's id; --setup is shell text before the command; --dry-run prints what would run, or why it cannot",
  async run(args) {
    const options = parse(
      run,
      args,
      {
        json: { type: "boolean" },
        wait: { type: "boolean" },
        "dry-run": { type: "boolean" },
        recipe: { type: "string" },
        seed: { type: "string" },
        gpus: { type: "string" },
        setup: { type: "string" },
        set: { type: "string", multiple: true },
      },
      { min: 1, max: 1 },
    );
    const config = resolve(options.positionals[0] ?? "");
    const text = readTextOrNull(config);
    if (text === null) throw new RunsideError("trace/not-found", `There is no file ${config}.`);
    const workspace = workspaceOf(config);
    const path = relative(workspace, config).split(sep).join("/");
    const exists = (at: string): boolean => existsSync(join(workspace, at));
    const own = parseUserRecipes(readTextOrNull(join(workspace, userRecipesPath)) ?? "");
    for (const { severity, line, message } of own.problems)
      process.stderr.write(`${userRecipesPath}:${line}: ${severity}: ${message}\n`);
    const request: LaunchRequest = {
      path,
      text,
      exists,
      userRecipes: own.recipes,
      recipe: options.text("recipe") ?? null,
      seed: options.text("seed") === undefined ? null : options.count("seed", 1),
      set: options.texts("set").map(parseAssignment),
    };
    const setup = options.text("setup") ?? "";
    const said = gpusAsked(options.text("gpus"));
    if (options.flag("dry-run")) return dryRun(request, workspace, { json: options.flag("json"), setup, gpus: said });
    const prepared = prepareLaunch(request);
    for (const { line, message } of secretsWritten(prepared))
      process.stderr.write(`${line === null ? "" : `${path}:${line}: `}${message}\n`);
    const asked = said ?? prepared.plan.gpus ?? (await onlyGpu());
    const id = newRunId(new Date(), prepared.path.replace(/^.*\//, "").replace(/\.ya?ml$/, ""), Math.random);
    const { warning } = await logoutPlan();
    if (warning) process.stderr.write(`${warning}\n`);
    const outcome = await launch(
      specOf(prepared, {
        id,
        place: { folder: workspace },
        git: null,
        setup,
        ...(asked ? { gpus: asked } : {}),
      }),
      home(),
    );
    if (outcome.outcome === "failed") {
      if (options.flag("json")) printJson(outcome);
      else process.stderr.write(`${[outcome.reason, ...outcome.log].join("\n")}\n`);
      return 1;
    }
    if (!options.flag("json")) printLine(id);
    if (outcome.outcome === "queued" && !options.flag("json"))
      process.stderr.write(`${readStatus(home().run(id)).reason ?? `It waits for ${outcome.waitsFor}.`}\n`);
    if (!options.flag("wait")) {
      if (options.flag("json")) printJson(outcome);
      return 0;
    }
    let status = readStatus(home().run(id));
    while (isLive(status.state)) {
      await sleep(100);
      status = readStatus(home().run(id));
    }
    if (options.flag("json")) printJson({ ...outcome, status });
    else if (status.state !== "succeeded") process.stderr.write(`${status.reason ?? status.state}\n`);
    return status.state === "succeeded" ? 0 : 1;
  },
};
