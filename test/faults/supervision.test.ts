// Whoever is killed, the end is known: agent, supervisor, reaper and training, one after the other and together, through the
// built agent. The table is notes on supervision as code: what is killed, the state at once, the state in the end.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { runs } from "../../core/protocol/runs";
import { groupOf, send, taggedWith } from "../../remote-agent/box/processes";
import { startAgent, type AgentProcess } from "../support/agentProcess";
import { runside } from "../support/builtAgent";
import { eventually } from "../support/eventually";
import { attemptFolder, inState, node, specOf, started, statusOf, supervisorOf } from "../support/runsOfAgent";
import { atEnd, tempFolder } from "../support/tempFolder";

const GO = "const go = () => require('node:fs').existsSync('go');";
/** Exits with 5 when the test says so. */
const EXITS = `${GO} setInterval(() => go() && process.exit(5), 20); console.log('waiting');`;
const WAITS = "setInterval(() => {}, 1000); console.log('waiting');";
const DEAF = `for (const s of ["SIGINT", "SIGTERM"]) process.on(s, () => {}); ${WAITS}`;
const worker = (program: string): string =>
  `require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(program)}], { detached: true, stdio: "ignore" }).unref();`;

interface Running {
  home: string;
  work: string;
  id: string;
  pid: number;
  agent: AgentProcess;
}

async function begun(program: string, env: NodeJS.ProcessEnv = {}): Promise<Running> {
  const home = tempFolder("home");
  const work = tempFolder("work");
  const agent = await startAgent(home, env);
  const { id, pid } = await started(agent.peer, home, specOf(work, [node(program)]));
  const log = join(attemptFolder(home, id), "output.log");
  await eventually(() => expect(readFileSync(log, "utf8")).toContain("waiting"));
  return { home, work, id, pid, agent };
}

const kill = {
  agent: ({ agent }: Running) => agent.kill(),
  supervisor: ({ home, id }: Running) => send(supervisorOf(home, id) ?? 0, "SIGKILL"),
  reaper: ({ pid }: Running) => send(groupOf(pid) ?? 0, "SIGKILL"),
  training: ({ pid }: Running) => send(pid, "SIGKILL"),
};
type Victim = keyof typeof kill;

describe("kill -9", () => {
  // The training exits with 5 when it is told to, or is killed; what lives in a session of its own lasts until then.
  const table: { killed: Victim[]; grandchild?: boolean; atOnce: string; later: object }[] = [
    { killed: ["agent"], atOnce: "running", later: { state: "failed", exitCode: 5 } },
    { killed: ["supervisor"], atOnce: "unsupervised", later: { state: "failed", exitCode: 5, signal: null } },
    { killed: ["agent", "supervisor"], atOnce: "unsupervised", later: { state: "failed", exitCode: 5 } },
    { killed: ["reaper"], atOnce: "running", later: { state: "failed", exitCode: null, signal: "SIGKILL" } },
    { killed: ["supervisor", "reaper"], atOnce: "unsupervised", later: { state: "lost", exitCode: null } },
    { killed: ["supervisor", "reaper"], grandchild: true, atOnce: "unsupervised", later: { state: "lost" } },
    { killed: ["training"], atOnce: "failed", later: { state: "failed", exitCode: 137, signal: "SIGKILL" } },
    { killed: ["supervisor", "training"], atOnce: "failed", later: { state: "failed", exitCode: 137 } },
    { killed: ["supervisor", "reaper", "training"], atOnce: "lost", later: { state: "lost", endedAt: null } },
  ];
  it.each(
    table.map((row) => [`${row.killed.join(" + ")}${row.grandchild ? ", with a worker in its own session" : ""}`, row]),
  )("%s", async (_name, { killed, grandchild, atOnce, later }) => {
    const world = await begun(grandchild ? `${worker(EXITS)} ${EXITS}` : EXITS);
    if (grandchild) await eventually(() => expect(taggedWith(world.id).length).toBe(3));
    for (const victim of killed) await kill[victim](world);
    await inState(world.home, world.id, atOnce);
    writeFileSync(join(world.work, "go"), "");
    await eventually(() => expect(statusOf(world.home, world.id)).toMatchObject(later));
    await eventually(() => expect(taggedWith(world.id)).toEqual([]));
    // Another agent, and the command line, say the same.
    const shown = JSON.parse((await runside(world.home, ["show", world.id, "--json"])).out) as { status: object };
    expect(shown.status).toMatchObject(later);
  });

  it("of a supervisor while its run waits for its secrets, and before it wrote a word", async () => {
    const { home, id } = await begun(WAITS);
    const attempt = attemptFolder(home, id);
    const status = JSON.parse(readFileSync(join(attempt, "status.json"), "utf8")) as { supervisor: { start: string } };
    const gone = { ...status, supervisor: { ...status.supervisor, start: "1" }, startedAt: null };
    for (const [state, words] of [
      ["queued", "waited for its turn"],
      ["starting", "before the training started"],
    ]) {
      const copy = join(home, "runs", id.replace(/....$/, state === "queued" ? "queu" : "star"));
      mkdirSync(join(copy, "attempts", "1"), { recursive: true });
      const manifest = readFileSync(join(home, "runs", id, "run.json"), "utf8");
      writeFileSync(join(copy, "run.json"), manifest.replaceAll(id, copy.slice(-id.length)));
      writeFileSync(join(copy, "attempts", "1", "status.json"), JSON.stringify({ ...gone, state }));
      expect(statusOf(home, copy.slice(-id.length))).toMatchObject({ state: "lost", pid: null });
      expect(statusOf(home, copy.slice(-id.length)).reason).toContain(words);
    }
  });
});

