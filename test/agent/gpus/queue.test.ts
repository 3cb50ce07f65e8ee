// Runs that take turns on GPUs: real supervisors, locks of the kernel, and a recorded nvidia-smi. What ran when is read from a log that
// the runs themselves append to.
import { readdirSync, readFileSync, rmSync, symlinkSync, mkdirSync, writeFileSync, existsSync } from "node:fs";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import type { LaunchSpec } from "../../../core/model/run";
import { gpus } from "../../../core/protocol/gpus";
import { runs } from "../../../core/protocol/runs";
import type { Peer } from "../../../core/rpc/peer";
import { send } from "../../../remote-agent/box/processes";
import { networkTypeOf } from "../../../remote-agent/queue/locksFolder";
import { startAgent } from "../../support/agentProcess";
import { eventually } from "../../support/eventually";
import { h100, h100s, recordedTools, type RecordedTools } from "../../support/gpuTools";
import { attemptFolder, endRuns, inState, nextId, specOf, statusOf, supervisorOf } from "../../support/runsOfAgent";
import { atEnd, tempFolder } from "../../support/tempFolder";

type Outcome = Awaited<ReturnType<typeof launched>>;

let home: string;
let work: string;
let peer: Peer;

const launched = (spec: LaunchSpec, by = peer) => by.request(runs.launch, spec);

/** Says in `work/log` when it begins and ends, and lasts until `work/go` is there. */
const untilGo = (more: Partial<LaunchSpec> = {}): LaunchSpec =>
  specOf(
    work,
    [
      [
        "sh",
        "-c",
        'echo "begin $RUNSIDE_RUN_ID $CUDA_VISIBLE_DEVICES" >>log; until [ -e go ]; do sleep 0.05; done; echo "end $RUNSIDE_RUN_ID" >>log',
      ],
    ],
    {
      gpus: { count: 1 },
      ...more,
    },
  );

const short = (more: Partial<LaunchSpec> = {}): LaunchSpec =>
  specOf(
    work,
    [
      [
        "sh",
        "-c",
        'echo "begin $RUNSIDE_RUN_ID $CUDA_VISIBLE_DEVICES" >>log; sleep 0.02; echo "end $RUNSIDE_RUN_ID" >>log',
      ],
    ],
    { gpus: { count: 1 }, ...more },
  );

const go = (): void => writeFileSync(join(work, "go"), "");
const lines = (): string[][] =>
  existsSync(join(work, "log"))
    ? readFileSync(join(work, "log"), "utf8")
        .trim()
        .split("\n")
        .map((line) => line.split(" "))
    : [];
const begun = (): string[] => lines().flatMap(([what, id = ""]) => (what === "begin" ? [id] : []));

/** The most that ran at one time. */
function mostAtOnce(): number {
  let now = 0;
  return Math.max(...lines().map(([what]) => (what === "begin" ? ++now : now--)));
}

async function box(count: number, env: NodeJS.ProcessEnv = {}): Promise<RecordedTools> {
  const tools = recordedTools({ "nvidia-smi": h100s(count) });
  home = tempFolder("home");
  work = tempFolder("work");
  const running = home;
  const agent = await startAgent(home, env);
  // Ends before the folders do.
  atEnd(() => endRuns(running));
  peer = agent.peer;
  return tools;
}

const queued = (outcome: Outcome): { id: string; place: number; waitsFor: string } => {
  if (outcome.outcome !== "queued") throw new Error(JSON.stringify(outcome));
  return outcome;
};

