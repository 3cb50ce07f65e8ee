// What a config names and the upload leaves out, on real repositories with a real .gitignore.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { buildLaunch } from "../../../src/launch/buildSpec";
import { includeOf, leftOut } from "../../../src/launch/leftOut";
import { listWorkspaceFiles } from "../../../src/launch/workspaceFiles";
import { tempFolder } from "../../support/tempFolder";

const recipes = `recipes:
  - id: own
    match: { files: ["**/*.yaml", "*.json"] }
    command: ["python", "train.py", "--config", "{config}", "--eval=eval/set.jsonl", "{out}"]
`;

function workspace(config: string, name = "configs/a.yaml"): string {
  const folder = tempFolder("work");
  const put = (path: string, text = "x"): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  put(".gitignore", "data/\noutputs/\n*.parquet\neval/*.jsonl\ntrain/\n");
  put(".runside/recipes.yaml", recipes);
  put("train.py");
  put("data/train.jsonl", "x".repeat(2000));
  put("data/images/1.png");
  put("data/images/2.png");
  put("eval/set.jsonl", "y".repeat(10));
  put("eval/README.md");
  put("outputs/model/weights");
  put("train/x");
  put("configs/near.parquet");
  put(name, config);
  execFileSync("git", ["init", "-q"], { cwd: folder });
  return folder;
}

const found = async (folder: string, include: string[] = [], name = "configs/a.yaml") =>
  (await leftOut(folder, await buildLaunch(folder, name), { include })).map(({ path, files }) => `${path}: ${files}`);

describe("paths that a config names and the upload leaves out", () => {
  it("are listed with their size, from values of any key, lists and the command", async () => {
    const folder = workspace(
      `train_file: data/train.jsonl\nnested:\n  images: [./data/images, near.parquet]\nadapter: outputs/model\n`,
    );
    expect((await found(folder)).sort()).toEqual([
      "configs/near.parquet: 1",
      "data/images: 2",
      "data/train.jsonl: 1",
      "eval/set.jsonl: 1",
      "outputs/model: 1",
    ]);
    const [largest] = await leftOut(folder, await buildLaunch(folder, "configs/a.yaml"));
    expect(largest).toMatchObject({ path: "data/train.jsonl", bytes: 2000, key: "train_file" });
  });

  it("are not: what is sent, what the run writes, words, addresses, and what is on the box", async () => {
    const folder = workspace(
      [
        "script: train.py",
        "output_dir: outputs/model",
        "logging_dir: ./outputs",
        "split: train",
        "dataset: someone/dataset",
        "model: /data/models/base",
        "home: ~/data",
        "url: s3://data/train.jsonl",
        "up: ../../data",
        "all: .",
      ].join("\n"),
    );
    expect(await found(folder)).toEqual(["eval/set.jsonl: 1"]);
    expect(await found(folder, ["eval/**"])).toEqual([]);
  });

  it("are found in JSON and as patterns, and travel once they are included", async () => {
    const config = JSON.stringify({ files: "data/*.jsonl", resume_from_checkpoint: "outputs/model" });
    const folder = workspace(config, "a.json");
    const missing = await leftOut(folder, await buildLaunch(folder, "a.json"));
    expect(missing.map(({ path }) => path).sort()).toEqual(["data/*.jsonl", "eval/set.jsonl", "outputs/model"]);
    const { files } = await listWorkspaceFiles(folder, { include: missing.map(includeOf) });
    expect(files.map((file) => file.path)).toEqual(
      expect.arrayContaining(["data/train.jsonl", "eval/set.jsonl", "outputs/model/weights"]),
    );
    expect(await found(folder, missing.map(includeOf), "a.json")).toEqual([]);
  });
});
