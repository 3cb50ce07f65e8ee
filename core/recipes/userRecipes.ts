// .runside/recipes.yaml -> recipes, and what is wrong in it with its place. A bad entry is left out, the others work.
import { isMap } from "yaml";
import type * as z from "zod/mini";
import { asRunsideError } from "../base/errors";
import { pairAt, parseTree, rangeOf, valueAt, type ConfigTree } from "./configText";
import { insidePath } from "./places";
import { placeholderNames } from "./placeholders";
import type { Recipe } from "./recipe";
import { recipeOf } from "./userRecipe";
import { userRecipeSchema, userRecipesSchema, type UserRecipe } from "./userSchema";

export const userRecipesPath = ".runside/recipes.yaml";

/** Lines and columns count from 1; `endColumn` is behind the last character. */
export interface RecipeProblem {
  severity: "error" | "warning";
  line: number;
  column: number;
  endColumn: number;
  message: string;
}

export interface UserRecipes {
  recipes: Recipe[];
  problems: RecipeProblem[];
}

type Place = readonly (string | number)[];

export function parseUserRecipes(text: string): UserRecipes {
  let tree: ConfigTree;
  let doc: unknown;
  try {
    tree = parseTree(userRecipesPath, text);
    doc = tree.document?.toJS({ maxAliasCount: 100 });
  } catch (error) {
    const { message, data } = asRunsideError(error);
    const line = typeof data["line"] === "number" ? data["line"] : 1;
    const width = text.split("\n")[line - 1]?.trimEnd().length ?? 0;
    const what = / can run: (.*)\. Nothing was launched\.$/.exec(message)?.[1] ?? message;
    return { recipes: [], problems: [{ severity: "error", line, column: 1, endColumn: width + 1, message: what }] };
  }
  if (doc === null || doc === undefined) return { recipes: [], problems: [] };
  const problems: RecipeProblem[] = [];
  const report = (severity: RecipeProblem["severity"], at: Place, message: string, byKey = false): void => {
    problems.push({ severity, ...placeOf(tree, at, text, byKey), message });
  };

  const whole = userRecipesSchema.safeParse(doc);
  for (const issue of whole.error?.issues ?? []) {
    const at = issue.path.filter((part) => typeof part !== "symbol");
    if (issue.code !== "unrecognized_keys") report("error", at, wording(issue, doc));
    else for (const key of issue.keys) report("error", [...at, key], `"${key}" is not known here`, true);
  }
  const list: unknown = valueAt(doc, "recipes");
  const recipes: Recipe[] = [];
  const ids = new Set<string>();
  for (const [index, entry] of (Array.isArray(list) ? list : []).entries()) {
    const parsed = userRecipeSchema.safeParse(entry);
    if (!parsed.success) continue;
    const at = ["recipes", index] as const;
    const found = check(parsed.data);
    if (ids.has(parsed.data.id)) found.push({ at: ["id"], message: `"${parsed.data.id}" is the id of a recipe above` });
    for (const { severity = "error", at: inside, message } of found) report(severity, [...at, ...inside], message);
    if (found.some(({ severity = "error" }) => severity === "error")) continue;
    ids.add(parsed.data.id);
    recipes.push(recipeOf(parsed.data));
  }
  return { recipes, problems: problems.sort((a, b) => a.line - b.line || a.column - b.column) };
}

interface Found {
  severity?: RecipeProblem["severity"];
  at: Place;
  message: string;
}