describe("one GPU", () => {
  let tools: RecordedTools;
  beforeEach(async () => {
    tools = await box(1);
  });

  it("twenty launched at once run one at a time, in the order of their tickets", async () => {
    const holder = await launched(untilGo());
    expect(holder.outcome).toBe("started");
    const outcomes = (await Promise.all(Array.from({ length: 20 }, () => launched(short())))).map(queued);
    const places = new Map(outcomes.map(({ id, place }) => [id, place]));
    expect([...places.values()].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, at) => at + 1));
    go();
    for (const { id } of outcomes) await inState(home, id, "succeeded", 60_000);
    expect(begun()).toEqual([
      holder.id,
      ...[...places.keys()].sort((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0)),
    ]);
    expect(mostAtOnce()).toBe(1);
    expect(readdirSync(tools.locks).filter((name) => name.includes("ticket"))).toEqual([]);
  }, 120_000);

  it("says its place and what it waits for, and both change", async () => {
    const first = await launched(untilGo());
    const second = queued(await launched(untilGo()));
    const third = queued(await launched(short({ gpus: { ids: ["0"] } })));
    expect([second.place, third.place, third.waitsFor]).toEqual([1, 2, "GPU 0"]);
    expect(statusOf(home, second.id).reason).toBe(`First in the queue for 1 GPU: GPU 0 ${first.id}.`);
    expect(statusOf(home, third.id)).toMatchObject({
      state: "queued",
      reason: "Place 2 in the queue for GPU 0: 1 before it.",
    });
    expect(await peer.request(runs.stop, { id: second.id })).toEqual({ accepted: true });
    expect((await inState(home, second.id, "cancelled")).reason).toContain("before it started");
    await eventually(() => expect(statusOf(home, third.id).queue).toEqual({ place: 1, waitsFor: "GPU 0" }));
    go();
    const end = await inState(home, third.id, "succeeded");
    expect(end).toMatchObject({ gpus: [h100(0)], queue: null });
    expect(begun()).toEqual([first.id, third.id]);
  });

  it("a launch repeated after a cut says the same and starts nothing twice", async () => {
    await launched(untilGo());
    const spec = short();
    const answers = [await launched(spec), await launched(spec), await launched(spec)];
    expect(answers.map((answer) => queued(answer).place)).toEqual([1, 1, 1]);
    go();
    await inState(home, spec.id, "succeeded");
    expect(begun().filter((id) => id === spec.id)).toHaveLength(1);
  });

  it("a supervisor killed while it waits is lost, and those behind it go on", async () => {
    const first = await launched(untilGo());
    const killed = queued(await launched(short()));
    const behind = queued(await launched(short()));
    send(supervisorOf(home, killed.id) ?? 0, "SIGKILL");
    await inState(home, killed.id, "lost");
    await eventually(() => expect(statusOf(home, behind.id).queue?.place).toBe(1));
    go();
    await inState(home, behind.id, "succeeded");
    expect(begun()).toEqual([first.id, behind.id]);
  });

  it("a supervisor killed while it runs leaves the GPU with the training, and after that to the next", async () => {
    const first = await launched(untilGo());
    const second = queued(await launched(short()));
    send(supervisorOf(home, first.id) ?? 0, "SIGKILL");
    await inState(home, first.id, "unsupervised");
    expect(queued(await launched(short())).place).toBe(2);
    expect(begun()).toEqual([first.id]);
    go();
    await inState(home, second.id, "succeeded");
    await inState(home, first.id, "succeeded");
    expect(mostAtOnce()).toBe(1);
  });

  it("a lock file that is deleted while it is held, and a ticket, let nobody in", async () => {
    const first = await launched(untilGo());
    for (const name of readdirSync(tools.locks)) rmSync(join(tools.locks, name));
    const second = queued(await launched(short()));
    for (const name of readdirSync(tools.locks)) rmSync(join(tools.locks, name));
    expect(statusOf(home, second.id).reason).toContain(first.id);
    await eventually(() =>
      expect(readdirSync(tools.locks).filter((name) => name.startsWith("ticket-"))).toHaveLength(1),
    );
    go();
    await inState(home, second.id, "succeeded");
    expect(mostAtOnce()).toBe(1);
  });

  it("is not handed out while a process that was started without Runside is on it", async () => {
    const other = spawn("sleep", ["1000"], { stdio: "ignore" });
    const ended = once(other, "exit");
    atEnd(async () => {
      other.kill("SIGKILL");
      await ended;
    });
    tools.set("nvidia-smi", h100s(1, [{ gpu: 0, pid: other.pid ?? 0 }]));
    const run = queued(await launched(short()));
    expect(statusOf(home, run.id).reason).toMatch(/GPU 0 in use by .*, outside Runside \(process \d+\)/);
    expect(begun()).toEqual([]);
    tools.set("nvidia-smi", h100s(1));
    await inState(home, run.id, "succeeded");
  });

  it("shows which run has it", async () => {
    const first = await launched(untilGo());
    const { gpus: seen } = await peer.request(gpus.list, {});
    expect(seen[0]?.holders).toEqual([{ kind: "run", id: first.id }]);
    const none = await launched(short({ gpus: "none" }));
    await inState(home, none.id, "succeeded");
    go();
    await inState(home, first.id, "succeeded");
  });
});

