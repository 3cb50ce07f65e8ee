// A window that is opened when its box is gone: the last runs and what an open run showed, with their age, from real runs over a real sshd.
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { MemoryLogger } from "../../../core/base/logger";
import type { RunSummary } from "../../../core/model/run";
import { emptyRunState } from "../../../core/model/runState";
import { runs } from "../../../core/protocol/runs";
import { LastSeen } from "../../../src/runs/lastSeen";
import { linkWords } from "../../../src/runs/viewServer";
import { linkWords as wordsOfView } from "../../../webviews/shared/runWords";
import { endRuns, inState, node, specOf, started } from "../../support/runsOfAgent";
import { find, sshdWorld, type SshdWorld } from "../../support/sshdApp";
import { sshdAvailable } from "../../support/sshd";
import { tempFolder } from "../../support/tempFolder";

const STEPS = 1200;
const trains = node(`
const { writeFileSync } = require("node:fs");
const line = (step) => JSON.stringify({ step, reward: step / ${STEPS}, loss: 1 / (step + 1) }) + "\\n";
writeFileSync(process.env.RUNSIDE_OUT + "/metrics.jsonl", Array.from({ length: ${STEPS} }, (_, i) => line(i)).join(""));
setInterval(() => undefined, 1000);
`);

/** A run that was open in a window, which was then closed. */
async function watched(world: SshdWorld): Promise<string> {
  const window = world.window();
  const peer = await window.session.link.peer();
  const { id } = await started(peer, world.store, specOf(world.sshd.home, [trains]));
  const { mirror } = window.session.hub.lease(id);
  await expect.poll(() => mirror.state.series.size).toBe(2);
  await expect.poll(() => mirror.state.indexing).toBe(false);
  await expect.poll(() => window.session.directory.get(id)?.status.state).toBe("running");
  await window.close();
  return id;
}

describe.skipIf(!sshdAvailable())("a box that is gone", { timeout: 60_000 }, () => {
  it("is shown as it was seen last, with its age, by a window that never reached it", async () => {
    const world = await sshdWorld();
    const closedAt = Date.now();
    const id = await watched(world);
    await world.sshd.stop();
    const window = world.window();
    const { link, directory, hub } = window.session;
    expect(directory.list().map((run) => [run.id, run.status.state])).toEqual([[id, "running"]]);
    expect([link.status.state, directory.loaded]).toEqual(["idle", false]);
    await expect(link.peer()).rejects.toMatchObject({ code: "connect/unreachable" });
    expect(link.status.state).toBe("failed");
    expect(link.status.seenAt).toBeGreaterThanOrEqual(closedAt);
    expect(link.status.seenAt).toBeLessThanOrEqual(Date.now());
    expect(directory.list().map((run) => run.id)).toEqual([id]);

    const { mirror } = hub.lease(id);
    const state = await mirror.loaded();
    expect(state.status?.state).toBe("running");
    const reward = [...state.series.values()].find(({ name }) => name === "reward");
    expect([reward?.total, reward?.steps[0], reward?.steps.at(-1)]).toEqual([STEPS, 0, STEPS - 1]);
    expect(reward?.steps.length).toBeLessThanOrEqual(300);
    const shown = linkWords(link.status, mirror.seenAt);
    expect(shown).toMatchObject({ state: "failed", seenAt: mirror.seenAt });
    expect(mirror.seenAt).toBeGreaterThanOrEqual(closedAt);
    expect(wordsOfView({ ...shown, seenAt: (shown.seenAt ?? 0) - 7_200_000 }, "test-box", Date.now())).toMatch(
      /^test-box: not connected. Data from 2 h ago$/,
    );
    // A run that was never open has nothing to show, and says why.
    await expect(hub.lease("20260101-000000-other-aaaa").mirror.loaded()).rejects.toMatchObject({
      code: "connect/unreachable",
    });
    for (const path of find(world.memory).filter((each) => each.endsWith(".json")))
      expect([path, statSync(path).mode & 0o777]).toEqual([path, 0o600]);
    // The window that saw nothing does not pass its own time for the last one.
    const { seenAt } = link.status;
    await window.close();
    expect(world.window().session.link.status.seenAt).toBe(seenAt);
  });

  it("is replaced by what the box says as soon as it answers", async () => {
    const world = await sshdWorld();
    const id = await watched(world);
    await endRuns(world.store);
    const window = world.window();
    const { link, directory, hub } = window.session;
    const { mirror } = hub.lease(id);
    expect(mirror.state.status?.state).toBe("running");
    await link.peer();
    expect(link.status.seenAt).toBe(null);
    await expect.poll(() => mirror.state.status?.state).toBe("lost");
    await expect.poll(() => directory.list().map((run) => run.status.state)).toEqual(["lost"]);
    // Whole again: a remembered state is thinner than what the box sends.
    await expect.poll(() => [...mirror.state.series.values()].map(({ steps }) => steps.length)).toEqual([STEPS, STEPS]);
    world.sshd.dropConnections();
    await world.sshd.stop();
    await expect.poll(() => link.status.state, { timeout: 10_000 }).not.toBe("connected");
    expect(Date.now() - (link.status.seenAt ?? 0)).toBeLessThan(20_000);
  });

  it("is not connected to by itself where Runside was taken away", async () => {
    const world = await sshdWorld();
    const id = await watched(world);
    const window = world.window();
    await (await window.session.link.peer()).request(runs.stop, { id });
    await inState(world.store, id, "cancelled");
    await window.app.boxes.uninstall("test-box", "delete");
    await window.close();
    const next = world.window();
    expect(next.app.boxes.seen("test-box")).toMatchObject({ installed: false, runs: [] });
    expect(find(world.memory).filter((path) => path.endsWith(".json"))).toHaveLength(1);
  });
});