/** What a schema cannot say. */
function check(recipe: UserRecipe): Found[] {
  const found: Found[] = [];
  const say = (at: Place, message: string, severity: RecipeProblem["severity"] = "error"): number =>
    found.push({ severity, at, message });
  if (!recipe.command === !recipe.commands) say(["id"], 'exactly one of "command" and "commands" must be given');
  if (Object.keys(recipe.match).length === 0)
    say(["match"], '"match" needs files, keys or values: an empty one fits nothing');
  if (recipe.cwd !== undefined && insidePath(recipe.cwd) === null) say(["cwd"], "cwd leaves the workspace");
  for (const [index, input] of (recipe.inputs ?? []).entries()) {
    if (insidePath(input) === null) say(["inputs", index], "an input must lie inside the workspace");
  }
  if (recipe.progress) checkPattern(recipe.progress.pattern, "step", ["progress", "pattern"], say);
  if (recipe.outputFromLog !== undefined) checkPattern(recipe.outputFromLog, "path", ["outputFromLog"], say);
  const argvs: [Place, string[]][] = recipe.command ? [[["command"], recipe.command]] : [];
  for (const [index, argv] of (recipe.commands ?? []).entries()) argvs.push([["commands", index], argv]);
  for (const [at, argv] of argvs) {
    for (const [index, argument] of argv.entries()) {
      for (const [, name = ""] of argument.matchAll(/\{([a-z_]+)(?::[^{}]*)?\}/gi)) {
        if (name === "config" || (placeholderNames as readonly string[]).includes(name)) continue;
        const all = placeholderNames.map((each) => `{${each}}`).join(", ");
        say(
          [...at, index],
          `{${name}} is no placeholder and stays as it is; there are ${all} and {config:a.b}`,
          "warning",
        );
      }
    }
    const first = argv[0] ?? "";
    if (/\s/.test(first.trim()))
      say([...at, 0], `"${first}" is taken as the name of one program; give each argument its own entry`, "warning");
  }
  return found;
}

function checkPattern(pattern: string, group: string, at: Place, say: (at: Place, message: string) => number): void {
  try {
    new RegExp(pattern);
  } catch (error) {
    say(at, asRunsideError(error).message.replace(/^Invalid regular expression: /, "is no regular expression: "));
    return;
  }
  if (!pattern.includes(`(?<${group}>`)) say(at, `the pattern needs a named group (?<${group}>...)`);
}

type Issue = z.core.$ZodIssue;

const wantedTexts: Record<string, string> = {
  array: "a list",
  object: "a mapping",
  record: "a mapping",
  string: "a text",
};

function wording(issue: Issue, doc: unknown): string {
  const name = String(issue.path.findLast((part) => typeof part === "string") ?? "the file");
  const last = issue.path.at(-1);
  const what = typeof last === "number" ? `entry ${String(last + 1)} of "${name}"` : `"${name}"`;
  if (issue.code === "invalid_key")
    return `"${String(issue.path.at(-1))}" ${issue.issues[0]?.message ?? "is no valid key"}`;
  if (issue.code !== "invalid_type") return `${what} ${issue.message}`;
  if (issue.path.length > 0 && valueAt(doc, issue.path.join(".")) === undefined) return `${what} is missing`;
  const wanted = wantedTexts[issue.expected];
  return `${what} must be ${wanted ?? `a ${issue.expected}`}`;
}

/** Where a value stands; of one that is missing, the nearest parent's key. A list entry is shown by its first key. */
function placeOf(
  tree: ConfigTree,
  at: Place,
  text: string,
  byKey = false,
): Omit<RecipeProblem, "severity" | "message"> {
  for (let length = at.length; length > 0; length--) {
    const pair = pairAt(tree, at.slice(0, length).join("."));
    if (!pair) continue;
    const isKey = length < at.length || byKey || rangeOf(pair.value) === null || isMap(pair.value);
    const shown = isMap(pair.key) ? pair.key.items[0]?.key : pair.key;
    const range = rangeOf(isKey ? shown : pair.value) ?? rangeOf(pair.key);
    if (range) return spanAt(tree, range, text);
  }
  return spanAt(tree, [0, text.indexOf("\n") < 0 ? text.length : text.indexOf("\n")], text);
}

function spanAt(tree: ConfigTree, range: readonly number[], text: string): Omit<RecipeProblem, "severity" | "message"> {
  const [start = 0, end = 0] = range;
  const { line, col } = tree.lines.linePos(start);
  const newline = text.indexOf("\n", start);
  const stop = Math.min(end, newline < 0 ? text.length : newline);
  return { line, column: col, endColumn: col + Math.max(1, stop - start) };
}
