// Which checkpoints a folder holds: by step, whatever their names sort like, adapters with the model they are laid over.
import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
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

const stateOf = (last: number, of: (step: number) => number): string =>
  JSON.stringify({
    global_step: last,
    log_history: Array.from({ length: last / 10 }, (_, i) => ({ step: 10 * (i + 1), loss: of(10 * (i + 1)) })),
  });

async function lossesIn(folder: string): Promise<{ curves: string[]; notes: string[] }> {
  const { out } = await runside(tempFolder("home"), ["inspect", folder, "--json"]);
  const { series, diagnostics } = JSON.parse(out) as {
    series: { name: string; source: string; count: number }[];
    diagnostics: { code: string; path: string }[];
  };
  return {
    curves: series
      .filter(({ name }) => name === "loss")
      .map(({ source, count }) => `${source} ${String(count)}`)
      .sort(),
    notes: diagnostics.map(({ code, path }) => `${path} ${code}`),
  };
}

describe("what checkpoints say of their run", () => {
  it("a run's folder that is called final keeps its logs, and each run its own", async () => {
    const folder = folderOf(
      Object.fromEntries(
        ["a_final", "b_final"].flatMap((run, at) => [
          [`${run}/adapter_config.json`, adapter],
          [`${run}/adapter_model.safetensors`, ""],
          [`${run}/trainer_state.json`, stateOf(20, (step) => at + 1 / step)],
          [`${run}/metrics.jsonl`, '{"step": 1, "reward": 0}\n{"step": 2, "reward": 1}\n'],
        ]),
      ),
    );
    const { index } = await readAtOnce(folder, tempFolder("home"));
    expect(index.checkpoints.map(({ path }) => path)).toEqual(["a_final", "b_final"]);
    expect(index.sources.map(({ path }) => path).sort()).toEqual([
      ...["a_final/metrics.jsonl", "a_final/trainer_state.json", "b_final/metrics.jsonl", "b_final/trainer_state.json"],
    ]);
    expect((await lossesIn(folder)).curves).toEqual(["a_final/trainer_state.json 2", "b_final/trainer_state.json 2"]);
  });

  it("two runs whose checkpoints lie in one folder are two", async () => {
    const folder = folderOf({
      "apple_step_10/model.safetensors": "",
      "apple_step_10/trainer_state.json": stateOf(10, (step) => step),
      "apple_step_20/model.safetensors": "",
      "apple_step_20/trainer_state.json": stateOf(20, (step) => step),
      "pear_step_20/model.safetensors": "",
      "pear_step_20/trainer_state.json": stateOf(20, (step) => 1 / step),
      "pear_final/model.safetensors": "",
      "pear_final/trainer_state.json": stateOf(30, (step) => 1 / step),
    });
    expect(await lossesIn(folder)).toEqual({
      curves: ["apple_step_20/trainer_state.json 2", "pear_final/trainer_state.json 3"],
      notes: [],
    });
  });

  it("a higher step of long ago does not hide the run that writes now, and is named", async () => {
    const folder = folderOf({
      "checkpoint-500/model.safetensors": "",
      "checkpoint-500/trainer_state.json": stateOf(500, (step) => 5 + 1 / step),
      "checkpoint-90/model.safetensors": "",
      "checkpoint-90/trainer_state.json": stateOf(90, (step) => 1 / step),
      "checkpoint-100/model.safetensors": "",
      "checkpoint-100/trainer_state.json": stateOf(100, (step) => 1 / step),
    });
    const at = (name: string, seconds: number): void =>
      utimesSync(join(folder, name, "trainer_state.json"), seconds, seconds);
    at("checkpoint-500", 1_600_000_000);
    at("checkpoint-90", 1_700_000_000);
    at("checkpoint-100", 1_700_000_000);
    expect(await lossesIn(folder)).toEqual({
      curves: ["checkpoint-100/trainer_state.json 10", "checkpoint-500/trainer_state.json 50"],
      notes: ["checkpoint-500/trainer_state.json older-checkpoint"],
    });
    // A copy's times follow no order, and one run is one curve whichever was written last.
    writeFileSync(
      join(folder, "checkpoint-500/trainer_state.json"),
      stateOf(500, (step) => 1 / step),
    );
    at("checkpoint-500", 1_699_999_990);
    expect(await lossesIn(folder)).toEqual({ curves: ["checkpoint-500/trainer_state.json 50"], notes: [] });
  });
});
