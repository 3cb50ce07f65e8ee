// run --dry-run: what a config would start, and why it could not. Nothing is written and nothing is started.
import { basename, join, resolve } from "node:path";
import { asRunsideError } from "../../core/base/errors";
import { factValueWords, factWords, type RecordedFact } from "../../core/model/fact";
import { requestWords, type GpuRequest } from "../../core/model/gpu";
import { commandWords, quoted } from "../../core/model/words";
import type { EnvironmentFound } from "../../core/recipes/environments";
import { planRecognised, recogniseConfig, type LaunchRequest, type PreparedLaunch } from "../../core/recipes/launch";
import { bindText } from "../../core/recipes/placeholders";
import { setupTexts } from "../../core/model/setup";
import { environmentOffered, secretsWritten } from "./beforeRun";
import { home, printJson, printLine } from "./io";

export interface DryRunOptions {
  json: boolean;
  /** Shell text before each command; "" for none. */
  setup: string;
  /** Asked for on the command line, before what the config says. */
  gpus: GpuRequest | null;
}

interface DryRun {
  config: string;
  recipe: string;
  title: string;
  /** Shell texts that run before each command, in this order. */
  setup: string[];
  commands: string[][];
  folder: string | null;
  /** What the recipe adds to the box's own environment. */
  env: Record<string, string>;
  /** The run's own folder first, then where the recipe writes besides it. */
  output: string[];
  total: number | null;
  seed: number | null;
  /** What the run would ask the queue for; null where nothing says it, and the box's one GPU is taken if it has one. */
  gpus: GpuRequest | null;
  facts: RecordedFact[];
  note: string | null;
  /** An environment of the project that the command does not use, and the setup that would. */
  offered: EnvironmentFound | null;
  /** `line` is of the config; null for what stands elsewhere. */
  warnings: { line: number | null; message: string }[];
  /** Why it cannot run; null where it can. */
  problem: string | null;
}

/** Throws what `recogniseConfig` throws: a file that no recipe knows has nothing to show. Returns the exit code. */
export function dryRun(request: LaunchRequest, workspace: string, { json, setup, gpus }: DryRunOptions): number {
  const recognised = recogniseConfig(request);
  const { recipe, facts, notes } = recognised;
  const nothing = {
    gpus,
    setup: [],
    commands: [],
    folder: null,
    env: {},
    output: [],
    total: null,
    note: null,
    offered: null,
  };
  const known = { config: request.path, recipe: recipe.id, title: recipe.title };
  const warnings = notes.map(({ line, message }) => ({ line, message }));
  let shown: DryRun;
  try {
    const planned = planRecognised(recognised, request.seed ?? null);
    shown = { ...known, ...bound(planned, workspace, setup), gpus: gpus ?? planned.plan.gpus ?? null, problem: null };
  } catch (error) {
    const problem = asRunsideError(error).message;
    shown = { ...known, ...nothing, seed: request.seed ?? null, facts, warnings, problem };
  }
  if (json) printJson(shown);
  else print(shown);
  return shown.problem === null ? 0 : 1;
}

function bound(
  planned: PreparedLaunch,
  workspace: string,
  setup: string,
): Omit<DryRun, "config" | "recipe" | "title" | "gpus" | "problem"> {
  const { plan, path, edited, facts, notes } = planned;
  const folder = join(home().runs, "<run>");
  const values = {
    // A config with other values than its file's runs as a copy beside the run's record.
    config: edited ? join(folder, "config", basename(path)) : join(workspace, path),
    out: join(folder, "attempts", "1", "out"),
    node: process.execPath,
    seed: plan.seed,
    workspace,
  };
  const cwd = resolve(workspace, plan.cwd);
  const run = (text: string): string => (plan.literal === true ? text : bindText(text, values));
  return {
    setup: setupTexts({ box: setup, recipe: plan.setup ?? "" }),
    commands: plan.commands.map((argv) => argv.map(run)),
    folder: cwd,
    env: Object.fromEntries(Object.entries(plan.env).map(([name, value]) => [name, run(value)])),
    output: [values.out, ...plan.alsoWatch.map((at) => resolve(cwd, bindText(at, values)))],
    total: plan.progress.total,
    seed: plan.seed,
    facts,
    note: plan.note,
    offered: environmentOffered(planned, workspace, setup),
    warnings: [...notes.map(({ line, message }) => ({ line, message })), ...secretsWritten(planned)],
  };
}

function print(shown: DryRun): void {
  const row = (name: string, value: string): void => printLine(`${name.padEnd(14)}${value}`);
  row("config", shown.config);
  row("recipe", `${shown.recipe} (${shown.title})`);
  if (shown.problem !== null) row("cannot run", shown.problem);
  for (const text of shown.setup) row("setup", text);
  for (const argv of shown.commands) row("command", commandWords(argv));
  if (shown.folder !== null) row("folder", shown.folder);
  for (const [name, value] of Object.entries(shown.env)) row("env", `${name}=${value}`);
  for (const path of shown.output) row("output", path);
  if (shown.problem === null) row("steps", shown.total === null ? "unknown before the run" : String(shown.total));
  if (shown.gpus !== null) row("GPUs", requestWords(shown.gpus));
  printFacts(shown.facts, row);
  if (shown.note !== null) row("note", shown.note);
  if (shown.offered)
    row("offered", `--setup ${quoted(shown.offered.setup)}  (${shown.offered.file} is not used as it is)`);
  for (const { line, message } of shown.warnings)
    row("warning", line === null ? message : `${shown.config}:${String(line)}: ${message}`);
}

/** One line for each fact, with the key that holds it. */
export function printFacts(facts: readonly RecordedFact[], row: (name: string, value: string) => void): void {
  for (const { name, key, value } of facts) {
    row(factWords(name), `${factValueWords(value)}${key === null ? "" : `  (${key})`}`);
  }
}
