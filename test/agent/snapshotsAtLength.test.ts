// Snapshots over time: any workspace after any edits arrives as git sees it, what nobody needs is swept, a full disk is said.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { runs } from "../../core/protocol/runs";
import { snapshots } from "../../core/protocol/snapshots";
import type { Peer } from "../../core/rpc/peer";
import { Home } from "../../remote-agent/disk/home";
import { SnapshotStore } from "../../remote-agent/disk/snapshotStore";
import { boxStore } from "../../src/launch/boxStore";
import { sendSnapshot } from "../../src/launch/sendSnapshot";
import { seeded } from "../core/random";
import { startAgent } from "../support/agentProcess";
import { eventually } from "../support/eventually";
import { inState, nextId, specOf, started } from "../support/runsOfAgent";
import { atEnd, tempFolder } from "../support/tempFolder";

const isLong = (name: string): boolean => name.length > 60;
const nothing = [process.execPath, "-e", ""];

async function workOf(peer: Peer, home: string, snapshot: string): Promise<string> {
  const { id } = await started(peer, home, specOf("", [nothing], { place: { snapshot } }));
  await inState(home, id, "succeeded");
  return join(home, "runs", id, "work");
}

/** A file as one word: what it is, its mode, its content. Names are bytes, one character each. */
function stateOf(root: string, name: string): string {
  const path = Buffer.concat([Buffer.from(`${root}/`), Buffer.from(name, "latin1")]);
  const stats = lstatSync(path);
  if (stats.isSymbolicLink()) return `-> ${readlinkSync(path)}`;
  const hash = createHash("sha256").update(readFileSync(path)).digest("hex");
  return `${(stats.mode & 0o111) === 0 ? "file" : "program"} ${hash}`;
}

/** Git's own list of what is there and not ignored. */
function asGitSees(root: string): Record<string, string> {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"];
  const names = execFileSync("git", args, { cwd: root }).toString("latin1").split("\0").filter(Boolean);
  const there = names.filter((name) => exists(root, name));
  return Object.fromEntries(there.map((name) => [name, stateOf(root, name)]));
}

/** A tracked file may be gone, lie below what is a file now, or be a folder by now, whose files git lists themselves. */
function exists(root: string, name: string): boolean {
  try {
    return !lstatSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from(name, "latin1")])).isDirectory();
  } catch {
    return false;
  }
}

/** What lies in a folder, whatever made it. */
function asItLies(root: string): Record<string, string> {
  const listed = execFileSync("find", [".", "!", "-type", "d", "-print0"], { cwd: root }).toString("latin1");
  const names = listed.split("\0").filter(Boolean);
  return Object.fromEntries(names.map((name) => [name.slice(2), stateOf(root, name.slice(2))]));
}

