// How many GPUs a run asks for: by what its config, its recipe, its command and the command line say, in this order of the last word.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import type { GpuRequest } from "../../../core/model/gpu";
import { runside } from "../../support/builtAgent";
import { h100, h100s, recordedTools } from "../../support/gpuTools";
import { endRuns, statusOf } from "../../support/runsOfAgent";
import { atEnd, tempFolder } from "../../support/tempFolder";

function workspace(config: string, command: readonly string[], more: Record<string, unknown> = {}): string {
  const work = tempFolder("work");
  const files = {
    "pears.yaml": config,
    ".runside/recipes.yaml": JSON.stringify({
      recipes: [{ id: "pears", match: { files: ["pears.yaml"] }, command, ...more }],
    }),
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(work, path)), { recursive: true });
    writeFileSync(join(work, path), text);
  }
  return work;
}

async function asked(work: string, ...more: string[]): Promise<GpuRequest | null> {
  const { out } = await runside(tempFolder("home"), ["run", "pears.yaml", "--dry-run", "--json", ...more], "", work);
  return (JSON.parse(out) as { gpus: GpuRequest | null }).gpus;
}

describe("what a run asks for", () => {
  it.each<[string, string[], GpuRequest | null]>([
    ["lr: 0.1\n", ["train"], null],
    ["trainer: { n_gpus_per_node: 4 }\n", ["train"], { count: 4 }],
    ["n_gpus: 0\n", ["train"], "none"],
    // No count of anything that could be handed out: whoever launches decides.
    ["gpus: all\n", ["train"], null],
    ["gpus: -1\n", ["train"], null],
    ["num_gpus: 1.5\n", ["train"], null],
    ["lr: 0.1\n", ["torchrun", "--nproc_per_node=2", "a.py"], { count: 2 }],
    ["lr: 0.1\n", ["torchrun", "--nproc-per-node", "8", "a.py"], { count: 8 }],
    ["lr: 0.1\n", ["torchrun", "--nproc_per_node=gpu", "a.py"], null],
    ["lr: 0.1\n", ["accelerate", "launch", "--num_processes", "3", "a.py"], { count: 3 }],
    ["lr: 0.1\n", ["train", "--num_processes"], null],
    // The config's own word comes before the command's.
    ["num_gpus: 2\n", ["torchrun", "--nproc_per_node=4", "a.py"], { count: 2 }],
  ])("by %j and %j is %j", async (config, command, expected) => {
    expect(await asked(workspace(config, command))).toEqual(expected);
  });

  it("is the recipe's word before the config's, and the command line's before both", async () => {
    const config = "num_gpus: 2\nwanted: 3\n";
    expect(await asked(workspace(config, ["train"], { gpus: "wanted" }))).toEqual({ count: 3 });
    expect(await asked(workspace(config, ["train"], { gpus: "none" }))).toBe("none");
    const work = workspace(config, ["train"], { gpus: 4 });
    expect(await asked(work)).toEqual({ count: 4 });
    expect(await asked(work, "--gpus", "1")).toEqual({ count: 1 });
    expect(await asked(work, "--gpus", "0")).toBe("none");
    expect(await asked(work, "--gpus", "0,GPU-a7f3")).toEqual({ ids: ["0", "GPU-a7f3"] });
    const { out } = await runside(tempFolder("home"), ["run", "pears.yaml", "--dry-run", "--gpus", "1,2"], "", work);
    expect(out).toMatch(/^GPUs +GPU 1, GPU 2$/m);
  });

  it("is refused where it is no request, before anything is written", async () => {
    const work = workspace("lr: 0.1\n", ["true"]);
    for (const wrong of ["two", "-1", "1;2", "GPU", "2000", "0,,"]) {
      const home = tempFolder("home");
      const { code, err } = await runside(home, ["run", "pears.yaml", `--gpus=${wrong}`], "", work);
      expect([wrong, code, existsSync(join(home, "runs"))]).toEqual([wrong, 2, false]);
      expect(err).toContain("--gpus takes a number, names");
    }
  });
});

describe("a run from the command line", () => {
  const tell = ["sh", "-c", 'echo "${CUDA_VISIBLE_DEVICES-all}" >>seen'];

  async function given(count: number, ...more: string[]): Promise<{ seen: string; gpus: unknown; err: string }> {
    recordedTools({ "nvidia-smi": h100s(count) });
    const home = tempFolder("home");
    const work = workspace("lr: 0.1\n", tell);
    atEnd(() => endRuns(home));
    const { out, err, code } = await runside(home, ["run", "pears.yaml", "--wait", ...more], "", work);
    expect(code).toBe(0);
    return { seen: readFileSync(join(work, "seen"), "utf8").trim(), gpus: statusOf(home, out.trim()).gpus, err };
  }

  it("is given those that it names, in its environment and on its record, and none is said as none", async () => {
    const uuids = [h100(2), h100(0)];
    const named = await given(3, "--gpus", `2,${h100(0)}`);
    expect([named.seen, named.gpus]).toEqual([uuids.join(","), uuids]);
    const none = await given(3, "--gpus", "none");
    expect([none.seen, none.gpus]).toEqual(["all", []]);
  });

  it("takes a box's only GPU unasked, and of several none, with a word on how to ask", async () => {
    expect((await given(1)).seen).toBe(h100(0));
    const several = await given(2);
    expect(several.seen).toBe("all");
    expect(several.err).toContain("--gpus N takes its turn");
  });

  it("that asks for what the box never has fails with the reason", async () => {
    recordedTools({ "nvidia-smi": h100s(1) });
    const home = tempFolder("home");
    atEnd(() => endRuns(home));
    const work = workspace("lr: 0.1\n", tell);
    const { code, err } = await runside(home, ["run", "pears.yaml", "--gpus", "2"], "", work);
    expect(code).toBe(1);
    expect(err).toContain("asks for 2 GPUs and this box has one GPU");
  });
});
