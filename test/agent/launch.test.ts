// A run from its launch to its end: real processes, through the built agent's channel.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { isError } from "../../core/base/errors";
import { runs } from "../../core/protocol/runs";
import { identify, isAlive, send, taggedWith } from "../../remote-agent/box/processes";
import { startAgent, type AgentProcess } from "../support/agentProcess";
import { supervised } from "../support/builtAgent";
import { eventually } from "../support/eventually";
import { attemptFolder, inState, node, nextId, specOf, started, statusOf, supervisorOf } from "../support/runsOfAgent";
import { tempFolder } from "../support/tempFolder";

const WAITS = "setInterval(() => {}, 1000); console.log('waiting')";
const STUBBORN = `for (const s of ["SIGINT", "SIGTERM"]) process.on(s, () => console.log("not for " + s)); ${WAITS}`;
const FAST_STOP = { RUNSIDE_STOP_GRACE_MS: "300,300" };

interface World {
  home: string;
  work: string;
  agent: AgentProcess;
}

async function begin(env: NodeJS.ProcessEnv = {}): Promise<World> {
  const home = tempFolder("home");
  const work = tempFolder("work");
  return { home, work, agent: await startAgent(home, env) };
}

const run = ({ agent, home, work }: World, ...commands: string[][]): Promise<{ id: string; pid: number }> =>
  started(agent.peer, home, specOf(work, commands));

const logOf = (home: string, id: string): string => readFileSync(join(attemptFolder(home, id), "output.log"), "utf8");
const saysWaiting = ({ home }: World, id: string): Promise<void> =>
  eventually(() => expect(logOf(home, id)).toContain("waiting"));

describe("a run's end", () => {
  it("is success with code 0, and the log holds both streams", async () => {
    const world = await begin();
    const { id, pid } = await run(world, node("console.log('out'); console.error('err')"));
    expect(pid).toBeGreaterThan(1);
    const status = await inState(world.home, id, "succeeded");
    expect(status).toMatchObject({ exitCode: 0, signal: null, reason: null, sent: [], pid, attempt: 1 });
    expect(status.startedAt && status.endedAt && status.startedAt <= status.endedAt).toBe(true);
    expect(logOf(world.home, id).split("\n").sort()).toEqual(["", "err", "out"]);
    await eventually(() => expect(isAlive(identify(supervisorOf(world.home, id) ?? 0))).toBe(false));
  });

  it("is failure with another code, also when it comes at once", async () => {
    const world = await begin();
    const { id } = await run(world, ["sh", "-c", "exit 3"]);
    expect(await inState(world.home, id, "failed")).toMatchObject({ exitCode: 3, signal: null });
    expect(statusOf(world.home, id).reason).toContain("exited with code 3");
  });

  it("names the signal that killed it", async () => {
    const world = await begin();
    const { id, pid } = await run(world, node(WAITS));
    process.kill(pid, "SIGKILL");
    expect(await inState(world.home, id, "failed")).toMatchObject({ exitCode: 137, signal: "SIGKILL" });
  });

  it("comes after the first command that fails, and after all where none does", async () => {
    const world = await begin();
    const failing = await run(world, ["sh", "-c", "echo one; exit 4"], ["echo", "two"]);
    expect(await inState(world.home, failing.id, "failed")).toMatchObject({ exitCode: 4 });
    expect(logOf(world.home, failing.id)).toBe("one\n");
    writeFileSync(join(world.work, "made.sh"), "");
    // The second program is made by the first.
    rmSync(join(world.work, "made.sh"));
    const made = await run(
      world,
      ["sh", "-c", "printf '#!/bin/sh\\necho made\\n' > made.sh; chmod +x made.sh"],
      ["./made.sh"],
    );
    await inState(world.home, made.id, "succeeded");
    expect(logOf(world.home, made.id)).toBe("made\n");
  });

  it("is known before the first line of the training could be", async () => {
    const { agent, home, work } = await begin();
    const missing = await agent.peer.request(runs.launch, specOf(work, [["no-such-program-here", "--x"]]));
    expect(missing).toMatchObject({ outcome: "failed", log: [] });
    expect(missing.outcome === "failed" && missing.reason).toContain('"no-such-program-here" was not found');
    expect(statusOf(home, missing.id)).toMatchObject({ state: "failed", exitCode: null });
    const nowhere = await agent.peer.request(runs.launch, specOf(join(work, "gone"), [["true"]]));
    expect(nowhere.outcome === "failed" && nowhere.reason).toContain(join(work, "gone"));
    const outside = agent.peer.request(runs.launch, specOf(work, [["true"]], { cwd: "../.." }));
    await expect(outside).rejects.toSatisfy((e) => isError(e, "run/launch-failed"));
    const unsent = agent.peer.request(runs.launch, specOf(work, [["true"]], { place: { snapshot: "0".repeat(64) } }));
    await expect(unsent).rejects.toSatisfy((e) => isError(e, "run/launch-failed"));
  });
});

