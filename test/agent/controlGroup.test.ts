// A run in a scope of its own: what gave up the run's marker and its session is stopped too. The control groups are the kernel's own;
// only who makes the scope stands in for systemd, which is not at hand.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, expect, it } from "vitest";
import { runs } from "../../core/protocol/runs";
import { memoryKillsIn } from "../../remote-agent/box/controlGroup";
import { send } from "../../remote-agent/box/processes";
import { startAgent, type AgentProcess } from "../support/agentProcess";
import { eventually } from "../support/eventually";
import { inState, specOf, started, supervisorOf } from "../support/runsOfAgent";
import { atEnd, tempFolder } from "../support/tempFolder";

/** Where a group of version 2 can be made; null where none can. */
function mountedGroups(): string | null {
  try {
    const mounts = readFileSync("/proc/self/mountinfo", "utf8");
    const [, mount = ""] = /^\S+ \S+ \S+ \/ (\S+) .* - cgroup2 /m.exec(mounts) ?? [];
    const probe = join(mount, `runside-probe-${process.pid}`);
    mkdirSync(probe);
    const canKill = existsSync(join(probe, "cgroup.kill"));
    rmdirSync(probe);
    return mount !== "" && canKill ? mount : null;
  } catch {
    return null;
  }
}

const mount = mountedGroups();
if (mount === null) console.warn("skipped: no control group of version 2 can be made here, so no run had one");

function removeGroups(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) removeGroups(join(folder, entry.name));
  rmdirSync(folder);
}

/** An agent on a box that ends its users' processes at logout, so that each run is given a scope. */
async function agentWithScopes(home: string): Promise<AgentProcess> {
  const tools = tempFolder("tools");
  const scopes = join(mount ?? "", `runside-test-${process.pid}-${Date.now()}`);
  mkdirSync(scopes);
  // The kernel counts a process out a moment after it is gone.
  atEnd(() => eventually(() => removeGroups(scopes)));
  const tool = (name: string, body: string): void =>
    writeFileSync(join(tools, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  tool("busctl", "printf 'b true\\nas 0\\nas 0\\n'");
  tool("loginctl", "echo yes");
  tool(
    "systemd-run",
    `mkdir "${scopes}/$$" && echo $$ >"${scopes}/$$/cgroup.procs" || exit 1
while [ "$1" != -- ]; do shift; done
shift
exec "$@"`,
  );
  return startAgent(home, { PATH: [tools, process.env["PATH"]].join(delimiter), RUNSIDE_STOP_GRACE_MS: "300,300" });
}

/**
 * Starts one that has nothing of the run's environment, a session of its own, a parent that is gone at once, and no ear for signals;
 * says its pid; waits.
 */
const escaping = [
  "sh",
  "-c",
  `(setsid env -i sh -c 'trap "" INT TERM HUP; echo $$ >pid.tmp; mv pid.tmp pid; while :; do sleep 1; done' &); sleep 1000`,
];

const lives = (pid: number): boolean => existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(statusOfProcess(pid));
function statusOfProcess(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    return "State: Z";
  }
}

async function escaped(agent: AgentProcess, home: string): Promise<{ id: string; pid: number }> {
  const work = tempFolder("work");
  const { id } = await started(agent.peer, home, specOf(work, [escaping]));
  const pid = await eventually(() => Number(readFileSync(join(work, "pid"), "utf8")));
  atEnd(() => void send(pid, "SIGKILL"));
  return { id, pid };
}

describe.skipIf(mount === null)("a run that has a scope of its own", () => {
  it("is stopped to the last process, marked or not, and its supervisor tells", async () => {
    const home = tempFolder("home");
    const agent = await agentWithScopes(home);
    const { id, pid } = await escaped(agent, home);
    await agent.peer.request(runs.stop, { id });
    const status = await inState(home, id, "cancelled");
    expect(status.sent).toEqual(["SIGINT", "SIGTERM", "SIGKILL"]);
    expect(lives(pid)).toBe(false);
  });

  it("is stopped so by an agent too, where the supervisor was killed", async () => {
    const home = tempFolder("home");
    const agent = await agentWithScopes(home);
    const { id, pid } = await escaped(agent, home);
    process.kill(supervisorOf(home, id) ?? 0, "SIGKILL");
    await inState(home, id, "unsupervised");
    await agent.peer.request(runs.stop, { id });
    await eventually(() => expect(lives(pid)).toBe(false));
  });
});

describe("the count of those killed for want of memory", () => {
  it("is read as the kernel writes it, and is unknown where memory is not counted", () => {
    const group = tempFolder("group");
    expect(memoryKillsIn(group)).toBeNull();
    writeFileSync(join(group, "memory.events"), "low 0\nhigh 0\nmax 31\noom 4\noom_kill 2\noom_group_kill 0\n");
    expect(memoryKillsIn(group)).toBe(2);
  });
});