describe("the training", () => {
  it.each([
    ["SIGSEGV", 139, "crashed (SIGSEGV)"],
    ["SIGABRT", 134, "was ended by SIGABRT"],
    ["SIGKILL", 137, "its memory ran out"],
    ["SIGUSR1", 138, "was ended by SIGUSR1"],
  ] as const)("that dies of %s has exit code %i and says how", async (signal, exitCode, words) => {
    const home = tempFolder("home");
    const agent = await startAgent(home);
    const spec = specOf(tempFolder("work"), [["sh", "-c", `echo begun; kill -${signal.slice(3)} $$; sleep 60`]]);
    const { id } = await started(agent.peer, home, spec);
    const status = await inState(home, id, "failed");
    expect(status).toMatchObject({ exitCode, signal });
    expect(status.reason).toContain(words);
  });

  it("has its memory and its processor time on record, children included", async () => {
    const home = tempFolder("home");
    const agent = await startAgent(home);
    const burns = `const held = Buffer.alloc(200e6, 1); const end = Date.now() + 400; while (Date.now() < end);
      require("node:child_process").execFileSync(process.execPath, ["-e", "const e = process.cpuUsage(); while (process.cpuUsage(e).user < 300000);"]);
      setTimeout(() => held.length, 6000);`;
    const { id } = await started(agent.peer, home, specOf(tempFolder("work"), [node(burns)]));
    const { usage } = await inState(home, id, "succeeded");
    expect(usage?.maxRssBytes).toBeGreaterThan(200e6);
    expect(usage?.maxRssBytes).toBeLessThan(2e9);
    expect(usage?.cpuSeconds).toBeGreaterThan(0.3);
    expect(usage?.cpuSeconds).toBeLessThan(30);
    expect((await runside(home, ["show", id])).out).toMatch(/used +0\.\d+ GB of memory at most, /);
  });
});