describe("what the training is given", () => {
  it("is its arguments exactly, whatever is in them", async () => {
    const world = await begin();
    const args = [
      "",
      " ",
      "a b",
      "quote \" and '",
      "line\nbreak",
      "-rf",
      "--",
      "$HOME `id` $(id) \\",
      "*",
      "ümläut",
      "9 ".repeat(30),
    ];
    const print = "console.log(JSON.stringify(process.argv.slice(1)))";
    const { id } = await run(world, node(print, "--", ...args), [...node(print, "--"), "second", ""]);
    await inState(world.home, id, "succeeded");
    expect(
      logOf(world.home, id)
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as string[]),
    ).toEqual([args, ["second", ""]]);
  });

  it("is its environment, and secrets that no file holds", async () => {
    const { agent, home, work } = await begin({ FROM_AGENT: "yes" });
    const secret = "hunter2-not-on-disk";
    const program = `const { createHash } = require("node:crypto");
      console.log([process.env.PLAIN, process.env.FROM_AGENT, process.env.RUNSIDE_OUT, process.cwd()].join(" "));
      console.log(createHash("md5").update(process.env.TOKEN).digest("hex")); ${WAITS}`;
    const spec = specOf(work, [node(program)], { env: { PLAIN: "{out}/x" }, secrets: { TOKEN: secret } });
    const { id } = await started(agent.peer, home, spec);
    const out = join(attemptFolder(home, id), "out");
    await eventually(() => expect(logOf(home, id)).toContain("waiting"));
    expect(logOf(home, id).split("\n")[0]).toBe(`${out}/x yes ${out} ${work}`);
    expect(logOf(home, id).split("\n")[1]).toHaveLength(32);
    const grep = () => execFileSync("grep", ["-r", "-l", secret, home], { encoding: "utf8" });
    expect(grep).toThrow();
    const { manifest } = await agent.peer.request(runs.manifest, { target: id });
    expect(manifest).toMatchObject({ secretNames: ["TOKEN"], env: { PLAIN: `${out}/x` } });
    await agent.peer.request(runs.stop, { id });
    await inState(home, id, "cancelled");
    expect(grep).toThrow();
  });

  it("is the config as it was asked for, also where it is named like a file of ours", async () => {
    const { agent, home, work } = await begin();
    const config = { path: "run.json", text: '{"mine": true}\n' };
    const { id } = await started(agent.peer, home, specOf(work, [["cat", "{config}"]], { config }));
    await inState(home, id, "succeeded");
    expect(logOf(home, id)).toBe(config.text);
  });
});

