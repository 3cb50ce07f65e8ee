// What the editor is told about .runside/recipes.yaml while somebody writes it.
import { describe, expect, it } from "vitest";
import { recipeCompletions, recipeDiagnostics } from "../../../src/launch/recipeDiagnostics";

/** Completions where `|` stands. */
function at(text: string): string[] {
  const before = text.slice(0, text.indexOf("|"));
  const line = before.split("\n").length - 1;
  return recipeCompletions(text.replace("|", ""), line, before.length - before.lastIndexOf("\n") - 1).map(
    ({ label }) => label,
  );
}

describe("problems", () => {
  it("stand where the editor counts from zero", () => {
    const text = "recipes:\n  - id: a\n    comand: [x]\n    match: {keys: [a]}\n    command: [x]\n";
    expect(recipeDiagnostics(text)).toEqual([
      { severity: "error", line: 2, column: 4, endColumn: 10, message: '"comand" is not known here' },
    ]);
    expect(recipeDiagnostics("recipes: [{\n")[0]?.line).toBeLessThanOrEqual(1);
    expect(recipeDiagnostics("")).toEqual([]);
  });

  it("are as many as there are unknown keys", () => {
    const text = "recipes:\n  - {id: a, one: 1, two: 2, match: {keys: [a]}, command: [x]}\n";
    expect(recipeDiagnostics(text).map(({ column }) => text.split("\n")[1]?.slice(column, column + 3))).toEqual([
      "one",
      "two",
    ]);
  });
});

describe("completions", () => {
  it("offer the keys of the place, without those that are there", () => {
    expect(at("|")).toEqual(["recipes"]);
    expect(at("recipes:\n  - |")).toContain("id");
    expect(at("recipes:\n  - id: a\n    |\n")).toEqual(expect.arrayContaining(["match", "command", "seed"]));
    expect(at("recipes:\n  - id: a\n    |\n")).not.toContain("id");
    expect(at("recipes:\n  - id: a\n    |\n    seed: x\n")).not.toContain("seed");
    expect(at("recipes:\n  - id: a\n    match:\n      |")).toEqual(["files", "keys", "values"]);
    expect(at("recipes:\n  - id: a\n    match:\n      files: [x]\n      ke|")).toEqual(["keys", "values"]);
    expect(at("recipes:\n  - id: a\n    progress:\n      |")).toEqual(["pattern", "total"]);
    expect(at("recipes:\n  - id: a\n    seed: x\n  - |")).toEqual(expect.arrayContaining(["id", "seed"]));
    expect(at("recipes:\n  - id: a\n    seed: x\n  - id: b\n    |")).toContain("seed");
  });

  it("offer placeholders in arguments, and nothing in values and comments", () => {
    expect(at('recipes:\n  - id: a\n    command: [x, "{co|"]')).toContain("{config}");
    expect(at("recipes:\n  - id: a\n    command:\n      - x\n      - '{|'")).toContain("{out}");
    expect(at("recipes:\n  - id: a\n    commands:\n      - [x, '{|']")).toContain("{seed}");
    expect(at("recipes:\n  - id: {|")).toEqual([]);
    expect(at("recipes:\n  - id: ab|")).toEqual([]);
    expect(at("# re|")).toEqual([]);
    expect(at("recipes:\n  - id: a\n    env:\n      |")).toEqual([]);
  });

  it("replace what was typed, and close a brace once", () => {
    expect(recipeCompletions("rec", 0, 3)[0]).toMatchObject({ from: 0, insert: "recipes:\n  - " });
    const line = "    command: [x, '{co}']";
    const open = recipeCompletions(`recipes:\n  - id: a\n${line}`, 2, line.indexOf("}"));
    expect(open[0]).toMatchObject({ label: "{config}", insert: "config", from: line.indexOf("{") + 1 });
  });
});
