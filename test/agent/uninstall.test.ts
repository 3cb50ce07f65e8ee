// `runside uninstall`: a dry run shows and leaves everything, runs go only where that is said, and a store that is a link is cleared too.
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { partOf, type Footprint, type Uninstalled } from "../../core/model/footprint";
import { startAgent } from "../support/agentProcess";
import { runside } from "../support/builtAgent";
import { inState, node, specOf, started } from "../support/runsOfAgent";
import { atEnd, tempFolder } from "../support/tempFolder";

beforeEach(() => {
  const before = process.env.RUNSIDE_LOCKS;
  process.env.RUNSIDE_LOCKS = join(tempFolder("locks"), "shared");
  atEnd(() => {
    if (before === undefined) Reflect.deleteProperty(process.env, "RUNSIDE_LOCKS");
    else process.env.RUNSIDE_LOCKS = before;
  });
});

async function storeWithRun(home: string): Promise<string> {
  const agent = await startAgent(home);
  const { id } = await started(agent.peer, home, specOf(tempFolder("place"), [node("console.log(1)")]));
  await inState(home, id, "succeeded");
  await agent.kill();
  mkdirSync(join(home, "agent", "a".repeat(64)), { recursive: true });
  writeFileSync(join(home, "agent", "a".repeat(64), "agent.js"), "x".repeat(100_000));
  return id;
}

describe("runside uninstall", () => {
  it("shows first, asks what becomes of the runs, and does as told", async () => {
    const home = tempFolder("home");
    const id = await storeWithRun(home);
    const before = readdirSync(home, { recursive: true }).sort();
    const dry = await runside(home, ["uninstall", "--dry-run"]);
    expect(dry.code).toBe(0);
    expect(dry.out).toMatch(/goes: 1 agent and the command line: 1\d\d KB/);
    expect(dry.out).toContain("goes: 1 run:");
    const { out } = await runside(home, ["uninstall", "--dry-run", "--json"]);
    expect(partOf(JSON.parse(out) as Footprint, "runs")?.paths).toEqual([join(home, "runs")]);
    const unsaid = await runside(home, ["uninstall", "--yes"]);
    expect([unsaid.code, unsaid.err]).toEqual([2, expect.stringContaining("--keep-runs or --delete-runs")]);
    const both = await runside(home, ["uninstall", "--keep-runs", "--delete-runs"]);
    expect(both.code).toBe(2);
    const unasked = await runside(home, ["uninstall", "--keep-runs"]);
    expect([unasked.code, unasked.err]).toEqual([1, expect.stringContaining("Nothing was deleted")]);
    expect(readdirSync(home, { recursive: true }).sort()).toEqual(before);

    const kept = await runside(home, ["uninstall", "--keep-runs", "--yes"]);
    expect([kept.code, kept.err]).toEqual([0, ""]);
    expect(readdirSync(home)).toEqual(["runs"]);
    expect((await runside(home, ["show", id])).code).toBe(0);
    const rest = await runside(home, ["uninstall", "--delete-runs", "--yes", "--json"]);
    expect((JSON.parse(rest.out) as Uninstalled).left).toEqual([]);
    expect(existsSync(home)).toBe(false);
    expect((await runside(home, ["uninstall", "--dry-run"])).out).toContain("Nothing of Runside");
  });

  it("clears a store that lies behind a link, and the link", async () => {
    const home = tempFolder("scratch");
    await storeWithRun(home);
    const link = join(tempFolder("user"), ".runside");
    symlinkSync(home, link);
    expect((await runside(link, ["uninstall", "--delete-runs", "--yes"])).code).toBe(0);
    expect([existsSync(home), existsSync(link)]).toEqual([false, false]);
  });
});
