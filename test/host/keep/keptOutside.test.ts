// What a training writes outside its output folder, through a real agent: kept, opened from the copy alone, or left out with a reason.
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { keptFile } from "../../../core/model/kept";
import { applyRunDelta, emptyRunState, type RunState } from "../../../core/model/runState";
import { keeping } from "../../../core/protocol/keeping";
import { rollouts } from "../../../core/protocol/rollouts";
import { runs } from "../../../core/protocol/runs";
import type { Peer } from "../../../core/rpc/peer";
import { keepRun, type Kept } from "../../../src/keep/keepRun";
import { boxStore } from "../../../src/launch/boxStore";
import { sendSnapshot } from "../../../src/launch/sendSnapshot";
import { startAgent } from "../../support/agentProcess";
import { eventually } from "../../support/eventually";
import { inState, node, specOf, started } from "../../support/runsOfAgent";
import { tempFolder } from "../../support/tempFolder";

/** Names its folder, and writes curves and rollouts into it, a checkpoint, and curves into a declared folder. */
const trainer = (folder: string): string => `
const fs = require("node:fs"), path = require("node:path");
const at = (...parts) => { const p = path.join(...parts); fs.mkdirSync(path.dirname(p), { recursive: true }); return p; };
const row = (step, more) => JSON.stringify({ step, ...more }) + "\\n";
fs.appendFileSync(at(${JSON.stringify(folder)}, "metrics.jsonl"), row(1, { reward: 0.25 }) + row(2, { reward: 0.5 }));
const sample = (reward) => row(1, { prompt: "pears?", completion: "yes " + reward, reward, group_id: "p" });
fs.writeFileSync(at(${JSON.stringify(folder)}, "rollouts.jsonl"), sample(1) + sample(0));
fs.writeFileSync(at(${JSON.stringify(folder)}, "checkpoint-2", "model.safetensors"), "weights");
fs.writeFileSync(at("outputs", "sft", "loss.jsonl"), row(1, { loss: 2 }) + row(2, { loss: 1 }));
console.log("writing to " + ${JSON.stringify(folder)});
`;

async function stateOf(peer: Peer, target: string): Promise<RunState> {
  return eventually(async () => {
    const next = applyRunDelta(emptyRunState, await peer.request(runs.watch, { target }));
    if (next === "gap" || next.indexing) throw new Error("not read yet");
    return next;
  });
}

const curves = (state: RunState): unknown[] =>
  [...state.series].map(([id, { name, steps, values }]) => ({ id, name, steps, values }));

const prompts = async (peer: Peer, target: string): Promise<unknown> =>
  (await peer.request(rollouts.page, { target, offset: 0, limit: 10, sort: "oldest" })).rows;

