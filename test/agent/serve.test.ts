// The agent on its channel: what it says first, what it answers to nonsense, and how it ends.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { isError } from "../../core/base/errors";
import { agent as agentArea } from "../../core/protocol/agent";
import { applyRunDelta, emptyRunState, type RunDelta } from "../../core/model/runState";
import { protocolVersion } from "../../core/protocol/catalogue";
import { runs } from "../../core/protocol/runs";
import { identify, isAlive } from "../../remote-agent/box/processes";
import { startAgent } from "../support/agentProcess";
import { agentNode, builtAgent } from "../support/builtAgent";
import { eventually } from "../support/eventually";
import { FakeTrainer } from "../support/fakeTrainer";
import { node, specOf, started, supervisorOf } from "../support/runsOfAgent";
import { atEnd, tempFolder } from "../support/tempFolder";
import { seeded } from "../core/random";

describe("serve", () => {
  it("says that it is ready with the starter's token, then who it is", async () => {
    const home = join(tempFolder("home"), "made", "on-first-use");
    const { peer, ready, child } = await startAgent(home);
    expect(ready).toBe(`runside-agent-ready t0ken ${protocolVersion}`);
    const hello = await peer.request(agentArea.hello, { protocol: protocolVersion });
    expect(hello).toMatchObject({
      protocol: protocolVersion,
      pid: child.pid,
      runsideHome: home,
      node: execFileSync(agentNode, ["-v"], { encoding: "utf8" }).trim(),
    });
    expect((await peer.request(runs.list, {})).runs).toEqual([]);
  });

  it("answers malformed, unknown and impossible questions with their codes, and lives on", async () => {
    const { peer, log } = await startAgent(tempFolder("home"));
    const code = async (method: string, params: unknown): Promise<string> =>
      peer.relay(method, params).then(
        () => "answered",
        (error: unknown) => (error instanceof Error && "code" in error ? String(error.code) : "?"),
      );
    expect(await code("runs/watch", { target: 7 })).toBe("rpc/bad-params");
    expect(await code("runs/launch", { id: "../../etc", commands: [] })).toBe("rpc/bad-params");
    expect(await code("runs/nothing", {})).toBe("rpc/unknown-method");
    expect(await code("runs/watch", { target: "/no/such/folder" })).toBe("run/not-found");
    expect(await code("series/read", { target: "20260101-000000-none-abcd", names: [], points: 5 })).toBe(
      "run/not-found",
    );
    expect(await code("files/log", { target: "..", maxBytes: 10 })).toBe("answered");
    expect(
      await code("rollouts/page", { target: tempFolder("empty"), offset: 0, limit: 5, sort: "newest", where: "x ~ 1" }),
    ).toBe("usage");
    expect(await code("agent/ping", {})).toBe("answered");
    expect(log()).toBe("");
  });

  it("says why it cannot serve where its store cannot be written", async () => {
    const agent = await builtAgent();
    const file = join(tempFolder("home"), "file");
    writeFileSync(file, "");
    const child = spawn(agentNode, [agent, "serve"], {
      env: { ...process.env, RUNSIDE_HOME: join(file, "store") },
    });
    let said = "";
    child.stderr.on("data", (piece: Buffer) => (said += piece.toString()));
    const [code] = (await once(child, "close")) as [number];
    expect(code).toBe(1);
    expect(said).toMatch(/run store \S+store cannot be written \(ENOTDIR\)/);
  });

  it("ends with its channel, and leaves the supervisor alone", async () => {
    const home = tempFolder("home");
    const { child, peer } = await startAgent(home);
    const { id, pid } = await started(peer, home, specOf(home, [node("setInterval(() => {}, 1000)")]));
    await peer.request(runs.list, {});
    await peer.request(runs.watch, { target: id });
    const ended = once(child, "close");
    child.stdin.end();
    expect((await ended)[0]).toBe(0);
    await sleep(300);
    expect([pid, supervisorOf(home, id) ?? 0].map((one) => isAlive(identify(one)))).toEqual([true, true]);
  });

  it("has read what a run wrote last by the time it says that the run has ended", async () => {
    const home = tempFolder("home");
    const { peer } = await startAgent(home);
    const write = (path: string, text: string): string =>
      `f.mkdirSync(require("path").dirname(${path}),{recursive:true});f.writeFileSync(${path},${text});`;
    const out = "process.env.RUNSIDE_OUT";
    const lines = 'Array.from({length:50},(_,i)=>JSON.stringify({step:i,loss:1/(i+1)})+"\\n").join("")';
    // Early enough that the folder is between two walks when the last file appears, deep enough that no watch announces it.
    const program = `const f=require("fs");${write(`${out}+"/a.jsonl"`, lines)}setTimeout(()=>{${write(`${out}+"/x/y/z/b.jsonl"`, lines)}},900)`;
    const complete: number[] = [];
    for (let round = 0; round < 3; round++) {
      const { id } = await started(peer, home, specOf(home, [node(program)]));
      let state = emptyRunState;
      const take = (delta: RunDelta): void => {
        const next = applyRunDelta(state, delta);
        if (next !== "gap") state = next;
        if (state.status?.state === "succeeded" && !state.indexing) complete[round] ??= state.sources.length;
      };
      const listening = peer.on(runs.changed, ({ target, delta }) => {
        if (target === id) take(delta);
      });
      take(await peer.request(runs.watch, { target: id }));
      await eventually(() => expect(complete[round]).toBeDefined(), 20_000);
      listening.dispose();
    }
    expect(complete).toEqual([2, 2, 2]);
  });

  it("survives the reader of its log", async () => {
    const { child, peer } = await startAgent(tempFolder("home"));
    child.stderr.destroy();
    child.stdin.write("Content-Length: 9\r\n\r\nno json!!");
    await sleep(100);
    await peer.request(agentArea.ping, {}).catch(() => undefined);
    child.stdin.end();
    expect((await once(child, "close"))[1]).toBeNull();
  });

  it("holds deltas back while nobody reads, and then sends what was missed", async () => {
    const home = tempFolder("home");
    const trainer = new FakeTrainer(tempFolder("out"), seeded(3));
    trainer.lines("metrics.jsonl", 10);
    const { child, peer } = await startAgent(home);
    let bytes = 0;
    let last = 0;
    atEnd(() => peer.on(runs.changed, () => undefined).dispose());
    peer.on(runs.changed, ({ delta }) => {
      bytes += JSON.stringify(delta).length;
      last = delta.series?.find((s) => s.name === "reward")?.total ?? last;
    });
    await peer.request(runs.watch, { target: trainer.folder });
    child.stdout.pause();
    for (let n = 0; n < 30; n++) {
      trainer.lines("metrics.jsonl", 1800);
      await sleep(60);
    }
    child.stdout.resume();
    await eventually(() => expect(last).toBe(10 + 30 * 1800));
    // Thirty curves of up to 3000 points each would be several MB.
    expect(bytes).toBeLessThan(2 << 20);
  });

  it("tells every watcher of a target on its own, and stops when told", async () => {
    const home = tempFolder("home");
    const trainer = new FakeTrainer(tempFolder("out"), seeded(4));
    trainer.lines("metrics.jsonl", 5);
    const one = await startAgent(home);
    const two = await startAgent(home);
    const told = [0, 0];
    [one, two].forEach(({ peer }, at) => peer.on(runs.changed, () => void (told[at] = (told[at] ?? 0) + 1)));
    for (const { peer } of [one, two]) await peer.request(runs.watch, { target: trainer.folder });
    trainer.lines("metrics.jsonl", 5);
    await eventually(() => expect(told.every((n) => n > 0)).toBe(true));
    await one.peer.request(runs.unwatch, { target: trainer.folder });
    const before = [...told];
    trainer.lines("metrics.jsonl", 5);
    await eventually(() => expect(told[1]).toBeGreaterThan(before[1] ?? 0));
    expect(told[0]).toBe(before[0]);
    await expect(two.peer.request(runs.watch, { target: "~/no-such-folder-at-all" })).rejects.toSatisfy((e) =>
      isError(e, "run/not-found"),
    );
  });
});
