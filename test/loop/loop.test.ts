// The whole way in one test: a trainer writes, the built agent reads, the host mirrors over a real channel, a view's store
// draws from it. The end is what the pure readers make of the same files.
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { memoryPair } from "../../core/rpc/memory";
import { Peer } from "../../core/rpc/peer";
import { toWire } from "../../core/model/number";
import type { RunState } from "../../core/model/runState";
import { runs } from "../../core/protocol/runs";
import { rollouts } from "../../core/protocol/rollouts";
import { canonicalName } from "../../core/metrics/names";
import { detectReader } from "../../core/trace/registry";
import { RunDirectory } from "../../src/runs/runDirectory";
import { linkWords, serveView } from "../../src/runs/viewServer";
import { WatchHub } from "../../src/runs/watchHub";
import { RunStore } from "../../webviews/shared/runStore";
import { readLines, sampleOf } from "../core/trace/collect";
import { seeded } from "../core/random";
import { linkToAgent, type TestLink } from "../support/agentProcess";
import { eventually } from "../support/eventually";
import { FakeTrainer } from "../support/fakeTrainer";
import { inState, node, specOf, started } from "../support/runsOfAgent";
import { atEnd, tempFolder } from "../support/tempFolder";

interface View {
  store: RunStore;
  peer: Peer;
  visible: boolean;
}

/** What the extension makes for a panel, with a store at the other end of the wire as in the page. */
function openView(link: TestLink, hub: WatchHub, target: string): View {
  const [near, far] = memoryPair();
  const host = new Peer(far.reader, far.writer);
  const peer = new Peer(near.reader, near.writer);
  const lease = hub.lease(target);
  const done = (): Promise<Record<string, never>> => Promise.resolve({});
  const view: View = { store: new RunStore(peer, (paint) => (paint(), () => undefined)), peer, visible: true };
  const served = serveView({
    peer: host,
    link,
    mirror: lease.mirror,
    isVisible: () => view.visible,
    acts: {
      ready: () => ({
        target,
        box: "local",
        boxName: "local",
        title: target,
        dialect: "auto",
        link: linkWords(link.status),
      }),
      copy: done,
      tryDialect: done,
      openConfig: done,
      openLog: done,
      runAgain: done,
      stop: () => ({ accepted: false }),
      restart: () => ({ accepted: false }),
      retry: done,
    },
  });
  host.listen();
  peer.listen();
  atEnd(() => [view.store, served, lease, peer, host].forEach((thing) => thing.dispose()));
  return view;
}

/** The points that the pure reader finds in a file, by series key. */
function pointsOf(folder: string, path: string): Record<string, { steps: unknown[]; values: unknown[] }> {
  const bytes = readFileSync(join(folder, path));
  const reader = detectReader(sampleOf(path, bytes))?.reader;
  if (reader?.input !== "lines") throw new Error(`${path} is not read by lines`);
  const found: Record<string, { steps: unknown[]; values: unknown[] }> = {};
  for (const point of readLines(reader, bytes, [], false).points) {
    const [, raw = "", step = "", value = ""] = /^(.*)@(\S+) = (\S+)$/.exec(point) ?? [];
    const columns = (found[`${path}#${raw}`] ??= { steps: [], values: [] });
    columns.steps.push(toWire(Number(step)));
    columns.values.push(toWire(Number(value)));
  }
  return found;
}

const heldPoints = (state: RunState): Record<string, { steps: unknown[]; values: unknown[] }> =>
  Object.fromEntries([...state.series].map(([key, { steps, values }]) => [key, { steps, values }]));

async function world(seed: number) {
  const home = tempFolder("home");
  const trainer = new FakeTrainer(join(tempFolder("out"), "run"), seeded(seed));
  const link = await linkToAgent(home);
  const hub = new WatchHub(link);
  atEnd(() => hub.dispose());
  return { home, trainer, link, hub };
}