describe("what is remembered of a box", () => {
  let folder = "";
  let seen: LastSeen;
  beforeEach(() => {
    folder = tempFolder("memory");
    seen = new LastSeen(folder, new MemoryLogger());
  });
  const summary = (at: number): RunSummary => ({
    id: `20260101-0000${String(at).padStart(2, "0")}-pears-aaaa`,
    name: "pears",
    recipe: "test",
    configPath: "pears.yaml",
    createdAt: new Date(0).toISOString(),
    facts: [],
    status: {
      state: "succeeded",
      startedAt: null,
      endedAt: null,
      exitCode: 0,
      signal: null,
      reason: null,
      sent: [],
      stopping: null,
      usage: null,
      pid: null,
      attempt: 1,
      health: null,
      but: null,
    },
    progress: { step: null, total: null, reward: null, secondsLeft: null },
  });

  it("is bounded: the newest runs, the states looked at last, and no state that is too large", () => {
    seen.keep("pear", { installed: true, runs: Array.from({ length: 60 }, (_, i) => summary(i)) });
    expect(seen.of("pear")?.runs).toHaveLength(50);
    const states = seen.statesOf("pear");
    for (let i = 0; i < 12; i++) states.keep(`/runs/${i}`, { ...emptyRunState, title: String(i), cursor: "c" });
    expect(readdirSync(folder, { recursive: true }).filter((name) => String(name).includes("/"))).toHaveLength(8);
    expect(states.read("/runs/11")?.state.title).toBe("11");
    states.keep("/runs/11", { ...emptyRunState, title: "x".repeat(3e6), cursor: "c" });
    expect(states.read("/runs/11")).toBe(null);
  });

  it("is nothing where the file is damaged, of another box, of another shape, or cannot be written", () => {
    seen.keep("pear", { installed: true, runs: [summary(1)] });
    const file = join(folder, readdirSync(folder)[0] ?? "");
    const good = readFileSync(file, "utf8");
    for (const bad of [
      "",
      good.slice(0, -20),
      '{"schema":2}',
      good.replace('"pear"', '"plum"'),
      good.replace('"seenAt":', '"seen":'),
    ]) {
      writeFileSync(file, bad);
      expect(seen.of("pear")).toBe(null);
    }
    writeFileSync(file, good);
    expect(seen.of("pear")?.runs).toEqual([summary(1)]);
    const logger = new MemoryLogger();
    writeFileSync(join(folder, "file"), "");
    chmodSync(join(folder, "file"), 0o400);
    new LastSeen(join(folder, "file", "below"), logger).keep("pear", { installed: true, runs: [] });
    expect(logger.records.map(({ level }) => level)).toEqual(["warn"]);
  });
});