describe("the tree on the box", () => {
  it.each([1, 2, 3])("is the workspace as git sees it, after random edits (seed %i)", async (seed) => {
    const random = seeded(seed);
    const below = (most: number): number => Math.floor(random() * most);
    const [home, root] = [tempFolder("home"), tempFolder("work")];
    const parts = [
      "a",
      "b",
      "src",
      "ünï",
      "sp ace",
      "x.log",
      "line\nbreak",
      "q'\"$(uo)te",
      "-flag",
      "*",
      "w".repeat(200),
    ];
    const pick = (): string => parts[below(parts.length)] ?? "";
    const place = (): string => join(root, ...Array.from({ length: 1 + below(3) }, pick));
    const edit = (): void => {
      const at = place();
      try {
        const kind = random();
        if (kind < 0.15) rmSync(at, { recursive: true, force: true });
        else if (kind < 0.25 && existsSync(at))
          chmodSync(at, lstatSync(at).isDirectory() || random() < 0.5 ? 0o755 : 0o644);
        else {
          mkdirSync(dirname(at), { recursive: true });
          if (kind < 0.35) symlinkSync(parts[below(4)] ?? "", at);
          // Few contents, so that files share them; some are empty, some in several parts.
          else writeFileSync(at, String(below(12)).repeat(below(3) * below(kind > 0.95 ? 400_000 : 3000)));
        }
      } catch {
        // A file where a folder was wanted, or the other way round: this edit changes nothing.
      }
    };
    execFileSync("git", ["init", "-q"], { cwd: root });
    writeFileSync(join(root, ".gitignore"), "*.log\n/b/a\n");
    writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0x66, 0xff, 0xe9])]), "no text");
    const { peer } = await startAgent(home);
    for (let round = 0; round < 3; round++) {
      for (let at = 0; at < 60; at++) edit();
      if (round === 1) execFileSync("git", ["add", "-A"], { cwd: root, stdio: "pipe" });
      const { id } = await sendSnapshot(root, boxStore(peer));
      const expected = asGitSees(root);
      expect(Object.keys(expected).length).toBeGreaterThan(5);
      expect(asItLies(await workOf(peer, home, id))).toEqual(expected);
      expect((await sendSnapshot(root, boxStore(peer))).sent).toBe(0);
    }
  });

  it("may be a folder of the box as it is: nothing is sent or copied", async () => {
    const [home, root] = [tempFolder("home"), tempFolder("work")];
    const { peer } = await startAgent(home);
    const write = [process.execPath, "-e", "require('fs').writeFileSync('here', '')"];
    const { id } = await started(peer, home, specOf(root, [write]));
    await inState(home, id, "succeeded");
    expect(existsSync(join(root, "here"))).toBe(true);
    expect(existsSync(join(home, "runs", id, "work"))).toBe(false);
    expect((await peer.request(runs.manifest, { target: id })).manifest?.snapshot).toBeNull();
  });
});

