// Keep Run against a real agent: the copy is the run's own bytes, goes on where it was, holds no secret, and opens as a folder.
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isError } from "../../../core/base/errors";
import { keeping } from "../../../core/protocol/keeping";
import { applyRunDelta, emptyRunState, type RunState } from "../../../core/model/runState";
import { runs } from "../../../core/protocol/runs";
import { series } from "../../../core/protocol/series";
import type { Peer } from "../../../core/rpc/peer";
import { keepRun, type Kept, type KeepRequest } from "../../../src/keep/keepRun";
import { lockFile } from "../../../src/keep/keepLock";
import { LocalNames, placeIn } from "../../../src/keep/localNames";
import { escapes } from "../../security/names";
import { startAgent } from "../../support/agentProcess";
import { eventually } from "../../support/eventually";
import { inState, node, specOf, started } from "../../support/runsOfAgent";
import { tempFolder } from "../../support/tempFolder";

const token = `orchard-${"k3Y9".repeat(6)}`;

interface World {
  peer: Peer;
  id: string;
  out: string;
  folder: string;
  keep: (more?: Partial<KeepRequest>) => Promise<Kept>;
}

async function world(): Promise<World> {
  const home = tempFolder("home");
  const { peer } = await startAgent(home);
  const { id } = await started(peer, home, specOf(tempFolder("place"), [node('console.log("hello")')]));
  await inState(home, id, "succeeded");
  const out = join(home, "runs", id, "attempts", "1", "out");
  const rows = Array.from({ length: 50 }, (_, i) => JSON.stringify({ step: i + 1, loss: 1 / (i + 1) }));
  writeFileSync(join(out, "metrics.jsonl"), `${rows.join("\n")}\n`);
  mkdirSync(join(out, "checkpoint-20"));
  writeFileSync(join(out, "checkpoint-20", "model.safetensors"), Buffer.alloc(3_000_000, 7));
  const folder = join(tempFolder("kept"), id);
  const keep: World["keep"] = (more = {}) =>
    keepRun({ peer, id, box: "pear", folder, checkpoints: [], secrets: [], ...more });
  return { peer, id, out, folder, keep };
}