describe("a launch that is repeated", () => {
  it("returns the same run, at once and later, from any agent", async () => {
    const { agent, home, work } = await begin();
    const other = await startAgent(home);
    const spec = specOf(work, [node(`console.log("begun"); ${WAITS}`)]);
    const [one, two] = await Promise.all([started(agent.peer, home, spec), other.peer.request(runs.launch, spec)]);
    expect(two).toEqual(one);
    expect(await agent.peer.request(runs.launch, spec)).toEqual(one);
    await eventually(() => expect(logOf(home, one.id)).toBe("begun\nwaiting\n"));
    await agent.kill();
    await other.peer.request(runs.stop, { id: one.id });
    await inState(home, one.id, "cancelled");
    expect(await other.peer.request(runs.launch, spec)).toEqual(one);
    const lists = await Promise.all([other, await startAgent(home)].map((a) => a.peer.request(runs.list, {})));
    expect(lists[0]).toEqual(lists[1]);
    expect(lists[0]?.runs.map((r) => [r.id, r.status.state])).toEqual([[one.id, "cancelled"]]);
  });

  it("gives the reason again when it could not be written, and starts once it can", async () => {
    const { agent, home, work } = await begin();
    const spec = specOf(work, [["true"]], { config: { path: "a/..", text: "" } });
    await expect(agent.peer.request(runs.launch, { ...spec, cwd: "/" })).rejects.toThrow(/outside the workspace/);
    const fixed = { ...spec, config: { path: "a.yaml", text: "" } };
    await started(agent.peer, home, fixed);
    await inState(home, spec.id, "succeeded");
  });
});

describe("a stop", () => {
  it("is SIGINT to a training that obeys it, and two wishes are one", async () => {
    const world = await begin();
    const { agent, home } = world;
    const { id } = await run(
      world,
      node(`process.on("SIGINT", () => { console.log("bye"); process.exit(130); }); ${WAITS}`),
    );
    await saysWaiting(world, id);
    const answers = await Promise.all([1, 2].map(() => agent.peer.request(runs.stop, { id })));
    expect(answers).toEqual([{ accepted: true }, { accepted: true }]);
    expect(await inState(home, id, "cancelled")).toMatchObject({ sent: ["SIGINT"], exitCode: 130 });
    expect(logOf(home, id)).toBe("waiting\nbye\n");
    expect(await agent.peer.request(runs.stop, { id })).toEqual({ accepted: false });
  });

  it("reaches a training and a grandchild in its own session that both ignore SIGINT and SIGTERM", async () => {
    const world = await begin(FAST_STOP);
    const grandchild = `require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(STUBBORN)}], { detached: true, stdio: "ignore" }).unref();`;
    const { id } = await run(world, node(`${grandchild} ${STUBBORN}`));
    await saysWaiting(world, id);
    await eventually(() => expect(taggedWith(id).length).toBeGreaterThanOrEqual(3));
    await world.agent.peer.request(runs.stop, { id });
    const status = await inState(world.home, id, "cancelled");
    expect(status.sent).toEqual(["SIGINT", "SIGTERM", "SIGKILL"]);
    expect(taggedWith(id)).toEqual([]);
  });

  it("reaches a grandchild in its own session whose parent obeyed", async () => {
    const world = await begin(FAST_STOP);
    const grandchild = `require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(STUBBORN)}], { detached: true, stdio: "ignore" }).unref();`;
    const { id } = await run(world, node(`${grandchild} ${WAITS}`));
    await saysWaiting(world, id);
    await world.agent.peer.request(runs.stop, { id });
    const status = await inState(world.home, id, "cancelled");
    expect(status).toMatchObject({ exitCode: 130, signal: "SIGINT" });
    expect(taggedWith(id)).toEqual([]);
  });

  it("asked before the training exists is not forgotten", async () => {
    const { home, work } = await begin();
    // As the supervisor finds it when the wish came first.
    const id = nextId();
    const spec = specOf(work, [node(WAITS)], { id });
    const { id: _id, secrets: _secrets, place: _place, ...rest } = spec;
    const attempt = attemptFolder(home, id);
    mkdirSync(join(attempt, "control"), { recursive: true });
    mkdirSync(join(attempt, "out"));
    const manifest = {
      ...rest,
      schema: 1,
      id,
      createdAt: "",
      cwd: work,
      secretNames: [],
      snapshot: null,
      out: join(attempt, "out"),
    };
    writeFileSync(join(home, "runs", id, "run.json"), JSON.stringify(manifest));
    writeFileSync(join(attempt, "control", "stop"), "");
    expect((await supervised(join(home, "runs", id), home)).code).toBe(0);
    expect(statusOf(home, id)).toMatchObject({ state: "cancelled", pid: null });
  });

  it("of something that is no run is an error, and makes nothing", async () => {
    const { agent, home } = await begin();
    const id = nextId();
    await expect(agent.peer.request(runs.stop, { id })).rejects.toSatisfy((e) => isError(e, "run/not-found"));
    expect(execFileSync("ls", [join(home, "runs")], { encoding: "utf8" })).toBe("");
  });
});

