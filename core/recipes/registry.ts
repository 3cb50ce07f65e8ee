// The built-in recipes, and which of all recipes fits a config. A new recipe is a file in builtin/ and a line here.
import { badRecipe } from "../base/errors";
import { anyscaleJob } from "./builtin/anyscaleJob";
import { axolotl } from "./builtin/axolotl";
import { gelab } from "./builtin/gelab";
import { genericPython } from "./builtin/genericPython";
import { llamaFactory } from "./builtin/llamaFactory";
import { lmEval } from "./builtin/lmEval";
import { loginExample } from "./builtin/loginExample";
import { openadapt } from "./builtin/openadapt";
import { rlvr } from "./builtin/rlvr";
import { swift } from "./builtin/swift";
import { torchtune } from "./builtin/torchtune";
import { trl } from "./builtin/trl";
import { verl } from "./builtin/verl";
import type { ConfigFile, LaunchPlan, Recipe } from "./recipe";

export const builtinRecipes: readonly Recipe[] = [
  anyscaleJob,
  axolotl,
  gelab,
  genericPython,
  llamaFactory,
  lmEval,
  loginExample,
  openadapt,
  rlvr,
  swift,
  torchtune,
  trl,
  verl,
];

export interface RecipeMatch {
  recipe: Recipe;
  confidence: number;
}

/** Best first. The workspace's own recipes win where they are as sure as a built-in, and may replace one by its id. */
export function matchRecipes(file: ConfigFile, userRecipes: readonly Recipe[] = []): RecipeMatch[] {
  return allRecipes(userRecipes)
    .map((recipe) => ({ recipe, confidence: recipe.match(file) }))
    .filter(({ confidence }) => confidence > 0)
    .sort((a, b) => b.confidence - a.confidence);
}

export function allRecipes(userRecipes: readonly Recipe[]): Recipe[] {
  const own = new Set(userRecipes.map(({ id }) => id));
  return [...userRecipes, ...builtinRecipes.filter(({ id }) => !own.has(id))];
}

export function findRecipe(id: string, userRecipes: readonly Recipe[] = []): Recipe {
  const all = allRecipes(userRecipes);
  const found = all.find((recipe) => recipe.id === id);
  if (!found) throw badRecipe(id, `there is none of that name; there are ${all.map((recipe) => recipe.id).join(", ")}`);
  return found;
}

/** Throws `run/bad-config` where the config cannot run with this recipe. `seed` overrides the config's own. */
export function planLaunch(file: ConfigFile, recipe: Recipe, options: { seed: number | null }): LaunchPlan {
  return recipe.plan(file, options);
}
