// What outlives a run, or hides from it: workers that nobody waited for, processes without the run's marker, and a stop whose agent
// goes half-way. All of it can be seen, and Stop ends it.
import { readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { runs } from "../../core/protocol/runs";
import { groupOf, identify, isAlive, send, taggedWith, type Identity } from "../../remote-agent/box/processes";
import { startAgent, type AgentProcess } from "../support/agentProcess";
import { runside } from "../support/builtAgent";
import { eventually } from "../support/eventually";
import {
  anotherMachine,
  attemptFolder,
  inState,
  node,
  specOf,
  started,
  statusOf,
  supervisorOf,
} from "../support/runsOfAgent";
import { atEnd, tempFolder } from "../support/tempFolder";

beforeAll(() => void vi.stubEnv("RUNSIDE_STOP_GRACE_MS", "1500,1500"));

interface Running {
  home: string;
  work: string;
  agent: AgentProcess;
  id: string;
  pid: number;
}

async function begun(command: string[]): Promise<Running> {
  const home = tempFolder("home");
  const work = tempFolder("work");
  const agent = await startAgent(home);
  return { home, work, agent, ...(await started(agent.peer, home, specOf(work, [command]))) };
}

/** The process whose number a training wrote into a file, ended with the test whatever becomes of it. */
async function writtenIn(work: string, name: string): Promise<Identity> {
  const pid = await eventually(() => {
    const number = Number(readFileSync(join(work, name), "utf8"));
    expect(number).toBeGreaterThan(1);
    return number;
  });
  const identity = identify(pid);
  atEnd(() => void (isAlive(identity) && send(pid, "SIGKILL")));
  return identity;
}

const refusal = (request: Promise<unknown>): Promise<string> =>
  request.then(
    () => "",
    (error: unknown) => String(error),
  );
const gone = (process: Identity): Promise<void> => eventually(() => expect(isAlive(process)).toBe(false), 20_000);
const shell = (script: string): string[] => ["sh", "-c", script];
/** Writes its own number, and becomes a program that carries no marker. */
const unmarked = (file: string): string => `env -i /bin/sh -c 'echo $$ > ${file}; exec /bin/sleep 600'`;

describe("a worker that outlives its run", () => {
  it("is named, keeps the run from being restarted or deleted, and is ended by Stop", async () => {
    const { home, work, agent, id } = await begun(
      shell("setsid sh -c 'echo $$ > w; exec sleep 600' & sleep 1; exit 3"),
    );
    const worker = await writtenIn(work, "w");
    const left = [{ pid: worker.pid, name: "sleep" }];
    await eventually(() => expect(statusOf(home, id)).toMatchObject({ state: "failed", exitCode: 3, left }));
    await eventually(async () => {
      const [listed] = (await agent.peer.request(runs.list, {})).runs;
      expect(listed?.status).toMatchObject({ state: "failed", left });
    });
    const again = await refusal(agent.peer.request(runs.restart, { id, after: 1, secrets: {} }));
    expect(again).toContain(`1 process is left: sleep (${worker.pid})`);
    expect((await runside(home, ["rm", id, "--yes"])).err).toContain("1 process is left");
    expect((await runside(home, ["ls"])).out).toContain("failed, 1 left running");
    const { out, code } = await runside(home, ["cancel", id]);
    expect([code, out.trim()]).toEqual([0, `${id}: failed`]);
    await gone(worker);
    // The end that was known stays, and the list that follows the run hears of it.
    expect(statusOf(home, id)).toMatchObject({ state: "failed", exitCode: 3, sent: [] });
    expect(statusOf(home, id).left).toBeUndefined();
    await eventually(async () => {
      const [listed] = (await agent.peer.request(runs.list, {})).runs;
      expect(listed?.status.left).toBeUndefined();
    });
    expect(await runside(home, ["cancel", id])).toMatchObject({ code: 1 });
    expect(await agent.peer.request(runs.restart, { id, after: 1, secrets: {} })).toMatchObject({ outcome: "started" });
    expect(await runside(home, ["cancel", id])).toMatchObject({ code: 0 });
  });

  it("is known too where only the reaper saw the end", async () => {
    const { home, work, id } = await begun(
      shell("setsid sh -c 'echo $$ > w; exec sleep 600' & while [ ! -e go ]; do sleep 0.1; done; exit 4"),
    );
    const worker = await writtenIn(work, "w");
    send(supervisorOf(home, id) ?? 0, "SIGKILL");
    await inState(home, id, "unsupervised");
    writeFileSync(join(work, "go"), "");
    const left = [{ pid: worker.pid, name: "sleep" }];
    await eventually(() => expect(statusOf(home, id)).toMatchObject({ state: "failed", exitCode: 4, left }));
    expect(await runside(home, ["cancel", id])).toMatchObject({ code: 0 });
    await gone(worker);
    expect(statusOf(home, id)).toMatchObject({ state: "failed", exitCode: 4 });
  });
});

describe("a process without the run's marker", () => {
  it("is ended by a stop where it is in the training's group", async () => {
    const { home, work, id } = await begun(shell(`${unmarked("w")} & exec sleep 600`));
    const hidden = await writtenIn(work, "w");
    expect(taggedWith(id)).not.toContain(hidden.pid);
    expect(await runside(home, ["cancel", id])).toMatchObject({ code: 0 });
    expect(statusOf(home, id)).toMatchObject({ state: "cancelled" });
    expect(isAlive(hidden)).toBe(false);
  });

  it("is ended by a stop where it made a session of its own and its parent is gone by then", async () => {
    const parent = `setsid env -i /bin/sh -c 'echo $$ > w; exec /bin/sleep 600' & while [ ! -e go ]; do sleep 0.1; done`;
    const { home, work, id } = await begun(shell(`sh -c "${parent}" & exec sleep 600`));
    const hidden = await writtenIn(work, "w");
    // The supervisor looks every 10 s at most, and more often at first.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    writeFileSync(join(work, "go"), "");
    await eventually(() => expect(readFileSync(`/proc/${hidden.pid}/stat`, "utf8")).toMatch(/\) S (1|\d+) /));
    expect(await runside(home, ["cancel", id])).toMatchObject({ code: 0 });
    expect(isAlive(hidden)).toBe(false);
  });

  it("keeps its run running though its reaper was killed", async () => {
    const { home, id, pid } = await begun(shell("exec env -i /bin/sleep 600"));
    const training = identify(pid);
    await eventually(() => expect(taggedWith(id)).not.toContain(pid));
    send(groupOf(pid) ?? 0, "SIGKILL");
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(statusOf(home, id).state).toBe("running");
    expect(await runside(home, ["cancel", id])).toMatchObject({ code: 0 });
    expect(isAlive(training)).toBe(false);
    expect(statusOf(home, id)).toMatchObject({ state: "cancelled" });
  });

  it("keeps it where its title is all that a program changes", async () => {
    const { home, id } = await begun(node("console.log('noenv', process.env.SPT_NOENV); setInterval(() => {}, 1000);"));
    const log = join(attemptFolder(home, id), "output.log");
    await eventually(() => expect(readFileSync(log, "utf8")).toBe("noenv 1\n"));
  });
});