describe("what nobody needs", () => {
  it("is swept: snapshots of no run after 14 days, then their contents; never what a run or an upload refers to", async () => {
    const [home, root] = [tempFolder("home"), tempFolder("work")];
    const first = await startAgent(home);
    const send = async (text: string): Promise<string> => {
      writeFileSync(join(root, "shared"), "shared by all");
      writeFileSync(join(root, "own"), text);
      return (await sendSnapshot(root, boxStore(first.peer))).id;
    };
    const [used, unused, recent] = [await send("used"), await send("unused"), await send("recent")];
    await workOf(first.peer, home, used);
    const blobs = (): number =>
      readdirSync(join(home, "blobs"), { recursive: true, encoding: "utf8" }).filter(isLong).length;
    expect(blobs()).toBe(4);
    // A store may be set to a folder where somebody else keeps things of these names.
    const theirs = ["snapshots/model_100.pt", "blobs/a/b.bin", "blobs/images/c.png"].map((name) => join(home, name));
    for (const path of theirs) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, "theirs");
    }
    const long = new Date(Date.now() - 15 * 24 * 3600_000);
    for (const path of theirs) utimesSync(path, long, long);
    for (const id of [used, unused]) utimesSync(join(home, "snapshots", id), long, long);
    for (const name of readdirSync(join(home, "blobs"), { recursive: true, encoding: "utf8" }))
      utimesSync(join(home, "blobs", name), long, long);
    // It is looked for once a day, by whichever agent starts.
    rmSync(join(home, "blobs", "swept"), { force: true });
    const { peer } = await startAgent(home);
    await eventually(() => expect(blobs()).toBe(3));
    expect(readdirSync(join(home, "snapshots")).sort()).toEqual([used, recent, "model_100.pt"].sort());
    expect(theirs.filter((path) => !existsSync(path))).toEqual([]);
    expect(await peer.request(snapshots.has, { id: used })).toEqual({ has: true });
    expect(await peer.request(snapshots.has, { id: unused })).toEqual({ has: false });
  });

  it("stays where an upload begins to count on it as the sweep is about to delete it", async () => {
    const [home, root] = [tempFolder("home"), tempFolder("work")];
    const first = await startAgent(home);
    for (const [name, text] of [
      ["old", "an old text"],
      ["other", "of no use"],
    ] as const)
      writeFileSync(join(root, name), text);
    await sendSnapshot(root, boxStore(first.peer));
    rmSync(join(root, "other"));
    writeFileSync(join(root, "new"), "a new text");
    // Another agent's: the lists are read, and what is on none of them is about to go.
    const sweeping = new SnapshotStore(new Home(home));
    const sweep = sweeping.blobs.sweep.bind(sweeping.blobs);
    let launched = "";
    sweeping.blobs.sweep = async (...args) => {
      const { id } = await sendSnapshot(root, boxStore(first.peer));
      launched = id;
      return sweep(...args);
    };
    for (const name of readdirSync(join(home, "snapshots"))) rmSync(join(home, "snapshots", name));
    await sweeping.sweep(-Infinity, -Infinity);
    expect(readdirSync(join(home, "blobs"), { recursive: true, encoding: "utf8" }).filter(isLong)).toHaveLength(2);
    expect(await workOf(first.peer, home, launched)).toBeTruthy();
  });

  it("is sent again where it went all the same, before the upload that counted on it is done", async () => {
    const [home, root] = [tempFolder("home"), tempFolder("work")];
    const { peer } = await startAgent(home);
    writeFileSync(join(root, "old"), "an old text");
    await sendSnapshot(root, boxStore(peer));
    writeFileSync(join(root, "new"), "a new text");
    const box = boxStore(peer);
    const losing = {
      ...box,
      offer: async (params: Parameters<typeof box.offer>[0]) => {
        const answer = await box.offer(params);
        // Once: by now the new one alone is on its way.
        if (!existsSync(join(home, "lost")))
          for (const name of readdirSync(join(home, "blobs"), { recursive: true, encoding: "utf8" }).filter(isLong))
            rmSync(join(home, "blobs", name));
        writeFileSync(join(home, "lost"), "");
        return answer;
      },
    };
    const { id } = await sendSnapshot(root, losing);
    const folder = await workOf(peer, home, id);
    expect(readFileSync(join(folder, "old"), "utf8")).toBe("an old text");
  });
});

const mayMount = process.getuid?.() === 0 && process.env["CI"] === "true";

describe("a full disk", () => {
  it.skipIf(!mayMount)("is one sentence, while contents come and while a run's files are laid out", async () => {
    const [home, root] = [tempFolder("home"), tempFolder("work")];
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=3m", "tmpfs", home]);
    atEnd(() => void execFileSync("umount", ["-l", home]));
    // The supervisor's own reserve is another test's subject.
    const { peer } = await startAgent(home, { RUNSIDE_MIN_FREE: "0" });
    const noise = (seed: string, bytes: number): Buffer =>
      createHash("shake256", { outputLength: bytes }).update(seed).digest();
    for (const name of ["a", "b", "c", "d"]) writeFileSync(join(root, name), noise(name, 400_000));
    const { id } = await sendSnapshot(root, boxStore(peer));
    writeFileSync(join(root, "e"), noise("e", 300_000));
    const { id: second } = await sendSnapshot(root, boxStore(peer));
    const launch = peer.request(runs.launch, specOf("", [nothing], { id: nextId(), place: { snapshot: second } }));
    await expect(launch).rejects.toThrow(/disk of the box is full.*free space/);
    expect(readdirSync(join(home, "runs"))).toEqual([]);
    for (const name of ["f", "g"]) writeFileSync(join(root, name), noise(name, 2_000_000));
    await expect(sendSnapshot(root, boxStore(peer))).rejects.toThrow(
      /^The workspace was not sent: the disk of the box is full; free space for/,
    );
    expect(await peer.request(snapshots.has, { id })).toEqual({ has: true });
  });
});
