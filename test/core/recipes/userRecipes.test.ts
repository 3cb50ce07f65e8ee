// .runside/recipes.yaml: recipes that win over the built-in ones, and every mistake at its place.
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fromJSONSchema } from "zod";
import { matchesGlob } from "../../../core/recipes/glob";
import { prepareLaunch, readConfig } from "../../../core/recipes/launch";
import { matchRecipes } from "../../../core/recipes/registry";
import { parseUserRecipes, type UserRecipes } from "../../../core/recipes/userRecipes";
import { recipesJsonSchema, userRecipesSchema } from "../../../core/recipes/userSchema";

const full = `recipes:
  - id: mine
    title: My trainer
    match:
      files: ["configs/**/*.yaml"]
      keys: [run.name, optim.lr]
      values: {kind: grpo}
    command: [torchrun, train.py, "--config={config}", --out, "{out}", --lr, "{config:optim.lr}", '{"json": 1}']
    cwd: trainer
    env: {WANDB_MODE: offline, NAME: "{config:run.name}"}
    progress: {pattern: 'iter (?<step>\\d+)', total: optim.steps}
    outputFromLog: 'saving to (?<path>.+)'
    watch: [runs]
    expects: ["*.json"]
    inputs: [data/*.bin]
    seed: run.seed
`;
const config = "kind: grpo\nrun: {name: it, seed: 4}\noptim: {lr: 0.1, steps: 50}\ntraining: {}\n";

const parsed = (text: string): UserRecipes => parseUserRecipes(text);
const places = (text: string): string[] =>
  parsed(text).problems.map((p) => `${String(p.line)}:${String(p.column)} ${p.message}`);

describe("user recipes", () => {
  it("plans what it says", () => {
    const { recipes, problems } = parsed(full);
    expect(problems).toEqual([]);
    const file = readConfig("configs/a/b.yaml", config, () => false);
    expect(matchRecipes(file, recipes).map(({ recipe }) => recipe.id)).toEqual(["mine", "python"]);
    const request = { path: file.path, text: config, exists: () => false, userRecipes: recipes };
    const { plan, text } = prepareLaunch({ ...request, seed: 9 });
    expect(plan).toEqual({
      commands: [["torchrun", "train.py", "--config={config}", "--out", "{out}", "--lr", "0.1", '{"json": 1}']],
      cwd: "trainer",
      env: { WANDB_MODE: "offline", NAME: "it" },
      progress: { pattern: "iter (?<step>\\d+)", total: 50 },
      outputFromLog: "saving to (?<path>.+)",
      alsoWatch: ["runs"],
      expects: ["*.json"],
      inputs: ["data/*.bin"],
      seed: 9,
      note: null,
    });
    expect(text).toBe(config.replace("seed: 4", "seed: 9"));
  });

  it("matches only where everything fits", () => {
    const { recipes } = parsed(full);
    const ids = (path: string, text: string): string[] =>
      matchRecipes(
        readConfig(path, text, () => false),
        recipes,
      ).map(({ recipe }) => recipe.id);
    expect(ids("other/b.yaml", config)).toEqual(["python"]);
    expect(ids("configs/b.yaml", config.replace("grpo", "sft"))).toEqual(["python"]);
    expect(ids("configs/b.yaml", "kind: grpo\n")).toEqual([]);
  });

  it("replaces a built-in by its id", () => {
    const { recipes } = parsed("recipes: [{id: python, match: {keys: [training]}, command: [x]}]");
    expect(
      matchRecipes(
        readConfig("a.yaml", "training: {}", () => false),
        recipes,
      ),
    ).toHaveLength(1);
  });

  it("says what a config lacks, with its line", () => {
    const { recipes } = parsed("recipes: [{id: a, match: {keys: [run]}, command: [x, '{config:run.lr}']}]");
    const plan = (text: string): unknown =>
      prepareLaunch({ path: "c.yaml", text, exists: () => true, userRecipes: recipes });
    expect(() => plan("z: 1\nrun: {}\n")).toThrow(/^c\.yaml:2 .*\{config:run\.lr\}, which is not there/);
    expect(() => plan("run: {lr: '{out}'}\n")).toThrow(/cannot become an argument/);
    const { recipes: seeded } = parsed("recipes: [{id: a, match: {keys: [run]}, command: [x, '{seed}']}]");
    expect(() => prepareLaunch({ path: "c.yaml", text: "run: 1", exists: () => true, userRecipes: seeded })).toThrow(
      /needs a seed/,
    );
  });

  it("points at each mistake and keeps the good entries", () => {
    const text = `recipes:
  - id: ok
    match: {files: ["*"]}
    command: [x]
  - id: Bad Id
    match: {files: ["*"]}
    comand: [x]
  - id: two
    match: {}
    cwd: ../up
    progress: {pattern: "(no"}
    command: ["python train.py", "{cofnig}"]
  - match: {files: "x"}
    command: [x, 1]
  - id: ok
    match: {keys: ["a b"]}
    command: []
  - id: ok
    match: {keys: [a]}
    command: [x]
    outputFromLog: abc
`;
    expect(parsed(text).recipes.map(({ id }) => id)).toEqual(["ok"]);
    expect(places(text)).toMatchInlineSnapshot(`
      [
        "5:9 "id" is not made of a-z, 0-9, - and _",
        "7:5 "comand" is not known here",
        "9:5 "match" needs files, keys or values: an empty one fits nothing",
        "10:10 cwd leaves the workspace",
        "11:25 is no regular expression: /(no/: Unterminated group",
        "12:15 "python train.py" is taken as the name of one program; give each argument its own entry",
        "12:34 {cofnig} is no placeholder and stays as it is; there are {config}, {out}, {node}, {seed}, {workspace} and {config:a.b}",
        "13:5 "id" is missing",
        "13:20 "files" must be a list",
        "14:18 entry 2 of "command" must be a text",
        "16:20 entry 1 of "keys" is no key path like run.seed",
        "17:14 "command" has no program",
        "18:9 "ok" is the id of a recipe above",
        "21:20 the pattern needs a named group (?<path>...)",
      ]
    `);
  });

  it("says where the file itself is broken", () => {
    expect(parsed("recipes:\n  - id: [a\n").problems[0]).toMatchObject({ severity: "error", column: 1 });
    expect(places("- a\n")[0]).toContain("must be a mapping");
    expect(places("recipes: 3\n")).toEqual(['1:10 "recipes" must be a list']);
    expect(places("other: 3\n")).toHaveLength(2);
    expect(parsed("")).toEqual({ recipes: [], problems: [] });
    expect(parsed("# nothing yet\n")).toEqual({ recipes: [], problems: [] });
  });
});