function write(folder: string, path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

const everyFile = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();

describe("what a run writes outside its output folder", () => {
  it("is kept of a snapshot's run without the snapshot, and opens with the same curves and rollouts", async () => {
    const home = tempFolder("home");
    const { peer } = await startAgent(home);
    const workspace = tempFolder("workspace");
    write(workspace, "train.py", "code");
    write(workspace, "outputs/README.md", "not the run's");
    write(workspace, "outputs/old/metrics.jsonl", '{"step":1,"loss":9}\n');
    const { id: snapshot } = await sendSnapshot(workspace, boxStore(peer));
    const spec = specOf(workspace, [node(trainer("results/run-7"))], {
      place: { snapshot },
      outputFromLog: "^writing to (?<path>.+)$",
      alsoWatch: ["outputs"],
    });
    const { id } = await started(peer, home, spec);
    await inState(home, id, "succeeded");
    const shown = await eventually(async () => {
      const state = await stateOf(peer, id);
      if (!curves(state).some((each) => JSON.stringify(each).includes('"reward"'))) throw new Error("not named yet");
      return state;
    });
    const rows = await prompts(peer, id);
    expect(rows).toHaveLength(1);
    const folder = join(tempFolder("kept"), id);
    const keep = (checkpoints: string[]): Promise<Kept> =>
      keepRun({ peer, id, box: "pear", folder, checkpoints, secrets: [] });
    expect((await keep([])).skipped).toEqual([]);
    const outside = (): string[] => everyFile(folder).filter((path) => path.startsWith("outside/"));
    const logs = ["outside/2/metrics.jsonl", "outside/2/rollouts.jsonl"];
    expect(outside()).toEqual(["outside/1/sft/loss.jsonl", ...logs]);
    const weights = "outside/2/checkpoint-2/model.safetensors";
    await keep(["run-7/checkpoint-2"]);
    expect(outside()).toEqual(["outside/1/sft/loss.jsonl", weights, ...logs]);

    // From the copy alone, by an agent that has never seen the run.
    rmSync(join(home, "runs", id), { recursive: true });
    const other = await startAgent(tempFolder("home"));
    const copy = await stateOf(other.peer, folder);
    const ours = curves(shown).filter((each) => !JSON.stringify(each).includes("old/metrics"));
    expect(ours).toHaveLength(2);
    expect(curves(copy)).toEqual(ours);
    expect(copy.checkpoints.map(({ path }) => path)).toEqual(["run-7/checkpoint-2"]);
    expect(await prompts(other.peer, folder)).toEqual(rows);
  });

  it("of a run in place leaves other runs' results there, takes what the run went on with, and is continued", async () => {
    const home = tempFolder("home");
    const { peer } = await startAgent(home);
    const place = tempFolder("place");
    write(place, "outputs/another/metrics.jsonl", '{"step":1,"loss":9}\n');
    write(place, "outputs/sft/earlier.jsonl", '{"step":1,"loss":4}\n');
    write(place, "outputs/sft/train.py", "code");
    symlinkSync(tempFolder("data"), join(place, "outputs", "data"));
    const { id } = await started(
      peer,
      home,
      specOf(place, [node(trainer("outputs/run-7"))], { alsoWatch: ["outputs"] }),
    );
    await inState(home, id, "succeeded");
    const { outside, files } = await peer.request(keeping.list, { id });
    expect(outside).toEqual([{ folder: "outside/1", prefix: "outputs/", fromLog: false }]);
    expect(files.map(({ path }) => path).filter((path) => path.startsWith("outside/"))).toEqual([
      "outside/1/run-7/metrics.jsonl",
      "outside/1/run-7/rollouts.jsonl",
      "outside/1/run-7/checkpoint-2/model.safetensors",
      "outside/1/sft/loss.jsonl",
      "outside/1/sft/earlier.jsonl",
    ]);
    const folder = join(tempFolder("kept"), id);
    const keep = (): Promise<Kept> => keepRun({ peer, id, box: "pear", folder, checkpoints: [], secrets: [] });
    expect((await keep()).skipped).toEqual([]);
    expect((await keep()).copied).toBe(0);
    const more = '{"step":3,"loss":0.5}\n';
    appendFileSync(join(place, "outputs/sft/loss.jsonl"), more);
    expect((await keep()).copied).toBe(more.length);
    expect(readFileSync(join(folder, "outside/1/sft/loss.jsonl"), "utf8")).toContain(more);
  });

  it("is told where it cannot be kept: links that lead out, names that are no text; a link to what is kept is no loss", async () => {
    const home = tempFolder("home");
    const { peer } = await startAgent(home);
    const { id } = await started(peer, home, specOf(tempFolder("place"), [node('console.log("hello")')]));
    await inState(home, id, "succeeded");
    const out = join(home, "runs", id, "attempts", "1", "out");
    const elsewhere = join(tempFolder("elsewhere"), "metrics.jsonl");
    writeFileSync(elsewhere, '{"step":1,"loss":2}\n');
    writeFileSync(join(out, "metrics.jsonl"), '{"step":1,"loss":1}\n');
    symlinkSync(elsewhere, join(out, "linked.jsonl"));
    symlinkSync("metrics.jsonl", join(out, "newest.jsonl"));
    symlinkSync("nowhere", join(out, "dangling"));
    writeFileSync(Buffer.concat([Buffer.from(`${out}/bad`), Buffer.from([0xff]), Buffer.from(".jsonl")]), "{}\n");
    const folder = join(tempFolder("kept"), id);
    const { skipped } = await keepRun({ peer, id, box: "pear", folder, checkpoints: [], secrets: [] });
    expect(skipped.map(({ path, why }) => [path.split("/").pop(), why])).toEqual([
      ["bad\ufffd.jsonl", "its name is no text (UTF-8)"],
      ["dangling", "it is a link that leads nowhere"],
      ["linked.jsonl", `it is a link that leads out of the run, to ${elsewhere}`],
    ]);
    expect(existsSync(join(folder, "attempts/1/out/metrics.jsonl"))).toBe(true);
  });

  it("opens nothing that a copy's record names outside of the copy", async () => {
    const home = tempFolder("home");
    const { peer } = await startAgent(home);
    const { id } = await started(peer, home, specOf(tempFolder("place"), [node('console.log("hello")')]));
    await inState(home, id, "succeeded");
    const root = tempFolder("kept");
    const folder = join(root, id);
    await keepRun({ peer, id, box: "pear", folder, checkpoints: [], secrets: [] });
    const secret = join(root, "beside");
    mkdirSync(secret);
    writeFileSync(join(secret, "metrics.jsonl"), '{"step":1,"loss":2}\n');
    const record = JSON.parse(readFileSync(join(folder, keptFile), "utf8")) as object;
    const outside = ["../beside", "outside/../../beside", "outside/1/../../../beside", secret].map((at, i) => ({
      ...{ folder: at, prefix: `${i}/`, fromLog: false },
    }));
    writeFileSync(join(folder, keptFile), JSON.stringify({ ...record, outside }));
    expect((await stateOf(peer, folder)).series.size).toBe(0);
    const asked = peer.request(keeping.piece, { id, path: "outside/1/metrics.jsonl", offset: 0, length: 9 });
    await expect(asked).rejects.toThrow(/cannot be read/);
  });
});