describe("several GPUs", () => {
  it("are given by name and by number, as UUIDs, and a run that needs more holds back those behind it", async () => {
    await box(4);
    const named = await launched(untilGo({ gpus: { ids: ["2", h100(1)] } }));
    const all = queued(await launched(short({ gpus: { count: 4 } })));
    const one = queued(await launched(short()));
    expect([all.place, one.place]).toEqual([1, 2]);
    expect(statusOf(home, all.id).reason).toBe(
      `First in the queue for 4 GPUs (2 free): GPU 1 ${named.id}; GPU 2 ${named.id}.`,
    );
    go();
    await inState(home, one.id, "succeeded");
    const given = lines().flatMap(([what, id = "", uuids = ""]) =>
      what === "begin" ? [[id, uuids.split(",").length]] : [],
    );
    expect(given).toEqual([
      [named.id, 2],
      [all.id, 4],
      [one.id, 1],
    ]);
    expect(lines()[0]?.[2]).toBe(`${h100(2)},${h100(1)}`);
  });

  it("what a box can never give fails at once, by name", async () => {
    await box(2);
    const many = await launched(short({ gpus: { count: 3 } }));
    expect(many).toMatchObject({
      outcome: "failed",
      reason: expect.stringContaining("asks for 3 GPUs and this box has 2 GPUs") as string,
    });
    const unknown = await launched(short({ gpus: { ids: ["GPU-ffff"] } }));
    expect(unknown).toMatchObject({
      outcome: "failed",
      reason: expect.stringContaining('no GPU "GPU-ffff"') as string,
    });
    expect(begun()).toEqual([]);
  });
});

describe("a box that cannot keep a queue says why", () => {
  it("no GPU", async () => {
    await box(0);
    const outcome = await launched(short());
    expect(outcome).toMatchObject({
      outcome: "failed",
      reason: expect.stringContaining("this box offers none") as string,
    });
  });

  it("no flock", async () => {
    const tools = recordedTools({ "nvidia-smi": h100s(1) });
    const few = join(tempFolder("few"), "bin");
    mkdirSync(few);
    for (const program of ["sh", "cat", "sed", "mv", "sleep", "getent"])
      symlinkSync(join("/usr/bin", program), join(few, program));
    process.env.PATH = `${tools.bin}:${few}`;
    home = tempFolder("home");
    work = tempFolder("work");
    peer = (await startAgent(home)).peer;
    const outcome = await launched(short());
    expect(outcome).toMatchObject({
      outcome: "failed",
      reason: expect.stringMatching(/"flock".*util-linux/) as string,
    });
  });

  it("locks in a place that is no folder", async () => {
    const tools = await box(1);
    writeFileSync(tools.locks, "");
    const outcome = await launched(short());
    expect(outcome).toMatchObject({ outcome: "failed", reason: expect.stringContaining("is no folder") as string });
  });

  it("locks on a network file system, by the name of its type", () => {
    const mounts = [
      "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw",
      "60 22 0:41 / /home rw,relatime shared:9 - nfs4 store:/export/home rw,vers=4.2",
      "61 60 0:42 / /home/scratch\\040one rw - xfs /dev/sdb1 rw",
      "62 22 0:43 / /mnt/far rw - fuse.sshfs other:/ rw",
      "63 22 0:44 / /overlay rw - fuse.fuse-overlayfs fuse-overlayfs rw",
    ].join("\n");
    expect(networkTypeOf("/tmp/locks", mounts)).toBeNull();
    expect(networkTypeOf("/home/locks", mounts)).toBe("nfs4");
    expect(networkTypeOf("/homeless/locks", mounts)).toBeNull();
    expect(networkTypeOf("/home/scratch one/locks", mounts)).toBeNull();
    expect(networkTypeOf("/mnt/far/locks", mounts)).toBe("fuse.sshfs");
    expect(networkTypeOf("/overlay/tmp", mounts)).toBeNull();
  });
});

it("a run without a request takes no turn", async () => {
  const tools = await box(1);
  const { gpus: _none, ...spec } = short({ id: nextId() });
  expect((await launched(spec)).outcome).toBe("started");
  await inState(home, spec.id, "succeeded");
  expect(existsSync(tools.locks)).toBe(false);
  expect(readFileSync(join(attemptFolder(home, spec.id), "status.json"), "utf8")).not.toContain("GPU-");
});