describe("a stop", () => {
  it("shows what was sent, what is left by name, and until when", async () => {
    const world = await begun(`${worker(DEAF)} ${DEAF}`, { RUNSIDE_STOP_GRACE_MS: "1500,1500" });
    const { agent, home, id, pid } = world;
    await eventually(() => expect(taggedWith(id).length).toBe(3));
    await agent.peer.request(runs.stop, { id });
    const names = { name: readFileSync(`/proc/${pid}/comm`, "utf8").trim() };
    for (const sent of [["SIGINT"], ["SIGINT", "SIGTERM"]]) {
      const { stopping } = await eventually(() => {
        const status = statusOf(home, id);
        expect(status).toMatchObject({ state: "running", sent, stopping: { signal: sent.at(-1) } });
        return status;
      });
      expect(stopping?.left).toHaveLength(2);
      expect(stopping?.left).toContainEqual({ pid, ...names });
      expect(stopping?.left.every(({ name }) => name === names.name)).toBe(true);
      expect(Number.isFinite(Date.parse(stopping?.until ?? ""))).toBe(true);
    }
    const end = await inState(home, id, "cancelled");
    expect(end).toMatchObject({ sent: ["SIGINT", "SIGTERM", "SIGKILL"], stopping: null });
    expect(taggedWith(id)).toEqual([]);
  });

  it("without a supervisor is carried out by the agent that got the wish, and told the same way", async () => {
    const world = await begun(`${worker(DEAF)} ${DEAF}`, { RUNSIDE_STOP_GRACE_MS: "700,700" });
    const { agent, home, id, pid } = world;
    await eventually(() => expect(taggedWith(id).length).toBe(3));
    kill.supervisor(world);
    await inState(home, id, "unsupervised");
    expect(await agent.peer.request(runs.stop, { id })).toEqual({ accepted: true });
    await eventually(() => {
      const { state, sent, stopping } = statusOf(home, id);
      expect([state, sent, stopping?.signal]).toEqual(["unsupervised", ["SIGINT"], "SIGINT"]);
      expect(stopping?.left.map((one) => one.pid)).toContain(pid);
    });
    expect(await inState(home, id, "cancelled")).toMatchObject({ sent: ["SIGINT", "SIGTERM", "SIGKILL"] });
    expect(taggedWith(id)).toEqual([]);
  });
});

describe("another boot", () => {
  it("with no processes is said as such, and a pid that somebody else has now is nobody's", async () => {
    const world = await begun(WAITS);
    const { home, id, pid } = world;
    // The training may run before its supervisor has said so.
    const real = await inState(home, id, "running");
    const boot = (proc: string, bootId: string): string => {
      mkdirSync(join(proc, "sys/kernel/random"), { recursive: true });
      writeFileSync(join(proc, "sys/kernel/random/boot_id"), `${bootId}\n`);
      return proc;
    };
    const restarted = boot(tempFolder("proc"), "00000000-0000-4000-8000-000000000000");
    const after = await startAgent(home, { RUNSIDE_PROC: restarted });
    const [seen] = (await after.peer.request(runs.list, {})).runs;
    expect(seen?.status).toMatchObject({ state: "lost", reason: "Lost: the box restarted.", pid, attempt: 1 });
    // The same boot, but both pids belong to processes that began later.
    const reused = boot(tempFolder("proc"), readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
    for (const one of [pid, supervisorOf(home, id) ?? 0]) {
      mkdirSync(join(reused, String(one)));
      writeFileSync(join(reused, String(one), "stat"), `${one} (a b) c) S 1 1 1 ${"0 ".repeat(15)}99999999999 0`);
      writeFileSync(join(reused, String(one), "environ"), "");
    }
    const other = await startAgent(home, { RUNSIDE_PROC: reused });
    const [lost] = (await other.peer.request(runs.list, {})).runs;
    expect(lost?.status.reason).toContain("gone without a record");
    expect(statusOf(home, id)).toEqual(real);
  });
});

const mayMount = process.getuid?.() === 0 && process.env["CI"] === "true";

describe("a disk that is full", () => {
  it.skipIf(!mayMount)("has the end on record all the same, whoever is left to write it", async () => {
    for (const victim of ["nobody", "supervisor"] as const) {
      const home = tempFolder("home");
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", home]);
      atEnd(() => void execFileSync("umount", ["-l", home]));
      const work = tempFolder("work");
      const agent = await startAgent(home, { RUNSIDE_MIN_FREE: "0" });
      const { id } = await started(agent.peer, home, specOf(work, [node(EXITS)]));
      await inState(home, id, "running");
      if (victim === "supervisor") send(supervisorOf(home, id) ?? 0, "SIGKILL");
      expect(() => writeFileSync(join(home, "filler"), Buffer.alloc(8e6))).toThrow(/ENOSPC/);
      writeFileSync(join(work, "go"), "");
      expect(await inState(home, id, "failed")).toMatchObject({ exitCode: 5, sent: [] });
      await eventually(() => expect(taggedWith(id)).toEqual([]));
      await sleep(300);
      expect(statusOf(home, id)).toMatchObject({ state: "failed", exitCode: 5 });
    }
  });
  if (!mayMount) console.log("left out: a full disk needs root and CI=true, to mount a small one");
});
