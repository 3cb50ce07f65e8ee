// Which checkpoints a folder holds: by step, whatever their names sort like, adapters with the model they are laid over.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { builtAgent, runside } from "../support/builtAgent";
import { tempFolder } from "../support/tempFolder";
import { readAtOnce } from "./shown";

beforeAll(() => builtAgent(), 60_000);

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = join(tempFolder("checkpoints"), "run");
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

const adapter = JSON.stringify({ peft_type: "LORA", r: 16, base_model_name_or_path: "orchard/pear-1b" });

describe("checkpoints", () => {
  it("of PEFT: by step, with their base model; a damaged config costs its base alone", async () => {
    const folder = folderOf({
      "checkpoint-100/adapter_config.json": adapter,
      "checkpoint-100/adapter_model.safetensors": "",
      "checkpoint-20/adapter_config.json": adapter,
      "checkpoint-20/adapter_model.safetensors": "",
      "checkpoint-3/adapter_config.json": adapter.slice(0, 30),
      "checkpoint-3/adapter_model.safetensors": "",
      "final/model.safetensors": "",
    });
    const { index } = await readAtOnce(folder, tempFolder("home"));
    expect(index.checkpoints).toEqual([
      { path: "checkpoint-3", name: "checkpoint-3", step: 3 },
      { path: "checkpoint-20", name: "checkpoint-20", step: 20, base: "orchard/pear-1b" },
      { path: "checkpoint-100", name: "checkpoint-100", step: 100, base: "orchard/pear-1b" },
      { path: "final", name: "final", step: null },
    ]);
    const { out } = await runside(tempFolder("home"), ["inspect", folder]);
    expect(out).toMatch(/^checkpoint checkpoint-20 \(step 20\), adapter of orchard\/pear-1b$/m);
  });

  it("whose weights lie a folder further in have the step of the folder above", async () => {
    const folder = folderOf({
      "checkpoints/step_10/weight/model.safetensors": "",
      "checkpoints/step_10/trainer/state.pt": "",
      "checkpoints/global_step_5/actor/model.pt": "",
    });
    const { index } = await readAtOnce(folder, tempFolder("home"));
    expect(index.checkpoints.map(({ path, step }) => [path, step])).toEqual([
      ["checkpoints/global_step_5/actor", 5],
      ["checkpoints/step_10/trainer", 10],
      ["checkpoints/step_10/weight", 10],
    ]);
  });
});
