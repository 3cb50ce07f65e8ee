// From a config on disk to a launch: nothing is launched from a bad one, and what is launched is what was shown.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { launchSpecSchema } from "../../../core/model/run";
import { buildLaunch, readUserRecipes } from "../../../src/launch/buildSpec";

let root = "";
const put = (file: string, text: string): void => {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), text);
};
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "runside-spec-"));
  put("train.py", "");
  put("conf/a.yaml", "training: {lr: 1.0e-4, seed: 3}\n");
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const binding = { id: "20261120-235959-a-k3f9", place: { snapshot: "0".repeat(64) } };

it("reads, plans and binds", async () => {
  const launch = await buildLaunch(root, path.join(root, "conf", "a.yaml"), {
    seed: 8,
    set: [{ key: "training.lr", value: 1e-6 }],
  });
  const spec = launch.spec({ ...binding, secrets: { TOKEN: "x" } });
  expect(launchSpecSchema.parse(spec)).toEqual(spec);
  expect(spec).toMatchObject({
    recipe: "python",
    cwd: "",
    seed: 8,
    git: null,
    config: { path: "conf/a.yaml", text: "training: {lr: 1.0e-06, seed: 8}\n" },
  });
  expect(launch.edited).toBe(true);
});

it("lets the workspace's recipe win, and stops where recipes.yaml is broken", async () => {
  put(".runside/recipes.yaml", "recipes: [{id: own, match: {files: [conf/*]}, command: [x, '{config}']}]");
  expect((await buildLaunch(root, "conf/a.yaml")).recipe.id).toBe("own");
  put(".runside/recipes.yaml", "recipes:\n  - id: own\n    match: {files: [conf/*]}\n");
  await expect(buildLaunch(root, "conf/a.yaml")).rejects.toThrow(/recipes\.yaml:2.*exactly one of "command"/);
  expect((await buildLaunch(root, "conf/a.yaml", { recipe: "python" })).recipe.id).toBe("python");
  expect((await readUserRecipes(path.join(root, "conf"))).problems).toEqual([]);
});

it("refuses a config that is missing, outside, or no YAML", async () => {
  await expect(buildLaunch(root, "none.yaml")).rejects.toThrow(/cannot be read/);
  await expect(buildLaunch(root, "../x.yaml")).rejects.toThrow(/outside the workspace/);
  await expect(buildLaunch(root, "conf/a.yaml", { text: "a: [1\nb: 2" })).rejects.toThrow(
    /^conf\/a\.yaml:2 .*Nothing was launched/,
  );
});
