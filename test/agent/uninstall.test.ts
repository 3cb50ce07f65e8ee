// `runside uninstall`: a dry run shows and leaves everything, runs go only where that is said, and a store that is a link is cleared too.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { partOf, type Footprint, type Uninstalled } from "../../core/model/footprint";
import { runs } from "../../core/protocol/runs";
import { store } from "../../core/protocol/store";
import { fromPs, storeUsers } from "../../remote-agent/box/storeUsers";
import { boxStore } from "../../src/launch/boxStore";
import { sendSnapshot } from "../../src/launch/sendSnapshot";
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

/** To whoever reads the pipe next; `whileRead` before it has the words. */
async function says(pipe: string, words: string, whileRead: () => void): Promise<void> {
  const file = await open(pipe, "w");
  whileRead();
  await file.writeFile(words);
  await file.close();
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

  it("takes its own things alone from a folder where other things have the same names", async () => {
    const home = tempFolder("project");
    const id = await storeWithRun(home);
    const foreign = [
      "bin/tool",
      "cache/wheels/a.whl",
      "runs/Nov21_host/events.out",
      "snapshots/model_100.pt",
      "blobs/a/b.bin",
      "node/package.json",
      "agent/notes.md",
      "restarts/log",
      ".removing-mine/x",
    ];
    for (const path of foreign) {
      mkdirSync(dirname(join(home, path)), { recursive: true });
      writeFileSync(join(home, path), "mine");
    }
    symlinkSync(join(home, "bin"), join(home, "cache", "cd".repeat(12)));
    mkdirSync(join(home, "cache", "ab".repeat(12)));
    writeFileSync(join(home, "cache", "ab".repeat(12), "one.index"), "ours");
    writeFileSync(join(home, "bin", "runside"), "ours");
    const dry = await runside(home, ["uninstall", "--dry-run"]);
    expect(dry.out).toContain(join(home, "bin", "runside"));
    expect(dry.out).toContain(`stays: ${join(home, "bin", "tool")} was not made by Runside`);
    expect(dry.out).toContain(`stays: ${join(home, "restarts")} was not made by Runside`);
    expect((await runside(home, ["uninstall", "--delete-runs", "--yes"])).code).toBe(0);
    const files = readdirSync(home, { recursive: true, withFileTypes: true }).filter((each) => !each.isDirectory());
    const names = files.map((each) => join(each.parentPath, each.name).slice(home.length + 1));
    expect(names.sort()).toEqual([...foreign, `cache/${"cd".repeat(12)}`].sort());
    expect(existsSync(join(home, "runs", id))).toBe(false);
  });

  it("refused when a process came while agents moved away, puts them back also where another window put one, and goes on telling", async () => {
    const home = tempFolder("home");
    const id = await storeWithRun(home);
    const table = tempFolder("table");
    const cmdline = join(table, "4242", "cmdline");
    mkdirSync(dirname(cmdline));
    const pipe = (): void => void execFileSync("mkfifo", [cmdline]);
    pipe();
    const { peer } = await startAgent(home, { RUNSIDE_PROC: table });
    await peer.request(runs.list, {});
    const removed: string[] = [];
    peer.on(runs.listed, (change) => removed.push(...change.removed));
    const failed = peer.request(store.uninstall, { runs: "delete" }).catch((error: unknown) => error);
    // The first look waits for what the pipe says, and so does the second.
    await says(cmdline, "sleep\0", () => (rmSync(cmdline), pipe()));
    await says(cmdline, ["node", join(home, "agent", "b".repeat(64), "agent.js"), "serve", ""].join("\0"), () => {
      expect(readdirSync(home)).not.toContain("agent");
      for (const digit of ["a", "b"]) {
        mkdirSync(join(home, "agent", digit.repeat(64)), { recursive: true });
        writeFileSync(join(home, "agent", digit.repeat(64), "agent.js"), "new");
      }
      rmSync(dirname(cmdline), { recursive: true });
    });
    expect(await failed).toMatchObject({ code: "agent/in-use", message: expect.stringContaining("4242") as string });
    expect(readdirSync(join(home, "agent")).sort()).toEqual(["a".repeat(64), "b".repeat(64)]);
    expect(readdirSync(home).filter((name) => name.startsWith("."))).toEqual([]);
    rmSync(join(home, "runs", id), { recursive: true });
    await expect.poll(() => removed, { timeout: 10_000 }).toEqual([id]);
  });

  it("leaves kept runs the code they were started from, and no other, so that they can run again", async () => {
    const [home, work] = [tempFolder("home"), tempFolder("work")];
    const first = await startAgent(home);
    const send = async (text: string): Promise<string> => {
      writeFileSync(join(work, "train.js"), text);
      return (await sendSnapshot(work, boxStore(first.peer))).id;
    };
    const [used, unused] = [await send("console.log(1)"), await send("console.log(2)")];
    const spec = specOf("", [[process.execPath, "train.js"]], { place: { snapshot: used } });
    const { id } = await started(first.peer, home, spec);
    await inState(home, id, "succeeded");
    await first.kill();
    const kept = await runside(home, ["uninstall", "--keep-runs", "--yes", "--json"]);
    expect((JSON.parse(kept.out) as Uninstalled).left).toEqual([]);
    expect(readdirSync(join(home, "snapshots"))).toEqual([used]);
    expect(used).not.toBe(unused);
    const { peer } = await startAgent(home);
    const again = await started(peer, home, specOf("", spec.commands, { place: spec.place }));
    expect((await inState(home, again.id, "succeeded")).exitCode).toBe(0);
    const blobs = readdirSync(join(home, "blobs"), { recursive: true, encoding: "utf8" });
    expect(blobs.filter((name) => name.length > 60)).toHaveLength(1);
  });

  it("names the locks that stay: one that is held, and all where nothing can say whether they are", async () => {
    const locks = process.env.RUNSIDE_LOCKS ?? "";
    const [held, free] = [join(locks, "gpu-GPU-1.lock"), join(locks, "gpu-GPU-2.lock")];
    mkdirSync(locks, { mode: 0o1777 });
    for (const path of [held, free]) writeFileSync(path, "");
    const leftOf = async (): Promise<string[]> =>
      (JSON.parse((await runside(tempFolder("home"), ["uninstall", "--yes", "--json"])).out) as Uninstalled).left;
    const path = process.env.PATH;
    process.env.PATH = tempFolder("empty");
    const unsaid = await leftOf().finally(() => (process.env.PATH = path));
    expect(unsaid).toEqual(
      [held, free].map((lock) => expect.stringMatching(`${lock} .*"flock" was not found`) as string),
    );
    const holder = spawn("flock", [held, "sh", "-c", "echo held; read end"]);
    const ended = once(holder, "close");
    atEnd(() => ended.then(() => undefined));
    atEnd(() => void holder.stdin.end("\n"));
    await once(holder.stdout, "data");
    expect(await leftOf()).toEqual([`${held} (somebody holds it)`]);
    expect(readdirSync(locks)).toEqual(["gpu-GPU-1.lock"]);
  });

  it("finds who uses a store whose path has spaces, by what ps(1) tells too", async () => {
    const home = join(tempFolder("user"), "my own store");
    const folder = join(home, "agent", "a".repeat(64));
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "agent.js"), "process.stdin.resume()");
    const program = spawn(process.execPath, [join(folder, "agent.js"), "serve", "--token", "x"]);
    const ended = once(program, "close");
    atEnd(() => ended.then(() => undefined));
    atEnd(() => void program.stdin.end());
    await once(program, "spawn");
    const found = storeUsers([join(home, "agent")], [join(home, "node")], fromPs);
    expect(found.map(({ pid, does }) => [pid, does])).toEqual([[program.pid, "agent"]]);
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
