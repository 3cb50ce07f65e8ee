// One entry of .runside/recipes.yaml as a recipe: its match rule, and its commands with values of the config filled in.
import { badConfig } from "../base/errors";
import type { FactName } from "../model/fact";
import type { GpuRequest } from "../model/gpu";
import { lineOfKey, numberAt, valueAt } from "./configText";
import { factsAt, usualFacts } from "./facts";
import { matchesGlob } from "./glob";
import { hasPlaceholder } from "./placeholders";
import { insidePath } from "./places";
import type { ConfigFile, Recipe } from "./recipe";
import type { UserRecipe } from "./userSchema";

const confidence = 0.95;
const fromConfig = /\{config:([^{}]+)\}/g;

export function recipeOf(entry: UserRecipe): Recipe {
  const commands = entry.commands ?? (entry.command ? [entry.command] : []);
  const usesSeed = [...commands.flat(), ...Object.values(entry.env ?? {})].some((text) => text.includes("{seed}"));
  return {
    id: entry.id,
    title: entry.title ?? entry.id,

    match: (file) => (fits(entry.match, file) ? confidence : 0),

    plan(file, { seed }) {
      const fill = (text: string): string => text.replace(fromConfig, (_all, key: string) => valueText(file, key));
      const own = entry.seed === undefined ? null : numberAt(file.doc, entry.seed);
      const used = seed ?? own;
      if (usesSeed && used === null) {
        const where = entry.seed === undefined ? "launch it with one" : `set ${entry.seed} or launch it with one`;
        throw badConfig(file.path, null, `the recipe "${entry.id}" needs a seed; ${where}`);
      }
      if (seed !== null && !usesSeed && entry.seed === undefined) {
        throw badConfig(
          file.path,
          null,
          `the recipe "${entry.id}" has no {seed} and names no seed key, so ${String(seed)} would be ignored`,
        );
      }
      return {
        commands: commands.map((argv) => argv.map(fill)),
        cwd: insidePath(entry.cwd ?? "") ?? "",
        env: Object.fromEntries(Object.entries(entry.env ?? {}).map(([name, value]) => [name, fill(value)])),
        // As written: a value of the config never becomes shell.
        ...(entry.setup === undefined ? {} : { setup: entry.setup }),
        progress: { pattern: entry.progress?.pattern ?? null, total: totalOf(entry, file) },
        outputFromLog: entry.outputFromLog ?? null,
        alsoWatch: (entry.watch ?? []).map(fill),
        expects: entry.expects ?? [],
        inputs: (entry.inputs ?? []).map(fill),
        seed: used,
        ...gpusOf(entry, file),
        note: null,
      };
    },

    seedKey: () => (usesSeed ? null : (entry.seed ?? null)),

    facts: ({ doc }) => ({ ...usualFacts(doc), ...factsAt(doc, factKeys(entry)) }),
  };
}

const factKeys = ({ seed, facts = {} }: UserRecipe): Partial<Record<FactName, string[]>> => ({
  ...(seed === undefined ? {} : { seed: [seed] }),
  ...Object.fromEntries(Object.entries(facts).map(([name, key]) => [name, [key]])),
});

function fits({ files, keys, values }: UserRecipe["match"], { path, doc }: ConfigFile): boolean {
  if (!files && !keys && !values) return false;
  if (files && !files.some((glob) => matchesGlob(glob, path))) return false;
  if (keys && !keys.every((key) => valueAt(doc, key) !== undefined)) return false;
  return !values || Object.entries(values).every(([key, value]) => valueAt(doc, key) === value);
}

function totalOf({ progress }: UserRecipe, { doc }: ConfigFile): number | null {
  return typeof progress?.total === "string" ? numberAt(doc, progress.total) : (progress?.total ?? null);
}

function gpusOf({ gpus }: UserRecipe, { path, text, doc }: ConfigFile): { gpus?: GpuRequest } {
  if (gpus === undefined) return {};
  if (gpus === "none") return { gpus };
  const count = typeof gpus === "number" ? gpus : numberAt(doc, gpus);
  if (count === null || !Number.isInteger(count) || count < 0)
    throw badConfig(
      path,
      lineOfKey(text, String(gpus)),
      `the recipe takes its number of GPUs from "${String(gpus)}", which is no whole number`,
    );
  return { gpus: count === 0 ? "none" : { count } };
}

function valueText({ path, text, doc }: ConfigFile, key: string): string {
  const value = valueAt(doc, key);
  const line = lineOfKey(text, key);
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") {
    throw badConfig(
      path,
      line,
      `the recipe's command uses {config:${key}}, which is ${value === undefined ? "not there" : "no single value"}`,
    );
  }
  const result = String(value);
  // The box replaces placeholders after this, so a value that looks like one would not arrive as it is written.
  if (hasPlaceholder(result) || result.includes("\0")) {
    throw badConfig(
      path,
      line,
      `the value of "${key}" holds a placeholder or a zero byte and cannot become an argument`,
    );
  }
  return result;
}
