// What a launch from the command line says before it: secrets that would be recorded, and an environment that would go unused.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { unusedEnvironment, type EnvironmentFound } from "../../core/recipes/environments";
import type { PreparedLaunch } from "../../core/recipes/launch";
import { findSecrets } from "../../core/secrets/detect";
import { readTextOrNull } from "../disk/atomicFile";

export interface SecretWarning {
  /** Of the config, from 1; null where the recipe holds it. */
  line: number | null;
  message: string;
}

const words = (what: string): string =>
  `This looks like a ${what}, and would be kept in the run's record: take it out and export it in the shell that launches, whose environment the run gets.`;

export function secretsWritten({ text, plan, recipe }: PreparedLaunch): SecretWarning[] {
  const inConfig = findSecrets(text).map(({ line, what }) => ({ line: line + 1, message: words(what) }));
  const own = [
    ...Object.entries(plan.env).map(([name, value]) => `${name}=${value}`),
    ...plan.commands.flat(),
    plan.setup ?? "",
  ].join("\n");
  const lines = own.split("\n");
  // What a value of the config brought into the command stands there already.
  const ofRecipe = findSecrets(own).filter(
    ({ line, column, endColumn }) => !text.includes(lines[line]?.slice(column, endColumn) ?? ""),
  );
  const inRecipe = ofRecipe.map(({ what }) => ({
    line: null,
    message: `The recipe "${recipe.id}": ${words(what)}`,
  }));
  return [...inConfig, ...inRecipe];
}

/** The run starts in the folder as it is, so that a virtual environment there counts. */
export function environmentOffered(
  { plan }: PreparedLaunch,
  workspace: string,
  setup: string,
): EnvironmentFound | null {
  return unusedEnvironment({
    cwd: plan.cwd,
    commands: plan.commands,
    setup: [setup, plan.setup ?? ""],
    exists: (at) => existsSync(join(workspace, at)),
    read: (at) => readTextOrNull(join(workspace, at)),
    isCopy: false,
  });
}