it("a stop without a supervisor goes on where the agent that got the wish ends", async () => {
  const deaf = `for (const s of ["SIGINT", "SIGTERM"]) process.on(s, () => {}); setInterval(() => {}, 1000); console.log("waiting");`;
  const { home, id, agent } = await begun(node(deaf));
  const log = join(attemptFolder(home, id), "output.log");
  await eventually(() => expect(readFileSync(log, "utf8")).toContain("waiting"));
  send(supervisorOf(home, id) ?? 0, "SIGKILL");
  await inState(home, id, "unsupervised");
  expect(await agent.peer.request(runs.stop, { id })).toEqual({ accepted: true });
  await agent.kill();
  expect(await inState(home, id, "cancelled", 30_000)).toMatchObject({ sent: ["SIGINT", "SIGTERM", "SIGKILL"] });
  expect(taggedWith(id)).toEqual([]);
});

describe("another machine of the same home folder", () => {
  it("restarts no run that may live on its own", async () => {
    const { home, id, pid } = await begun(["sleep", "600"]);
    await inState(home, id, "running");
    const other = await startAgent(home, { RUNSIDE_PROC: anotherMachine() });
    const [seen] = (await other.peer.request(runs.list, {})).runs;
    expect(seen?.status.state).toBe("lost");
    expect(seen?.status.reason).toContain("Lost to this machine: it was started on");
    const refused = await refusal(other.peer.request(runs.restart, { id, after: 1, secrets: {} }));
    expect(refused).toMatch(/may live on another machine.*not restarted/);
    // What ends there is seen here.
    send(pid, "SIGKILL");
    await inState(home, id, "failed");
    await eventually(async () => {
      const [after] = (await other.peer.request(runs.list, {})).runs;
      expect(after?.status).toMatchObject({ state: "failed", signal: "SIGKILL" });
    });
  });
});

it("a run that never began is lost though the clock was set back since", async () => {
  const { home, id } = await begun(["sleep", "600"]);
  await inState(home, id, "running");
  send(supervisorOf(home, id) ?? 0, "SIGKILL");
  const attempt = attemptFolder(home, id);
  writeFileSync(join(attempt, "status.json"), "");
  for (const [hours, state] of [
    [1, "lost"],
    [-1, "lost"],
    [0, "starting"],
  ] as const) {
    const then = new Date(Date.now() + hours * 3600_000);
    utimesSync(attempt, then, then);
    expect(statusOf(home, id).state).toBe(state);
  }
});