describe("kill -9", () => {
  it("of the supervisor leaves the run going, unsupervised, and its end on record", async () => {
    const world = await begin();
    const { id, pid } = await run(world, node("setTimeout(() => process.exit(5), 700)"));
    process.kill(supervisorOf(world.home, id) ?? 0, "SIGKILL");
    expect(await inState(world.home, id, "unsupervised")).toMatchObject({ pid, endedAt: null });
    expect(await inState(world.home, id, "failed")).toMatchObject({ exitCode: 5 });
    expect(statusOf(world.home, id).endedAt).not.toBeNull();
  });

  it("of the supervisor does not keep the run from being stopped", async () => {
    const world = await begin();
    const { id } = await run(world, node(WAITS));
    await saysWaiting(world, id);
    process.kill(supervisorOf(world.home, id) ?? 0, "SIGKILL");
    await inState(world.home, id, "unsupervised");
    expect(await world.agent.peer.request(runs.stop, { id })).toEqual({ accepted: true });
    expect(await inState(world.home, id, "cancelled")).toMatchObject({ exitCode: 130, signal: "SIGINT" });
  });

  it("of everything is a loss, and says so", async () => {
    const world = await begin();
    const { id } = await run(world, node(WAITS));
    await saysWaiting(world, id);
    process.kill(supervisorOf(world.home, id) ?? 0, "SIGKILL");
    for (const pid of taggedWith(id)) send(pid, "SIGKILL");
    expect((await inState(world.home, id, "lost")).reason).toContain("gone without a record");
    const { runs: listed } = await world.agent.peer.request(runs.list, {});
    expect(listed[0]?.status.state).toBe("lost");
  });

  it("of the reaper alone does not end the run", async () => {
    const world = await begin();
    const { id, pid } = await run(world, node("setTimeout(() => process.exit(0), 900)"));
    const reaper = Number(readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ")[1]);
    process.kill(reaper, "SIGKILL");
    await sleep(400);
    expect(statusOf(world.home, id)).toMatchObject({ state: "running", endedAt: null });
    expect(await inState(world.home, id, "failed")).toMatchObject({ exitCode: null, signal: "SIGKILL" });
  });

  it("of the agent changes nothing", async () => {
    const world = await begin();
    const { id } = await run(world, node("setTimeout(() => process.exit(0), 600)"));
    await world.agent.kill();
    await inState(world.home, id, "succeeded");
  });
});

describe("a supervisor that cannot write", () => {
  it("goes on, and writes its last word when it can", async () => {
    const world = await begin();
    const { id } = await run(world, node("setTimeout(() => process.exit(6), 500)"));
    await inState(world.home, id, "running");
    // A folder in its place makes every rename fail, as a full disk does.
    const file = join(attemptFolder(world.home, id), "status.json");
    const supervisor = identify(supervisorOf(world.home, id) ?? 0);
    rmSync(file);
    mkdirSync(join(file, "full"), { recursive: true });
    await sleep(1200);
    expect(isAlive(supervisor)).toBe(true);
    rmSync(file, { recursive: true });
    expect(await inState(world.home, id, "failed")).toMatchObject({ exitCode: 6 });
    await eventually(() => expect(isAlive(supervisor)).toBe(false));
    expect(execFileSync("ls", [attemptFolder(world.home, id)], { encoding: "utf8" })).not.toContain("tmp");
  });
});
