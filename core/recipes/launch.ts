// From a config's text to what the agent is asked to launch. Pure: the extension and the box's command line both use it.
import { badConfig, launchFailed } from "../base/errors";
import type { LaunchSpec } from "../model/run";
import { parseConfig, type ConfigNote } from "./configText";
import { applyAssignments, setConfigValue, type Assignment } from "./overrides";
import type { ConfigFile, LaunchPlan, Recipe } from "./recipe";
import { findRecipe, matchRecipes, planLaunch } from "./registry";

export interface LaunchRequest {
  /** Relative to the workspace folder, with `/`. */
  path: string;
  text: string;
  exists: (path: string) => boolean;
  userRecipes?: readonly Recipe[];
  /** A recipe's id; the best match where it is absent. */
  recipe?: string | null;
  seed?: number | null;
  set?: readonly Assignment[];
}

export interface PreparedLaunch {
  recipe: Recipe;
  plan: LaunchPlan;
  path: string;
  /** The config as it will run: with the values that were set. `edited` says whether it differs from the file. */
  text: string;
  edited: boolean;
  notes: ConfigNote[];
}

export function readConfig(
  path: string,
  text: string,
  exists: (path: string) => boolean,
): ConfigFile & { notes: ConfigNote[] } {
  return { path, text, exists, ...parseConfig(path, text) };
}

/** Throws `run/bad-config` or `run/bad-recipe`; nothing has been touched then. */
export function prepareLaunch(request: LaunchRequest): PreparedLaunch {
  const { path, exists, userRecipes = [] } = request;
  const seed = request.seed ?? null;
  let text = applyAssignments(path, request.text, request.set ?? []);
  let file = readConfig(path, text, exists);
  const recipe = request.recipe ? findRecipe(request.recipe, userRecipes) : matchRecipes(file, userRecipes)[0]?.recipe;
  if (!recipe) {
    throw badConfig(path, null, "no recipe recognises it; describe how it is run in .runside/recipes.yaml");
  }
  const seedKey = seed === null ? null : (recipe.seedKey?.(file) ?? null);
  if (seed !== null && seedKey !== null) {
    text = setConfigValue(path, text, { key: seedKey, value: seed });
    file = readConfig(path, text, exists);
  }
  const plan = planLaunch(file, recipe, { seed });
  const python = plan.commands.some(([program = ""]) =>
    /(?:^|\/)(?:uv|python[\d.]*|torchrun|accelerate)$/.test(program),
  );
  const notes = file.notes.filter(({ code }) => python || code !== "python-text");
  return { recipe, plan, path, text, edited: text !== request.text, notes };
}

/** What only the caller knows of a launch. */
export type LaunchBinding = Pick<LaunchSpec, "id" | "place" | "git"> & Partial<Pick<LaunchSpec, "env" | "secrets">>;

export function specOf({ recipe, plan, path, text }: PreparedLaunch, binding: LaunchBinding): LaunchSpec {
  const { commands, cwd, progress, outputFromLog, alsoWatch, expects, seed } = plan;
  if (commands.some((argv) => argv.length === 0)) throw launchFailed(`The recipe "${recipe.id}" has an empty command.`);
  return {
    id: binding.id,
    recipe: recipe.id,
    commands,
    cwd,
    env: { ...plan.env, ...binding.env },
    secrets: binding.secrets ?? {},
    place: binding.place,
    config: { path, text },
    progress,
    outputFromLog,
    alsoWatch,
    expects,
    seed,
    git: binding.git,
  };
}