describe("keeping a run", () => {
  it("copies what is asked for byte by byte, and opens as the run it is, with the same curve", async () => {
    const { peer, id, out, folder, keep } = await world();
    await keep();
    expect(readFileSync(join(folder, "attempts", "1", "out", "metrics.jsonl"))).toEqual(
      readFileSync(join(out, "metrics.jsonl")),
    );
    expect(readFileSync(join(folder, "attempts", "1", "output.log"), "utf8")).toBe("hello\n");
    expect(existsSync(join(folder, "run.json"))).toBe(true);
    expect(existsSync(join(folder, "attempts", "1", "out", "checkpoint-20"))).toBe(false);
    expect(statSync(folder).mode & 0o077).toBe(0);
    const points = async (target: string) =>
      (await peer.request(series.read, { target, names: ["loss"], points: 100 })).series.map((s) => [
        s.steps,
        s.values,
      ]);
    expect(await points(folder)).toEqual(await points(id));
    expect((await points(folder))[0]?.[0]).toHaveLength(50);
    await keep({ checkpoints: ["checkpoint-20"] });
    const weights = join("checkpoint-20", "model.safetensors");
    expect(readFileSync(join(folder, "attempts", "1", "out", weights)).equals(readFileSync(join(out, weights)))).toBe(
      true,
    );
  });

  it("of two attempts is still one run with its states and log; one that had not ended says so, and runs nowhere", async () => {
    const home = tempFolder("home");
    const { peer } = await startAgent(home);
    const program = `const fs = require("node:fs"), path = require("node:path");
const out = process.env.RUNSIDE_OUT, before = process.env.RUNSIDE_PREVIOUS_OUT;
const step = before ? 2 : 1;
fs.appendFileSync(path.join(out, "metrics.jsonl"), JSON.stringify({ step, reward: step / 10 }) + "\\n");
fs.mkdirSync(path.join(out, "checkpoint-" + step));
fs.writeFileSync(path.join(out, "checkpoint-" + step, "model.safetensors"), "weights");
console.log("attempt", step);
if (before) setInterval(() => {}, 1000); else process.exit(3);`;
    const { id } = await started(peer, home, specOf(tempFolder("place"), [node(program)]));
    await inState(home, id, "failed");
    await peer.request(runs.restart, { id, after: 1, secrets: {} });
    const log = join(home, "runs", id, "attempts", "2", "output.log");
    await eventually(() => expect(readFileSync(log, "utf8")).toBe("attempt 2\n"));
    const named = (await peer.request(runs.usage, { id })).checkpoints.map(({ path }) => path).sort();
    expect(named).toEqual(["attempt 1/checkpoint-1", "checkpoint-2"]);
    const folder = join(tempFolder("kept"), id);
    const keep = () => keepRun({ peer, id, box: "pear", folder, checkpoints: ["checkpoint-2"], secrets: [] });
    await keep();
    expect(existsSync(join(folder, "attempts", "1", "out", "checkpoint-1", "model.safetensors"))).toBe(false);
    expect(existsSync(join(folder, "attempts", "2", "out", "checkpoint-2", "model.safetensors"))).toBe(true);
    const opened = async (): Promise<RunState> =>
      eventually(async () => {
        const next = applyRunDelta(emptyRunState, await peer.request(runs.watch, { target: folder }));
        if (next === "gap" || next.indexing) throw new Error("not read yet");
        return next;
      });
    const half = await opened();
    expect(half).toMatchObject({ title: "test.yaml", kept: { box: "pear" }, logSize: "attempt 2\n".length });
    expect(half.status).toMatchObject({ state: "lost", attempt: 2 });
    expect(half.status?.reason).toBe("It had not ended when it was copied from pear.");
    expect([...half.series.values()].map(({ name, steps }) => [name, steps])).toEqual([["reward", [1, 2]]]);
    expect(half.marks).toEqual([{ attempt: 2, step: 2 }]);
    await peer.request(runs.stop, { id });
    await inState(home, id, "cancelled");
    await keep();
    await eventually(async () => expect((await opened()).status?.state).toBe("cancelled"));
  });

  it("says what the run lacked, and looks at nothing but itself where the log names a folder of the box", async () => {
    const home = tempFolder("home");
    const { peer } = await startAgent(home);
    const elsewhere = join(tempFolder("elsewhere"), "result");
    mkdirSync(elsewhere);
    writeFileSync(join(elsewhere, "metrics.jsonl"), '{"step":1,"loss":2}\n');
    const spec = specOf(tempFolder("place"), [node(`console.log("part 7 of it\\nwriting to ${elsewhere}")`)], {
      progress: { pattern: "^part (?<step>\\d+) of it$", total: null },
      outputFromLog: "^writing to (?<path>.+)$",
      expects: ["final.json"],
    });
    const { id } = await started(peer, home, spec);
    await inState(home, id, "succeeded");
    const folder = join(tempFolder("kept"), id);
    await keepRun({ peer, id, box: "pear", folder, checkpoints: [], secrets: [] });
    const seen = (target: string): Promise<[string | null | undefined, number]> =>
      eventually(async () => {
        const next = applyRunDelta(emptyRunState, await peer.request(runs.watch, { target }));
        if (next === "gap" || next.indexing) throw new Error("not read yet");
        return [next.status?.but, next.series.size];
      });
    await eventually(async () => expect((await seen(id))[1]).toBe(1));
    const [but] = await seen(id);
    expect(but).toMatch(/final\.json/);
    // What the log named came along; where it lay on the box, nobody looks.
    appendFileSync(join(elsewhere, "metrics.jsonl"), '{"step":2,"grad_norm":2}\n');
    expect(await seen(folder)).toEqual([but, 1]);
    // A pattern that came with a folder runs only where the project's own may run.
    for (const [env, step] of [
      [{}, 7],
      [{ RUNSIDE_OWN_DIALECTS: "0" }, null],
    ] as const) {
      const agent = await startAgent(tempFolder("home"), env);
      const { progress } = await agent.peer.request(runs.watch, { target: folder });
      expect(progress?.step).toBe(step);
    }
  });

  it("goes on by offset where the file grew, begins anew where it was replaced, and copies nothing that is there", async () => {
    const { out, folder, keep } = await world();
    const file = join(out, "metrics.jsonl");
    await keep();
    expect((await keep()).copied).toBe(0);
    const more = '{"step":51,"loss":0.01}\n';
    appendFileSync(file, more);
    expect((await keep()).copied).toBe(more.length);
    expect(readFileSync(join(folder, "attempts", "1", "out", "metrics.jsonl"))).toEqual(readFileSync(file));
    const size = statSync(file).size;
    writeFileSync(file, "x".repeat(size + 10));
    expect((await keep()).copied).toBe(size + 10);
    expect(readFileSync(join(folder, "attempts", "1", "out", "metrics.jsonl"))).toEqual(readFileSync(file));
    writeFileSync(file, "short\n");
    await keep();
    expect(readFileSync(join(folder, "attempts", "1", "out", "metrics.jsonl"), "utf8")).toBe("short\n");
  });

  it("that was cancelled is continued by the next", async () => {
    const { folder, out, keep } = await world();
    const stop = new AbortController();
    const cut = keep({
      checkpoints: ["checkpoint-20"],
      signal: stop.signal,
      report: (done) => {
        if (done > 1_000_000) stop.abort();
      },
    });
    expect(isError(await cut.catch((error: unknown) => error), "cancelled")).toBe(true);
    await keep({ checkpoints: ["checkpoint-20"] });
    const weights = join("checkpoint-20", "model.safetensors");
    expect(readFileSync(join(folder, "attempts", "1", "out", weights)).equals(readFileSync(join(out, weights)))).toBe(
      true,
    );
  });

  it("leaves no known secret in the copy, across pieces and across copies", async () => {
    const { folder, out, keep } = await world();
    const file = join(out, "notes.txt");
    const half = token.slice(0, 9);
    writeFileSync(file, `${"x".repeat((1 << 20) - 12)}${token} end ${half}`);
    expect((await keep({ secrets: [token] })).masked).toBe(1);
    appendFileSync(file, `${token.slice(9)}\n`);
    expect((await keep({ secrets: [token] })).masked).toBe(1);
    const copy = readFileSync(join(folder, "attempts", "1", "out", "notes.txt"), "utf8");
    expect(copy).toBe(readFileSync(file, "utf8").replaceAll(token, "*".repeat(token.length)));
  });

  it("follows no link, and no path out of the run or out of the folder", async () => {
    const { peer, id, out, folder, keep } = await world();
    const outside = tempFolder("outside");
    writeFileSync(join(outside, "secret.txt"), "not yours");
    symlinkSync(outside, join(out, "out-link"));
    symlinkSync(join(outside, "secret.txt"), join(out, "link.txt"));
    await keep();
    expect(
      existsSync(join(folder, "attempts", "1", "out", "link.txt")) ||
        existsSync(join(folder, "attempts", "1", "out", "out-link")),
    ).toBe(false);
    const ways = ["link.txt", "out-link/secret.txt"].map((path) => `attempts/1/out/${path}`);
    for (const path of [...ways, ...escapes(join(outside, "secret.txt"))].filter((each) => each !== "../run.json")) {
      const asked = peer.request(keeping.piece, { id, path, offset: 0, length: 100 });
      await expect(asked, path).rejects.toThrow(/cannot be read/);
    }
    for (const path of ["../x", "a/../../x", "/etc/passwd", "a//b", "", ".", "attempts/1/out/../../../../x"])
      expect(placeIn("/kept", path)).toBeNull();
    expect(placeIn("/kept", "kept.json")).toBeNull();
    expect(placeIn("/kept", "attempts/2/out/a b/c.jsonl")).toBe("/kept/attempts/2/out/a b/c.jsonl");
  });

  it("of two windows at once is one whole copy, whatever a third left behind when it died", async () => {
    const { out, folder, keep, peer, id } = await world();
    writeFileSync(join(out, "large.bin"), Buffer.alloc(5_000_000, 3));
    const gone = spawnSync(process.execPath, ["-e", ""]).pid;
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, lockFile), JSON.stringify({ pid: gone, host: hostname(), token: "pears" }));
    let waited = 0;
    const both = await Promise.all([1, 2, 3].map(() => keep({ onWait: () => waited++ })));
    expect(waited).toBeGreaterThan(0);
    // One copied it, the others found it there.
    const { files } = await peer.request(keeping.list, { id });
    const all = files.filter(({ checkpoint }) => checkpoint === null).reduce((sum, { bytes }) => sum + bytes, 0);
    expect(both.map(({ copied }) => copied).sort((a, b) => a - b)).toEqual([0, 0, all]);
    expect(readFileSync(join(folder, "attempts/1/out/large.bin")).equals(readFileSync(join(out, "large.bin")))).toBe(
      true,
    );
    expect(readdirSync(folder).sort()).toEqual(["attempts", "config", "kept.json", "launch.json", "run.json"]);
  });

  it("waits for another window no longer than a person wants, and leaves its lock", async () => {
    const { folder, keep } = await world();
    mkdirSync(folder, { recursive: true });
    const held = JSON.stringify({ pid: process.pid, host: hostname(), token: "pears" });
    writeFileSync(join(folder, lockFile), held);
    const stop = new AbortController();
    const waiting = keep({ signal: stop.signal, onWait: () => stop.abort() });
    expect(isError(await waiting.catch((error: unknown) => error), "cancelled")).toBe(true);
    expect(readFileSync(join(folder, lockFile), "utf8")).toBe(held);
    expect(readdirSync(folder)).toEqual([lockFile]);
  });

  it("says which files this machine takes for one, and keeps the first of them whole", async () => {
    const { out, folder, keep } = await world();
    writeFileSync(join(out, "a.log"), "lower\n");
    await keep({ platform: "darwin" });
    writeFileSync(join(out, "A.log"), "UPPER\n");
    const { skipped } = await keep({ platform: "darwin" });
    const [path, held] = ["attempts/1/out/A.log", "attempts/1/out/a.log"];
    expect(skipped).toEqual([{ path, why: `this machine takes its name for that of ${held}` }]);
    expect(readFileSync(join(folder, held), "utf8")).toBe("lower\n");
    expect(existsSync(join(folder, path))).toBe(false);
    expect((await keep({ platform: "linux" })).skipped).toEqual([]);
    expect(readFileSync(join(folder, path), "utf8")).toBe("UPPER\n");
  });

  it("knows the names that each system cannot hold", () => {
    const names = ["CON", "con.txt", "aux.log", "LPT1", "COM9.json", "a.", "a ", "a:b", "a?", "a\\b", "tab\t"];
    for (const name of names) {
      expect(placeIn("C:\\kept", `out/${name}`, "win32"), name).toBeNull();
      expect(placeIn("/kept", `out/${name}`, "linux"), name).toBe(`/kept/out/${name}`);
    }
    for (const name of ["console", "com.txt", "com10", "a.b", ".hidden", "nullable.json"])
      expect(placeIn("C:\\kept", `out/${name}`, "win32"), name).toBe(`C:\\kept\\out\\${name}`);
    for (const name of [lockFile, "Kept.json", "KEEP.LOCK"]) expect(placeIn("/kept", name)).toBeNull();
    for (const platform of ["win32", "darwin"] as const) {
      const names = new LocalNames("/kept", platform);
      const of = (path: string): boolean => "place" in names.placeOf(path);
      expect(["out/x/1", "out/X/2", "Out/x/3", "out/x/4", "a", "A/b", "caf\u00e9", "cafe\u0301"].map(of)).toEqual([
        ...[true, false, false, true, true, false, true, false],
      ]);
    }
  });
});