describe("from a trainer's line to a view's store", () => {
  it("ends with what the pure reader finds, with agents killed and files started again on the way", async () => {
    const { trainer, link, hub } = await world(11);
    trainer.lines("metrics.jsonl", 20);
    const view = openView(link, hub, trainer.folder);
    await view.store.start();
    await eventually(() => expect(view.store.state.series.get("metrics.jsonl#reward")?.total).toBe(20));
    const write = async (lines: number): Promise<void> => {
      const text = Array.from({ length: lines }, () => `${trainer.metrics()}\n`).join("");
      await trainer.inPieces("metrics.jsonl", text, 2);
    };
    for (let round = 0; round < 4; round++) {
      const writing = write(40);
      if (round === 1) await link.restart();
      await writing;
      if (round === 2) await link.restart(() => trainer.lines("metrics.jsonl", 30));
      if (round === 3) {
        view.visible = false;
        trainer.startAgain("metrics.jsonl", 90);
        await sleep(300);
        view.visible = true;
        // What a panel that is shown again does.
        await view.store.watch();
      }
      trainer.lines("traces/rollouts.jsonl", 2, () => trainer.group());
    }
    await write(7);
    await eventually(() => {
      expect(heldPoints(view.store.state)).toEqual(pointsOf(trainer.folder, "metrics.jsonl"));
      expect(view.store.state.counts.rollouts).toBe(8);
    });
    expect(view.store.state.series.get("metrics.jsonl#reward")?.steps).toHaveLength(97);
    expect(view.store.state.series.get("metrics.jsonl#reward")?.name).toBe(canonicalName("reward"));
    expect(view.store.error).toBeNull();
  });

  it("shows a second view what the first one holds, and answers its reads through the host", async () => {
    const { trainer, link, hub } = await world(12);
    trainer.lines("metrics.jsonl", 30);
    trainer.lines("traces/rollouts.jsonl", 5, () => (trainer.step++, trainer.group()));
    const [one, two] = [openView(link, hub, trainer.folder), openView(link, hub, trainer.folder)];
    await one.store.start();
    await eventually(() => expect(one.store.state.counts.rollouts).toBe(5));
    await two.store.start();
    expect(two.store.state).toEqual(one.store.state);
    const question = { target: trainer.folder, offset: 0, limit: 2, sort: "newest" as const };
    const page = await two.peer.request(rollouts.page, question);
    const id = page.rows[0]?.id ?? "";
    const before = await two.peer.request(rollouts.read, { target: trainer.folder, id });
    expect(before.samples).toHaveLength(4);
    expect(before.samples[0]?.parsed?.actions[0]?.kind).toMatch(/done|click/);
    // An id is good for another agent too, and where a file that comes first in the alphabet has appeared.
    await link.restart(() => copyFileSync(trainer.path("traces/rollouts.jsonl"), trainer.path("a/rollouts.jsonl")));
    expect(await two.peer.request(rollouts.read, { target: trainer.folder, id })).toEqual(before);
    await expect(two.peer.request(runs.stop, { id: "20260101-000000-none-abcd" })).rejects.toThrow(/may not ask/);
  });

  it("follows a run from its launch to its end, over an agent that dies meanwhile", async () => {
    const { home, link, hub } = await world(13);
    const directory = new RunDirectory(link);
    atEnd(() => directory.dispose());
    const program = `const fs = require("node:fs"); const out = process.env.RUNSIDE_OUT + "/metrics.jsonl";
      for (let n = 1; n <= 40; n++) setTimeout(() => { console.log("step " + n);
        fs.appendFileSync(out, JSON.stringify({ step: n, reward: n / 40 }) + (n < 40 ? "\\n" : "")); }, n * 30);`;
    const spec = specOf(home, [node(program)], { progress: { pattern: "step (?<step>\\d+)", total: 40 } });
    const { id } = await started(link.agent.peer, home, spec);
    const view = openView(link, hub, id);
    await view.store.start();
    await eventually(() => expect(view.store.state.progress.step).toBeGreaterThan(5));
    expect(view.store.state.status?.state).toBe("running");
    await link.restart(() => sleep(100));
    await inState(home, id, "succeeded");
    await eventually(() => {
      const { status, progress, series, logSize } = view.store.state;
      expect(status).toMatchObject({ state: "succeeded", exitCode: 0 });
      expect(progress).toEqual({ step: 40, total: 40, reward: 1, secondsLeft: null });
      expect(series.get("metrics.jsonl#reward")?.total).toBe(40);
      expect(logSize).toBe(readFileSync(join(home, "runs", id, "attempts/1/output.log")).length);
    });
    await eventually(() => {
      const [run] = directory.list();
      expect(run).toMatchObject({ id, status: { state: "succeeded" }, progress: { step: 40, total: 40, reward: 1 } });
    });
  });
});
