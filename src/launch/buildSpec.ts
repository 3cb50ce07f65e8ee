// A config on this disk to a launch: reads it and the workspace's own recipes, plans, and looks up the commit.
import { existsSync, readFileSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { badConfig, badRecipe, messageOf } from "../../core/base/errors";
import type { LaunchSpec } from "../../core/model/run";
import { unusedEnvironment, type EnvironmentFound } from "../../core/recipes/environments";
import { prepareLaunch, specOf, type LaunchBinding, type PreparedLaunch } from "../../core/recipes/launch";
import type { Assignment } from "../../core/recipes/overrides";
import { insidePath } from "../../core/recipes/places";
import { parseUserRecipes, userRecipesPath, type UserRecipes } from "../../core/recipes/userRecipes";
import { readPatch } from "./gitPatch";
import { readGitState } from "./gitState";

export interface LaunchOverrides {
  /** A recipe's id, instead of the best match. */
  recipe?: string | null;
  seed?: number | null;
  set?: readonly Assignment[];
  /** The editor's text, where it differs from the disk. */
  text?: string;
}

export interface ReadyLaunch extends PreparedLaunch {
  git: LaunchSpec["git"];
  patch: string | null;
  spec(binding: Omit<LaunchBinding, "git" | "patch">): LaunchSpec;
  /** An environment of the project that the launch, with this setup of the box, would not use; `isCopy`: the files are sent. */
  unusedEnvironment(setup: string, isCopy: boolean): EnvironmentFound | null;
}

/** Recipes and problems of a workspace folder; none where it has no recipes.yaml. */
export async function readUserRecipes(folder: string): Promise<UserRecipes> {
  const text = await readFile(path.join(folder, userRecipesPath), "utf8").catch(() => null);
  return text === null ? { recipes: [], problems: [] } : parseUserRecipes(text);
}

/** Throws `run/bad-config` or `run/bad-recipe` before anything is sent anywhere. */
export async function buildLaunch(
  folder: string,
  config: string,
  overrides: LaunchOverrides = {},
): Promise<ReadyLaunch> {
  const inside = insidePath(path.isAbsolute(config) ? path.relative(folder, config) : config);
  if (inside === null) throw badConfig(config, null, `it lies outside the workspace folder ${folder}`);
  const text = overrides.text ?? (await readText(folder, inside));
  const { recipes, problems } = await readUserRecipes(folder);
  const broken = problems.find(({ severity }) => severity === "error");
  // A recipe that does not parse may be the one that was meant, so only a launch that names another goes on.
  if (broken && !overrides.recipe) throw badRecipe(`${userRecipesPath}:${String(broken.line)}`, broken.message);
  const exists = (each: string): boolean => {
    const clean = insidePath(each);
    return clean !== null && existsSync(path.join(folder, clean));
  };
  const { recipe, seed, set } = overrides;
  const prepared = prepareLaunch({ path: inside, text, exists, userRecipes: recipes, recipe, seed, set });
  const git = await readGitState(folder);
  const patch = git?.dirty ? ((await readPatch(folder))?.toString("base64") ?? null) : null;
  const { cwd, commands, setup: ownSetup = "" } = prepared.plan;
  return {
    ...prepared,
    git,
    patch,
    spec: (binding) => specOf(prepared, { ...binding, git, patch }),
    unusedEnvironment: (setup, isCopy) =>
      unusedEnvironment({
        cwd,
        commands,
        setup: [setup, ownSetup],
        exists,
        read: (at) => smallText(folder, at),
        isCopy,
      }),
  };
}

function smallText(folder: string, at: string): string | null {
  try {
    const inside = path.join(folder, at);
    return statSync(inside).size > 1e6 ? null : readFileSync(inside, "utf8");
  } catch {
    return null;
  }
}

async function readText(folder: string, file: string): Promise<string> {
  try {
    return await readFile(path.join(folder, file), "utf8");
  } catch (error) {
    throw badConfig(file, null, `it cannot be read (${messageOf(error)})`);
  }
}
