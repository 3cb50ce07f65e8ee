// The last resort: a YAML that looks like a training config, and a Python program near it that takes `--config`.
import { badConfig } from "../../base/errors";
import { isMapping, numberAt, valueAt } from "../configText";
import { folderOf, joined, nameOf } from "../places";
import { sections, usualFacts, usualSeeds as seeds } from "../facts";
import type { ConfigFile, Recipe } from "../recipe";

const programs = ["train.py", "main.py", "run.py", "scripts/train.py", "src/train.py"];
const rates = new Set(["learning_rate", "lr"]);
const totals = ["max_steps", ...sections.map((section) => `${section}.max_steps`)];

export const genericPython: Recipe = {
  id: "python",
  title: "Python program with --config",

  match: ({ path, doc }) => {
    const hidden = path.split("/").some((part) => part.startsWith("."));
    if (hidden || !/\.ya?ml$/i.test(path) || !isMapping(doc)) return 0;
    if (sections.some((section) => isMapping(doc[section]))) return 0.3;
    return hasRate(doc) ? 0.2 : 0;
  },

  plan(file, { seed }) {
    const found = programNear(file);
    if (!found) throw badConfig(file.path, null, howToName(file.path));
    const total = totals.map((key) => numberAt(file.doc, key)).find((value) => value !== null && value > 0);
    const own = seeds.map((key) => numberAt(file.doc, key)).find((value) => value !== null);
    if (seed !== null && own === undefined) {
      throw badConfig(file.path, null, "it has no seed to replace; add `seed:` to it, or a recipe with {seed}");
    }
    return {
      commands: [["python", found.program, "--config", "{config}"]],
      cwd: found.folder,
      env: { PYTHONUNBUFFERED: "1" },
      progress: { pattern: "\\bstep[ =:]+(?<step>\\d+)(?: ?/ ?(?<total>\\d+))?", total: total ?? null },
      outputFromLog: null,
      alsoWatch: [],
      expects: [],
      inputs: [],
      seed: seed ?? own ?? null,
      note: `Runs ${joined(found.folder, found.program)}, the first program found near the config; .runside/recipes.yaml can name another.`,
    };
  },

  seedKey: ({ doc }) => seeds.find((key) => valueAt(doc, key) !== undefined) ?? null,

  facts: ({ doc }) => usualFacts(doc),
};

/** Beside the config first, then at the workspace's root: the program runs where it lies. */
export function programNear(file: ConfigFile): { folder: string; program: string } | null {
  for (const folder of new Set([folderOf(file.path), ""])) {
    const program = programs.find((name) => file.exists(joined(folder, name)));
    if (program) return { folder, program };
  }
  return null;
}

function howToName(path: string): string {
  const recipe = `recipes: [{id: my-run, match: {files: ["**/${nameOf(path)}"]}, command: [python, my_program.py, --config, "{config}"]}]`;
  return `no ${programs.join(", ")} lies beside it or at the workspace's root; name its program in .runside/recipes.yaml, like ${recipe}`;
}

function hasRate(doc: unknown): boolean {
  const open: { value: unknown; depth: number }[] = [{ value: doc, depth: 0 }];
  for (let seen = 0; seen < 2000; seen++) {
    const at = open.pop();
    if (!at) return false;
    if (typeof at.value !== "object" || at.value === null || at.depth > 6) continue;
    for (const [key, value] of Object.entries(at.value)) {
      if (rates.has(key)) return true;
      open.push({ value, depth: at.depth + 1 });
    }
  }
  return false;
}
