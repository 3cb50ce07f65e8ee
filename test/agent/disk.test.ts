// What runs take of the disk, and deleting them, through the channel and the command line, on real runs.
import { existsSync, mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isError } from "../../core/base/errors";
import { bytesWords, type DiskUse } from "../../core/model/diskUse";
import { runs } from "../../core/protocol/runs";
import { startAgent, type AgentProcess } from "../support/agentProcess";
import { runside } from "../support/builtAgent";
import { anotherMachine, attemptFolder, endRuns, inState, node, specOf, started } from "../support/runsOfAgent";
import { atEnd, tempFolder } from "../support/tempFolder";

const MB = 1 << 20;

/** Writes a checkpoint, some output and a log, and ends. */
const program = `
const { mkdirSync, writeFileSync } = require("node:fs"), out = process.env.RUNSIDE_OUT;
mkdirSync(out + "/checkpoint-20", { recursive: true });
writeFileSync(out + "/checkpoint-20/model.safetensors", Buffer.alloc(${3 * MB}, 1));
writeFileSync(out + "/samples.bin", Buffer.alloc(${MB}, 2));
console.log("x".repeat(${MB / 2}));
`;

async function endedRun(home: string, agent: AgentProcess, text = program): Promise<string> {
  const { id } = await started(agent.peer, home, specOf(tempFolder("place"), [node(text)]));
  await inState(home, id, "succeeded");
  return id;
}

describe("the disk", () => {
  it("is told apart by what it holds, checkpoints by name", async () => {
    const home = tempFolder("home");
    const agent = await startAgent(home);
    const id = await endedRun(home, agent);
    const use = await agent.peer.request(runs.usage, { id });
    expect(use.checkpoints.map(({ path }) => path)).toEqual(["checkpoint-20"]);
    expect(use.parts.checkpoints).toBeGreaterThanOrEqual(3 * MB);
    expect(use.parts.output).toBeGreaterThanOrEqual(MB);
    expect(use.parts.output).toBeLessThan(2 * MB);
    expect(use.parts.log).toBeGreaterThanOrEqual(MB / 2);
    expect(use.total).toBe(Object.values(use.parts).reduce((sum, bytes) => sum + bytes, 0));
    const { out } = await runside(home, ["du", "--json"]);
    const listed = (JSON.parse(out) as ({ id: string } & DiskUse)[]).map((row) => [row.id, row.parts.checkpoints]);
    expect(listed).toEqual([[id, use.parts.checkpoints]]);
    expect((await runside(home, ["du"])).out).toContain(bytesWords(use.total));
  });

  it("is not left by a dry run, and is given back by a removal that follows no link", async () => {
    const home = tempFolder("home");
    const agent = await startAgent(home);
    const id = await endedRun(home, agent);
    const elsewhere = tempFolder("elsewhere");
    writeFileSync(join(elsewhere, "precious.bin"), "keep me");
    symlinkSync(elsewhere, join(home, "runs", id, "attempts", "1", "out", "link"));
    const dry = await runside(home, ["rm", id, "--dry-run"]);
    expect(dry.code).toBe(0);
    expect(dry.out).toContain("checkpoint-20");
    expect(existsSync(join(home, "runs", id, "run.json"))).toBe(true);
    const unasked = await runside(home, ["rm", id]);
    expect([unasked.code, unasked.err]).toEqual([1, expect.stringContaining("Nothing was deleted")]);
    expect(existsSync(join(home, "runs", id))).toBe(true);
    expect((await agent.peer.request(runs.list, {})).runs.map((run) => run.id)).toEqual([id]);
    expect((await runside(home, ["rm", id, "--yes"])).code).toBe(0);
    expect(readdirSync(join(home, "runs"))).toEqual([]);
    expect(existsSync(join(elsewhere, "precious.bin"))).toBe(true);
    await expect.poll(async () => (await agent.peer.request(runs.list, {})).runs).toEqual([]);
  });

  it("of a run that may live on another machine of the same home folder is not touched until it is silent for a day", async () => {
    const home = tempFolder("home");
    const agent = await startAgent(home);
    const { id } = await started(
      agent.peer,
      home,
      specOf(tempFolder("place"), [node("setInterval(() => undefined, 1000)")]),
    );
    await inState(home, id, "running");
    await agent.kill();
    process.env.RUNSIDE_PROC = anotherMachine();
    atEnd(() => void Reflect.deleteProperty(process.env, "RUNSIDE_PROC"));
    for (const args of [
      ["rm", id, "--yes"],
      ["uninstall", "--delete-runs", "--yes"],
    ]) {
      const { code, err } = await runside(home, args);
      expect([code, err]).toEqual([
        1,
        expect.stringMatching(new RegExp(`${id} may live on another machine.*wait a day`)),
      ]);
    }
    expect(existsSync(join(home, "runs", id, "run.json"))).toBe(true);
    // Without a last word: so does a machine that lost its power.
    await endRuns(home);
    const long = new Date(Date.now() - 2 * 24 * 3600_000);
    for (const name of ["", ...readdirSync(attemptFolder(home, id), { recursive: true, encoding: "utf8" })])
      utimesSync(join(attemptFolder(home, id), name), long, long);
    expect(await runside(home, ["rm", id, "--yes"])).toMatchObject({ code: 0 });
    expect(readdirSync(join(home, "runs"))).toEqual([]);
  });

  it("of a live run is not touched, whoever asks", async () => {
    const home = tempFolder("home");
    const agent = await startAgent(home);
    const spec = specOf(tempFolder("place"), [node("setInterval(() => undefined, 1000)")]);
    const { id } = await started(agent.peer, home, spec);
    for (const dryRun of [true, false]) {
      const failed = await agent.peer.request(runs.remove, { id, dryRun }).catch((error: unknown) => error);
      expect(isError(failed, "run/live")).toBe(true);
    }
    const { code, err } = await runside(home, ["rm", id, "--yes"]);
    expect([code, err]).toEqual([1, expect.stringContaining("stop it first")]);
    await agent.peer.request(runs.stop, { id });
    await inState(home, id, "cancelled");
    await agent.peer.request(runs.remove, { id, dryRun: false });
    expect(existsSync(join(home, "runs", id))).toBe(false);
  });

  it("is cleared of what a removal left that was killed, and of nothing else", async () => {
    const home = tempFolder("home");
    const agent = await startAgent(home);
    const id = await endedRun(home, agent, "");
    mkdirSync(join(home, "runs", ".removing-0123456789ab", "work"), { recursive: true });
    mkdirSync(join(home, "runs", ".somebody-elses"));
    await agent.peer.request(runs.remove, { id, dryRun: false });
    expect(readdirSync(join(home, "runs"))).toEqual([".somebody-elses"]);
  });

  it.each(["../../etc", "20261120-235959-x-k3f9/../../..", "", "20990101-000000-none-0000"])(
    "outside the store is out of reach: %j",
    async (id) => {
      const { code, err } = await runside(tempFolder("home"), ["rm", "--yes", "--", id]);
      expect([code, err]).toEqual([1, expect.stringMatching(/no run|not a run/)]);
    },
  );
});
