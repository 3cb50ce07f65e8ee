// Which reader claims which file of the shared fixtures, where their folder lies beside the project: exactly one, or none.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readers } from "../../../core/trace/registry";
import { sampleOf } from "./collect";

const root = join(import.meta.dirname, "../../../../shared/fixtures");
const isThere = existsSync(root);
if (!isThere) console.warn(`skipped: ${root} is not there, so the readers' claims were not tried on real files`);

const mine = /^(csv|hf|lm-eval|rollout-rows|swift|tensorboard|trl|verl|wandb)/;

describe.skipIf(!isThere)("files of the shared fixtures", () => {
  const files = isThere
    ? readdirSync(root, { recursive: true, encoding: "utf8" }).filter((path) => statSync(join(root, path)).isFile())
    : [];

  it.each(files)("%s has at most one reader", (path) => {
    const sample = sampleOf(path, readFileSync(join(root, path)));
    const claims = readers.filter((reader) => reader.detect(sample) > 0.2).map((reader) => reader.id);
    expect(claims.filter((id) => id !== "plain-jsonl").length).toBeLessThan(2);
  });

  it("of general trainers are the harness' results alone", () => {
    const claimed = files.flatMap((path) => {
      const sample = sampleOf(path, readFileSync(join(root, path)));
      return readers.filter((r) => mine.test(r.id) && r.detect(sample) > 0.2).map((r) => `${path}: ${r.id}`);
    });
    expect(claimed.sort()).toEqual([
      "rlvr/base_0shot.json: lm-eval-results",
      "rlvr/exp1_0shot.json: lm-eval-results",
      "rlvr/exp1_4shot.json: lm-eval-results",
      "rlvr/exp1_8shot.json: lm-eval-results",
    ]);
  });
});
