// What holds for every recipe: total on any YAML, a plan or a reason with its file, facts that say where they stand, edits that keep comments.
import { describe, expect, it } from "vitest";
import { isError } from "../../../core/base/errors";
import { launchSpecSchema } from "../../../core/model/run";
import { valueAt } from "../../../core/recipes/configText";
import { prepareLaunch, readConfig, specOf } from "../../../core/recipes/launch";
import { builtinRecipes, matchRecipes } from "../../../core/recipes/registry";
import { seeded } from "../random";
import { examples } from "./examples";

const binding = { id: "20261120-235959-a-k3f9", place: { folder: "/w" }, git: null } as const;

/** Whether it is one of the errors that say what is wrong with a config; anything else is thrown on. */
function refused(run: () => unknown): string | null {
  try {
    run();
    return null;
  } catch (error) {
    if (isError(error, "run/bad-config") || isError(error, "run/launch-failed")) return error.message;
    throw error;
  }
}

/** Values that no recipe asked for. */
const odd = [
  "",
  "null",
  "[]",
  "{}",
  "[1, {a: 2}]",
  "-1",
  ".nan",
  ".inf",
  "1e400",
  "'{out}'",
  "{config}",
  "true",
  '"\\0"',
  "&a [*a]",
  "!!set {x}",
  "2026-11-20",
  "0o17",
  "'  '",
];

describe.each(builtinRecipes.map((recipe) => [recipe.id, recipe] as const))("%s", (id, recipe) => {
  const { path, text, files } = examples[id] ?? { path: "", text: "", files: [] };
  const exists = (at: string): boolean => files.includes(at);

  it("has an example that it alone is surest of, and that makes a launch which the protocol accepts", () => {
    expect(matchRecipes(readConfig(path, text, exists))[0]?.recipe.id).toBe(id);
    const prepared = prepareLaunch({ path, text, exists });
    const spec = specOf(prepared, binding);
    expect(launchSpecSchema.parse(JSON.parse(JSON.stringify(spec)))).toEqual(spec);
    for (const pattern of [prepared.plan.progress.pattern, prepared.plan.outputFromLog])
      if (pattern !== null) expect(() => new RegExp(pattern)).not.toThrow();
  });

  it("finds its facts under the keys that it names", () => {
    const { doc } = readConfig(path, text, exists);
    const facts = Object.values(recipe.facts?.(readConfig(path, text, exists)) ?? {});
    expect(facts.length).toBeGreaterThan(1);
    for (const { key, value } of facts) {
      if (key === null) continue;
      const written = valueAt(doc, key);
      if (typeof written === "object") expect(JSON.stringify(written)).toContain(String(value).split(", ")[0]);
      else expect(Number.isNaN(Number(written)) ? written : Number(written)).toBe(value);
    }
  });

  it("runs with another seed, or says why it cannot", () => {
    const why = refused(() => {
      const { plan, text: edited } = prepareLaunch({ path, text, exists, seed: 77 });
      expect(plan.seed).toBe(77);
      // The seed reaches the program: in the command, in its environment or in the copy of the config.
      const words = [...plan.commands.flat(), ...Object.values(plan.env)].join(" ");
      expect(words.includes("{seed}") || words.includes("77") || edited.includes("77")).toBe(true);
    });
    if (why !== null) expect(why).toContain("seed");
  });

  it("keeps every comment and every other byte where one value is set", () => {
    const commented = `# head\n${text.replace(/\n/g, " # why\n")}# tail\n`;
    const { doc } = readConfig(path, commented, exists);
    const facts = Object.values(recipe.facts?.(readConfig(path, commented, exists)) ?? {});
    for (const { key } of facts) {
      if (key === null || typeof valueAt(doc, key) === "object") continue;
      const { text: edited } = prepareLaunch({
        path,
        text: commented,
        exists,
        set: [{ key, value: 5e-6 }],
        recipe: id,
      });
      expect(edited).toContain("5.0e-06");
      const [before, after] = [commented, edited].map((each) => each.split("\n"));
      expect(after?.length).toBe(before?.length);
      expect(after?.filter((line, i) => line !== before?.[i])).toHaveLength(1);
      expect(edited.match(/#/g)?.length).toBe(commented.match(/#/g)?.length);
    }
  });

  it("never throws on any YAML: a plan, or a reason that names the file", () => {
    const random = seeded(17);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
    const lines = text.split("\n");
    for (let round = 0; round < 400; round++) {
      const changed = [...lines];
      for (let n = 0; n <= round / 150; n++) {
        const at = Math.floor(random() * changed.length);
        const line = changed[at] ?? "";
        const colon = line.indexOf(":");
        if (random() < 0.7 && colon > 0) changed[at] = `${line.slice(0, colon)}: ${pick(odd)}`;
        else if (random() < 0.5) changed.splice(at, 1);
        else
          changed[at] =
            line.slice(0, Math.floor(random() * line.length)) + pick(["\t", ":", "- ", "{", "\u0000", "\ufeff", "*x"]);
      }
      const damaged = changed.join("\n");
      const there = (at: string): boolean => random() < 0.5 || exists(at);
      const why = refused(() => {
        const file = readConfig(path, damaged, there);
        const confidence = recipe.match(file);
        expect(confidence >= 0 && confidence <= 1).toBe(true);
        recipe.seedKey?.(file);
        for (const { value } of Object.values(recipe.facts?.(file) ?? {}))
          expect(typeof value === "number" ? Number.isFinite(value) : value !== "").toBe(true);
        const spec = specOf(prepareLaunch({ path, text: damaged, exists: there, recipe: id }), binding);
        expect(launchSpecSchema.safeParse(JSON.parse(JSON.stringify(spec))).success).toBe(true);
      });
      if (why !== null) expect(why).toMatch(/^\S+ |^The recipe /);
    }
  });
});
