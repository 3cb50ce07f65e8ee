// From a config's text to what the agent is asked to launch. Pure: the extension and the box's command line both use it.
import { badConfig, launchFailed } from "../base/errors";
import type { RecordedFact } from "../model/fact";
import type { LaunchSpec } from "../model/run";
import { parseConfig, type ConfigNote } from "./configText";
import { applyAssignments, setConfigValue, type Assignment } from "./overrides";
import type { ConfigFile, LaunchPlan, Recipe } from "./recipe";
import { gpusSaid } from "./gpus";
import { recordedFacts } from "./facts";
import { withSetup } from "../model/setup";
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

/** A config whose recipe is known; whether it can run, only its plan says. */
export interface RecognisedConfig {
  recipe: Recipe;
  file: ConfigFile;
  /** The config as it will run: with the values that were set. `edited` says whether it differs from the file. */
  text: string;
  edited: boolean;
  notes: ConfigNote[];
  facts: RecordedFact[];
}

export interface PreparedLaunch extends Omit<RecognisedConfig, "file"> {
  plan: LaunchPlan;
  path: string;
}

export function readConfig(
  path: string,
  text: string,
  exists: (path: string) => boolean,
): ConfigFile & { notes: ConfigNote[] } {
  return { path, text, exists, ...parseConfig(path, text) };
}

/** Throws `run/bad-config` where the text is no config or no recipe fits, `run/bad-recipe` where the named one is not there. */
export function recogniseConfig(request: LaunchRequest): RecognisedConfig {
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
  const facts = recordedFacts(recipe.facts?.(file) ?? {}, seed);
  return { recipe, file, text, edited: text !== request.text, notes: file.notes, facts };
}

/** Throws `run/bad-config` or `run/bad-recipe`; nothing has been touched then. */
export function prepareLaunch(request: LaunchRequest): PreparedLaunch {
  return planRecognised(recogniseConfig(request), request.seed ?? null);
}

/** Throws `run/bad-config` with the reason why a config that was recognised cannot run. */
export function planRecognised({ file, ...recognised }: RecognisedConfig, seed: number | null): PreparedLaunch {
  const { recipe } = recognised;
  const own = planLaunch(file, recipe, { seed });
  const gpus = own.gpus ?? gpusSaid(file.doc, own.commands);
  const plan = gpus ? { ...own, gpus } : own;
  const python = plan.commands.some(([program = ""]) =>
    /(?:^|\/)(?:uv|python[\d.]*|torchrun|accelerate)$/.test(program),
  );
  // A program that is given the values one by one does not read the file.
  const reads = python && plan.commands.some((argv) => argv.some((argument) => argument.includes("{config}")));
  const notes = recognised.notes.filter(({ code }) => reads || code !== "python-text");
  const facts = recordedFacts(recipe.facts?.(file) ?? {}, plan.seed);
  return { ...recognised, plan, path: file.path, notes, facts };
}

/** What only the caller knows of a launch. */
export type LaunchBinding = Pick<LaunchSpec, "id" | "place" | "git"> &
  Partial<Pick<LaunchSpec, "env" | "secrets" | "patch" | "gpus">> & {
    /** The box's own shell text, before the recipe's. */
    setup?: string;
  };

export function specOf({ recipe, plan, path, text, facts }: PreparedLaunch, binding: LaunchBinding): LaunchSpec {
  const { commands, cwd, progress, outputFromLog, alsoWatch, expects, seed } = plan;
  if (commands.some((argv) => argv.length === 0)) throw launchFailed(`The recipe "${recipe.id}" has an empty command.`);
  const gpus = binding.gpus ?? plan.gpus;
  return {
    id: binding.id,
    recipe: recipe.id,
    commands: withSetup(commands, { box: binding.setup ?? "", recipe: plan.setup ?? "" }),
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
    facts,
    git: binding.git,
    patch: binding.patch ?? null,
    ...(gpus ? { gpus } : {}),
    ...(plan.literal === true ? { literal: true } : {}),
  };
}
