// The setting runside.keep.automatically over a real sshd: a run that ends is on this machine by itself, also with two windows open,
// and a failure is told once.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Scope } from "../../../core/base/disposable";
import { runs } from "../../../core/protocol/runs";
import { keepAutomatically, keptFolder } from "../../../src/keep/automaticKeep";
import { eventually } from "../../support/eventually";
import { inState, node, specOf, started } from "../../support/runsOfAgent";
import { sshdAvailable } from "../../support/sshd";
import { sshdWorld, type SshdWindow, type SshdWorld } from "../../support/sshdApp";
import { atEnd, tempFolder } from "../../support/tempFolder";

const LONG = 60_000;
const trains = node(
  `require("node:fs").writeFileSync(process.env.RUNSIDE_OUT + "/metrics.jsonl", '{"step":1,"loss":1}\\n'); setInterval(() => undefined, 1000)`,
);

interface Keeping {
  window: SshdWindow;
  kept: string[];
  told: string[];
}

function keeping(world: SshdWorld, root: string): Keeping {
  const window = world.window({ settings: { "keep.automatically": true, "keep.folder": root } });
  const [kept, told]: [string[], string[]] = [[], []];
  const scope = new Scope("keeping");
  atEnd(() => scope.dispose());
  const { boxes, secrets } = window.app;
  keepAutomatically(
    {
      ...{ boxes, secrets, logger: window.log, isOn: () => true, root: () => root },
      onKept: (folder) => void kept.push(folder),
      onFailed: (sentence) => told.push(sentence),
    },
    scope,
  );
  return { window, kept, told };
}

const stateIn = ({ window }: Keeping, id: string): string | undefined => window.session.directory.get(id)?.status.state;

async function runAndStop(world: SshdWorld, windows: readonly Keeping[]): Promise<string> {
  const peers = await Promise.all(windows.map(({ window }) => window.session.link.peer()));
  const [peer] = peers;
  if (!peer) throw new Error("no window");
  const { id } = await started(peer, world.store, specOf(world.sshd.home, [trains]));
  await eventually(() => {
    for (const each of windows) expect(stateIn(each, id)).toBe("running");
  }, LONG);
  await peer.request(runs.stop, { id });
  await inState(world.store, id, "cancelled", LONG);
  return id;
}

describe.skipIf(!sshdAvailable())("keeping by itself", { timeout: 4 * LONG }, () => {
  it("copies a run that ends to this machine, once for two windows", async () => {
    const world = await sshdWorld();
    const root = tempFolder("kept");
    const windows = [keeping(world, root), keeping(world, root)];
    const id = await runAndStop(world, windows);
    const folder = keptFolder(root, world.sshd.host, id);
    await eventually(() => expect(windows.map(({ kept }) => kept)).toEqual([[folder], [folder]]), LONG);
    expect(windows.flatMap(({ told }) => told)).toEqual([]);
    expect(readFileSync(join(folder, "attempts/1/out/metrics.jsonl"), "utf8")).toBe('{"step":1,"loss":1}\n');
    expect(JSON.parse(readFileSync(join(folder, "kept.json"), "utf8"))).toMatchObject({ id, box: world.sshd.host });
    expect(readdirSync(folder).filter((name) => /part|lock/.test(name))).toEqual([]);
  });

  it("that fails is told once, with what to do; the rest is in the log", async () => {
    const world = await sshdWorld();
    const root = join(tempFolder("kept"), "file");
    writeFileSync(root, "no folder");
    const one = keeping(world, root);
    const ids = [await runAndStop(world, [one]), await runAndStop(world, [one])];
    await eventually(() => {
      const log = JSON.stringify(one.window.log.records);
      for (const id of ids) expect(log).toContain(`${id} was not kept`);
    }, LONG);
    expect(one.told).toHaveLength(1);
    expect(one.told[0]).toMatch(/could not be kept by itself \(.*\): Keep Run in its menu tries again/);
    expect(one.kept).toEqual([]);
  });
});