describe("the JSON schema that ships", () => {
  const path = new URL("../../../media/schemas/recipes.schema.json", import.meta.url);
  const generated = `${JSON.stringify(recipesJsonSchema(), null, 2)}\n`;

  it("is the one that zod checks with", () => {
    if (process.env["UPDATE_GOLDEN"]) writeFileSync(path, generated);
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual(JSON.parse(generated));
  });

  it("agrees with zod on good and bad files", () => {
    const shipped = fromJSONSchema(JSON.parse(readFileSync(path, "utf8")) as Parameters<typeof fromJSONSchema>[0]);
    const entry = { id: "a", match: { keys: ["x"] }, command: ["x"] };
    const bad = [{ id: "A B" }, { id: undefined }, { extra: 1 }, { command: [] }, { command: [1] }, { command: "x" }];
    const worse = [
      { match: { files: "x" } },
      { match: undefined },
      { env: { A: 1 } },
      { progress: { total: 1 } },
      { seed: "a b" },
    ];
    const cases = [{ title: "t" }, { progress: { pattern: "x", total: "a.b" } }, { env: { A: "1" } }, ...bad, ...worse];
    const verdicts = cases.map((change) => {
      const file = { recipes: [JSON.parse(JSON.stringify({ ...entry, ...change })) as unknown] };
      const ours = userRecipesSchema.safeParse(file).success;
      expect([change, shipped.safeParse(file).success]).toEqual([change, ours]);
      return ours;
    });
    expect(verdicts.filter(Boolean)).toHaveLength(3);
  });

  it("describes every field", () => {
    expect(generated).not.toContain('"description": ""');
    expect(generated).toContain("Nothing passes through a shell");
  });
});

describe("matchesGlob", () => {
  it.each([
    ["*.yaml", "a.yaml", true],
    ["*.yaml", "x/a.yaml", false],
    ["**/*.yaml", "a.yaml", true],
    ["**/*.yaml", "x/y/a.yaml", true],
    ["configs/**", "configs/a/b", true],
    ["configs/**", "configs", false],
    ["a/**/b", "a/b", true],
    ["a/**/b", "a/x/y/b", true],
    ["a/**/b", "axb", false],
    ["{sft,grpo}-?.y{a,}ml", "grpo-1.yml", true],
    ["{sft,grpo}-?.y{a,}ml", "dpo-1.yml", false],
    ["a+(b).[x]", "a+(b).[x]", true],
    ["a.yaml", "abyaml", false],
    ["{open", "{open", true],
    ["ü*", "über", true],
  ])("%s on %s: %s", (glob, path, yes) => {
    expect(matchesGlob(glob, path)).toBe(yes);
  });
});
