// Hostile names through a whole launch: workspace, recipe, plan, snapshot, agent, supervisor, reaper, training. Each arrives
// byte for byte, or is refused by name; none is run.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { isError, messageOf } from "../../core/base/errors";
import { files } from "../../core/protocol/files";
import { runs } from "../../core/protocol/runs";
import type { Peer } from "../../core/rpc/peer";
import { buildLaunch } from "../../src/launch/buildSpec";
import { localBox } from "../../src/runs/box";
import { launchOn } from "../../src/runs/launchConfig";
import { eventually } from "../support/eventually";
import { localApp } from "../support/localApp";
import { endRuns, inState, node, specOf, started } from "../support/runsOfAgent";
import { atEnd, tempFolder } from "../support/tempFolder";
import { hostileFileNames, hostileNames } from "./names";

const print =
  'console.log(JSON.stringify({ argv: process.argv.slice(1), pear: process.env.PEAR ?? "", cwd: process.cwd() }))';

const recipes = `recipes:
  - id: print
    match: { files: ["**/*.yaml"], keys: [pear] }
    command: [${JSON.stringify(process.execPath)}, -e, ${JSON.stringify(print)}, "--", "{config}", "{config:pear}"]
`;

interface Printed {
  argv: string[];
  pear: string;
  cwd: string;
}

async function printedBy(peer: Peer, home: string, id: string): Promise<Printed> {
  await inState(home, id, "succeeded", 20_000);
  const { text } = await peer.request(files.log, { target: id, maxBytes: 100_000 });
  return JSON.parse(text) as Printed;
}

describe("a hostile name", () => {
  it("of a config, of its folder and as its value reaches the training as it is", async () => {
    const canary = join(tempFolder("canary"), "canary");
    const { app, home } = await localApp();
    atEnd(() => endRuns(home));
    const peer = await app.boxes.open(localBox).link.peer();
    const workspace = tempFolder("workspace");
    mkdirSync(join(workspace, ".runside"));
    writeFileSync(join(workspace, ".runside", "recipes.yaml"), recipes);
    const names = hostileFileNames(canary);
    // Each once as a config's name, as its folder's name and as a value, without as many launches.
    const third = Math.ceil(names.length / 3);
    const sent: { path: string; value: string; id: string }[] = [];
    for (let i = 0; i < third; i++) {
      const [file = "a", folder = "b", value = "c"] = [names[i], names[i + third], names[i + 2 * third]];
      const path = `${folder}/${file}.yaml`;
      mkdirSync(join(workspace, folder), { recursive: true });
      writeFileSync(join(workspace, path), `pear: ${JSON.stringify(value)}\n`);
      if (path.includes("\\")) {
        // On Windows this is a folder's end, so no config may have it in its name, anywhere.
        await expect(buildLaunch(workspace, path)).rejects.toThrow(/is not a config that can run/);
        continue;
      }
      const launch = await buildLaunch(workspace, path);
      const { id } = await launchOn({ workspace, launch, peer, report: () => undefined });
      sent.push({ path, value, id });
    }
    for (const { path, value, id } of sent) {
      const { argv, cwd } = await printedBy(peer, home, id);
      const { manifest } = await peer.request(runs.manifest, { target: id });
      expect(manifest?.config.path).toBe(path);
      expect(argv[1]).toBe(value);
      expect(argv[0]?.endsWith(path)).toBe(true);
      expect(readFileSync(resolve(cwd, argv[0] ?? ""), "utf8")).toBe(`pear: ${JSON.stringify(value)}\n`);
    }
    expect(existsSync(canary)).toBe(false);
  }, 120_000);

  it("as argument, environment value, secret and folder is data; the shell between sees only positions", async () => {
    const canary = join(tempFolder("canary"), "canary");
    const { app, home } = await localApp();
    const peer = await app.boxes.open(localBox).link.peer();
    const names = hostileNames(canary).filter((name) => !name.includes("{"));
    for (const pear of names.slice(0, 3)) {
      const place = join(tempFolder("place"), pear.replaceAll("/", "∕"));
      mkdirSync(place);
      const command = node(print, "--", ...names);
      const spec = specOf(place, [command, command], { env: { PEAR: pear }, secrets: { TOKEN: pear } });
      const { id } = await started(peer, home, spec);
      await inState(home, id, "succeeded", 20_000);
      const { text } = await peer.request(files.log, { target: id, maxBytes: 100_000 });
      const lines = text.trim().split("\n");
      expect(lines).toHaveLength(2);
      for (const line of lines) expect(JSON.parse(line)).toEqual({ argv: names, pear, cwd: place });
    }
    expect(existsSync(canary)).toBe(false);
  }, 60_000);

  it("for a run's id is refused at the door, and makes nothing in the store", async () => {
    const canary = join(tempFolder("canary"), "canary");
    const { app, home } = await localApp();
    const peer = await app.boxes.open(localBox).link.peer();
    const ids = [...hostileNames(canary), "../escape", "20261120-235959-x-k3f9/..", "20261120-235959-x-k3f9\n"];
    const before = readdirSync(join(home, "runs"));
    for (const id of ids) {
      const questions = [
        peer.request(runs.launch, specOf(tempFolder("place"), [node("")], { id })),
        peer.request(runs.stop, { id }),
        peer.request(runs.remove, { id, dryRun: false }),
        peer.request(runs.usage, { id }),
      ];
      for (const asked of questions) {
        const failed: unknown = await asked.then(
          () => "answered",
          (error: unknown) => error,
        );
        expect(isError(failed, "rpc/bad-params"), `${id}: ${messageOf(failed)}`).toBe(true);
      }
    }
    expect(readdirSync(join(home, "runs"))).toEqual(before);
    expect(existsSync(canary)).toBe(false);
  });

  it("for a working folder or a snapshot leads nowhere", async () => {
    const { app, home } = await localApp();
    const peer = await app.boxes.open(localBox).link.peer();
    const place = tempFolder("place");
    for (const cwd of ["..", "../..", "/", "/etc", "a/../../.."]) {
      const asked = peer.request(runs.launch, specOf(place, [node("")], { cwd }));
      await expect(asked).rejects.toThrow(/outside the workspace/);
    }
    for (const snapshot of ["..", "../runs", "/etc", "$(id)"]) {
      const asked = peer.request(runs.launch, specOf(place, [node("")], { place: { snapshot } }));
      await expect(asked).rejects.toThrow();
    }
    await eventually(() => expect(readdirSync(join(home, "runs")).filter((name) => /^\d/.test(name))).toEqual([]));
  });
});
