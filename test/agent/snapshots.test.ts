// Workspaces as they arrive: by the host's own sender, whole and in parts, two at once, cut, damaged, hostile, given up.
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { isError } from "../../core/base/errors";
import { snapshots } from "../../core/protocol/snapshots";
import { packRecords, type PackRecord } from "../../core/recipes/packs";
import { listOf, manifestText, type SnapshotEntry } from "../../core/recipes/snapshotManifest";
import type { Peer } from "../../core/rpc/peer";
import { boxStore } from "../../src/launch/boxStore";
import { sendSnapshot, type SnapshotStore } from "../../src/launch/sendSnapshot";
import { startAgent } from "../support/agentProcess";
import { inState, started, specOf } from "../support/runsOfAgent";
import { tempFolder } from "../support/tempFolder";

const hash = (content: string | Uint8Array): string => createHash("sha256").update(content).digest("hex");
const file = (path: string, content: string): SnapshotEntry => ({
  path,
  mode: "file",
  sha256: hash(content),
  size: content.length,
  target: null,
});
const link = (path: string, target: string): SnapshotEntry => ({ path, mode: "link", sha256: "", size: 0, target });
const idOf = (text: string): string => hash(text);
const zipped = (content: string | Uint8Array): string => gzipSync(content).toString("base64");
/** Finished ones: one that is only offered has a dot before its name. */
const lists = (home: string): string[] =>
  readdirSync(join(home, "snapshots"))
    .filter((name) => !name.startsWith("."))
    .sort();

function blobs(home: string): string[] {
  const folder = join(home, "blobs");
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => statSync(join(folder, name)).isFile())
    .sort();
}

async function offer(peer: Peer, entries: SnapshotEntry[]) {
  const text = manifestText(listOf(entries));
  const { missing } = await peer.request(snapshots.offer, { id: idOf(text), manifest: zipped(text) });
  return { id: idOf(text), missing };
}

const put = (peer: Peer, ...records: PackRecord[]) =>
  peer.request(snapshots.put, { pack: zipped(packRecords(records)) });

const record = (content: Buffer, offset = 0, length = content.length, name = hash(content)): PackRecord => ({
  sha256: name,
  total: content.length,
  offset,
  bytes: content.subarray(offset, offset + length),
});

const isRefused = (error: unknown): boolean => isError(error, "agent/upload-failed");

/** Bytes that no packing makes smaller, the same for the same seed. */
const noise = (bytes: number, seed = 1): Buffer =>
  createHash("shake256", { outputLength: bytes }).update(String(seed)).digest();

/** Runs a command on a snapshot; answers the folder that it ran in. */
async function workOf(peer: Peer, home: string, snapshot: string, ...command: string[]): Promise<string> {
  const argv = command.length > 0 ? command : [process.execPath, "-e", ""];
  const { id } = await started(peer, home, specOf("", [argv], { place: { snapshot } }));
  await inState(home, id, "succeeded");
  return join(home, "runs", id, "work");
}

describe("a snapshot", () => {
  it("arrives as it was, once, also when two windows send it at the same time", async () => {
    const home = tempFolder("home");
    const work = tempFolder("work");
    mkdirSync(join(work, "sub"));
    writeFileSync(join(work, "sub", "train.py"), "print('hi')\n");
    writeFileSync(join(work, "sub", "same.py"), "print('hi')\n");
    writeFileSync(join(work, "empty"), "");
    writeFileSync(join(work, "run.sh"), "#!/bin/sh\n", { mode: 0o755 });
    writeFileSync(join(work, "big.bin"), noise(3 << 20));
    symlinkSync("sub/train.py", join(work, "link.py"));
    const [one, two] = [await startAgent(home), await startAgent(home)];
    const sent = await Promise.all([one, two, one].map(({ peer }) => sendSnapshot(work, boxStore(peer))));
    const id = sent[0]?.id ?? "";
    expect(lists(home)).toEqual([id]);
    // Equal contents once, the parts of the large one gone.
    expect(blobs(home)).toHaveLength(4);
    const folder = await workOf(two.peer, home, id);
    expect(readFileSync(join(folder, "sub", "train.py"), "utf8")).toBe("print('hi')\n");
    expect(readFileSync(join(folder, "big.bin")).equals(noise(3 << 20))).toBe(true);
    expect(statSync(join(folder, "run.sh")).mode & 0o777).toBe(0o755);
    expect(statSync(join(folder, "empty")).size).toBe(0);
    expect(readlinkSync(join(folder, "link.py"))).toBe("sub/train.py");
    expect((await sendSnapshot(work, boxStore(two.peer))).sent).toBe(0);
  });

  it("sends what the box lacks and nothing else", async () => {
    const home = tempFolder("home");
    const work = tempFolder("work");
    for (let at = 0; at < 30; at++) writeFileSync(join(work, `f${at}.bin`), noise(20_000, at));
    const { peer } = await startAgent(home);
    const first = await sendSnapshot(work, boxStore(peer));
    expect(first.sent).toBeGreaterThan(600_000);
    writeFileSync(join(work, "f3.bin"), noise(20_000, 99));
    const asked: number[] = [];
    const second = await sendSnapshot(work, boxStore(peer), {
      mayUpload: (size) => {
        asked.push(size.bytes, size.files);
        return Promise.resolve(true);
      },
    });
    expect(asked).toEqual([20_000, 1]);
    expect(second.sent).toBeLessThan(30_000);
    expect(lists(home)).toEqual([first.id, second.id].sort());
  });

  it("is told by what changed since the last one, and whole where the box no longer has that", async () => {
    const home = tempFolder("home");
    const work = tempFolder("work");
    for (let at = 0; at < 40; at++) writeFileSync(join(work, `f${at}.py`), `value = ${at}\n`);
    const { peer } = await startAgent(home);
    const asked: string[] = [];
    const box = boxStore(peer);
    const seen: SnapshotStore = {
      ...box,
      has: (params) => (asked.push("has"), box.has(params)),
      offer: (params) => (asked.push("base" in params ? `${params.edits.length} edits` : "whole"), box.offer(params)),
      put: (params) => (asked.push("put"), box.put(params)),
      commit: (params) => (asked.push("commit"), box.commit(params)),
    };
    const sendNow = async (): Promise<{ id: string; asked: string[] }> => {
      asked.length = 0;
      const { id } = await sendSnapshot(work, seen);
      return { id, asked: [...asked] };
    };
    const first = await sendNow();
    expect(first.asked).toEqual(["has", "whole", "put", "commit"]);
    expect((await sendNow()).asked).toEqual(["0 edits"]);
    // As long as before and at once: sizes and clocks alone would not tell.
    writeFileSync(join(work, "f7.py"), "value = 8\n");
    rmSync(join(work, "f30.py"));
    // f8.py has that content already.
    expect((await sendNow()).asked).toEqual(["2 edits"]);
    writeFileSync(join(work, "f7.py"), "value = x\n");
    const last = await sendNow();
    expect(last.asked).toEqual(["1 edits", "put", "commit"]);
    rmSync(join(home, "snapshots", last.id));
    writeFileSync(join(work, "f7.py"), "value = y\n");
    const again = await sendNow();
    expect(again.asked).toEqual(["1 edits", "has", "whole", "put", "commit"]);
    const folder = await workOf(peer, home, again.id);
    expect(readFileSync(join(folder, "f7.py"), "utf8")).toBe("value = y\n");
    expect(existsSync(join(folder, "f30.py"))).toBe(false);
  });

  it("is not begun where the answer to its size is no, and is named by content alone", async () => {
    const home = tempFolder("home");
    const work = tempFolder("work");
    writeFileSync(join(work, "a.txt"), "1");
    const { peer } = await startAgent(home);
    const refusing = sendSnapshot(work, boxStore(peer), { mayUpload: () => Promise.resolve(false) });
    await expect(refusing).rejects.toSatisfy((error) => isError(error, "cancelled"));
    expect([...lists(home), ...blobs(home)]).toEqual([]);
    const first = await sendSnapshot(work, boxStore(peer));
    utimesSync(join(work, "a.txt"), 1, 1);
    expect((await sendSnapshot(work, boxStore(peer))).id).toBe(first.id);
  });

  it("that was cut goes on where it was, large files too, and looks finished only when it is", async () => {
    const home = tempFolder("home");
    const work = tempFolder("work");
    for (let at = 0; at < 8; at++) writeFileSync(join(work, `f${at}.bin`), noise(300_000, at));
    writeFileSync(join(work, "z-large.bin"), noise(6 << 20, 50));
    const agent = await startAgent(home);
    let puts = 0;
    const dying: SnapshotStore = {
      ...boxStore(agent.peer),
      put: async (params) => {
        await boxStore(agent.peer).put(params);
        if (++puts === 8) await agent.kill();
      },
    };
    await expect(sendSnapshot(work, dying)).rejects.toThrow();
    expect(lists(home)).toEqual([]);
    const { peer } = await startAgent(home);
    let asked = 0;
    const sent = await sendSnapshot(work, boxStore(peer), {
      mayUpload: ({ bytes }) => Promise.resolve((asked = bytes) > 0),
    });
    const total = 8 * 300_000 + (6 << 20);
    expect(asked).toBeLessThan(total - 8 * 300_000);
    expect(sent.sent).toBeLessThan((asked + 100_000) * 1.4);
    const folder = await workOf(peer, home, sent.id);
    expect(hash(readFileSync(join(folder, "z-large.bin")))).toBe(hash(noise(6 << 20, 50)));
    // A killed agent may leave a half-written file beside, which no reader takes for a content.
    expect(blobs(home).filter((name) => /\/[0-9a-f]{64}$/.test(name))).toHaveLength(9);
  });

  it("is the files as they were sent, also when they change on the way", async () => {
    const home = tempFolder("home");
    const work = tempFolder("work");
    writeFileSync(join(work, "a.txt"), "1");
    writeFileSync(join(work, "log.txt"), "1");
    writeFileSync(join(work, "large.bin"), noise(2 << 20));
    const { peer } = await startAgent(home);
    const box = boxStore(peer);
    let offers = 0;
    const changing: SnapshotStore = {
      ...box,
      offer: async (params) => {
        const answer = await box.offer(params);
        if (++offers === 1) {
          writeFileSync(join(work, "log.txt"), "22");
          writeFileSync(join(work, "large.bin"), noise(2 << 20, 2));
        }
        return answer;
      },
    };
    const { id } = await sendSnapshot(work, changing);
    const folder = await workOf(peer, home, id);
    expect(readFileSync(join(folder, "log.txt"), "utf8")).toBe("22");
    expect(readFileSync(join(folder, "large.bin")).equals(noise(2 << 20, 2))).toBe(true);

    let seed = 10;
    const restless: SnapshotStore = {
      ...box,
      offer: async (params) => {
        const answer = await box.offer(params);
        writeFileSync(join(work, "large.bin"), noise(2 << 20, seed++));
        return answer;
      },
    };
    writeFileSync(join(work, "large.bin"), noise(2 << 20, 9));
    await expect(sendSnapshot(work, restless)).rejects.toThrow(/large\.bin changed again and again/);
  });

  it("stops when it is cancelled or the box fails, and says so in a sentence", async () => {
    const home = tempFolder("home");
    const work = tempFolder("work");
    for (let at = 0; at < 12; at++) writeFileSync(join(work, `f${at}.bin`), noise(400_000, at));
    const { peer } = await startAgent(home);
    const abort = new AbortController();
    const box = boxStore(peer, abort.signal);
    const stopping = sendSnapshot(
      work,
      {
        ...box,
        put: async (params) => {
          await box.put(params);
          abort.abort();
        },
      },
      { signal: abort.signal },
    );
    await expect(stopping).rejects.toSatisfy((error) => isError(error, "cancelled"));
    expect(lists(home)).toEqual([]);
  });
});

describe("a snapshot that is not what it says", () => {
  it("is refused and leaves nothing that looks finished", async () => {
    const home = tempFolder("home");
    const { peer } = await startAgent(home);
    const good = Buffer.from("12345");
    const { id, missing } = await offer(peer, [file("a", "12345")]);
    expect(missing).toEqual([{ at: 0, from: 0 }]);
    await expect(put(peer, record(Buffer.from("54321"), 0, 5, hash(good)))).rejects.toSatisfy(isRefused);
    await expect(put(peer, record(good, 2, 3))).rejects.toSatisfy(isRefused);
    await put(peer, record(good, 0, 2));
    await expect(put(peer, record(good, 3, 2))).rejects.toSatisfy(isRefused);
    await put(peer, { ...record(good, 2, 2), bytes: Buffer.from("xx") });
    await expect(put(peer, record(good, 4, 1))).rejects.toSatisfy(isRefused);
    await expect(peer.request(snapshots.put, { pack: zipped("no pack") })).rejects.toSatisfy(isRefused);
    await expect(peer.request(snapshots.put, { pack: "no archive" })).rejects.toSatisfy(isRefused);
    expect((await peer.request(snapshots.commit, { id })).missing).toEqual([{ at: 0, from: 0 }]);
    expect([...lists(home), ...blobs(home).filter((name) => !name.includes("parts"))]).toEqual([]);
    await put(peer, record(good, 0, 4));
    await put(peer, record(good, 4, 1));
    expect((await peer.request(snapshots.commit, { id })).missing).toEqual([]);
    expect(await peer.request(snapshots.has, { id })).toEqual({ has: true });
    const text = manifestText(listOf([file("a", "12345")]));
    const renamed = peer.request(snapshots.offer, { id: "0".repeat(64), manifest: zipped(text) });
    await expect(renamed).rejects.toSatisfy(isRefused);
    await expect(peer.request(snapshots.commit, { id: "1".repeat(64) })).rejects.toSatisfy(isRefused);
  });

  it("cannot write or lead outside its folder: not by a name, not by a link, not by a link behind a link", async () => {
    const home = tempFolder("home");
    const { peer } = await startAgent(home);
    const attacks: [string, SnapshotEntry[]][] = [
      ["up", [file("../evil", "x")]],
      ["up within", [file("a/../../evil", "x")]],
      ["absolute", [file("/tmp/runside-evil", "x")]],
      ["empty", [file("", "x")]],
      ["NUL", [file("a\0b", "x")]],
      ["bytes up", [file("\0" + Buffer.from("../\xff", "latin1").toString("hex"), "x")]],
      ["bytes that are text", [file("\0" + Buffer.from("a").toString("hex"), "x")]],
      ["twice", [file("a", "x"), file("a", "y")]],
      ["through a file", [file("a", "x"), file("a/b", "y")]],
      ["link up", [link("a", "../..")]],
      ["link absolute", [link("a", "/etc/passwd")]],
      ["through a link", [link("a", "b"), file("a/x", "x"), file("b/y", "y")]],
      ["link behind a link", [file("top/t", "t"), link("s/d/y", "../../top"), link("z", "s/d/y/../..")]],
    ];
    for (const [what, entries] of attacks) await expect(offer(peer, entries), what).rejects.toSatisfy(isRefused);
    const harmless = [
      file("a/b", "x"),
      link("l", "a/./b"),
      link("m", "l"),
      link("round", "round"),
      link("none", "no/t"),
    ];
    expect((await offer(peer, harmless)).missing).toHaveLength(1);
    expect(lists(home)).toEqual([]);
    expect(existsSync("/tmp/runside-evil")).toBe(false);
  });

  it("does not start where a content was lost: said, and mended by sending again", async () => {
    const home = tempFolder("home");
    const work = tempFolder("work");
    writeFileSync(join(work, "a.txt"), "some text");
    writeFileSync(join(work, "b.txt"), "other text");
    const { peer } = await startAgent(home);
    const { id } = await sendSnapshot(work, boxStore(peer));
    const [one = "", two = ""] = blobs(home);
    truncateSync(join(home, "blobs", one), 3);
    rmSync(join(home, "blobs", two));
    await expect(workOf(peer, home, id)).rejects.toThrow(/no longer has/);
    expect(readdirSync(join(home, "runs"))).toEqual([]);
    expect((await sendSnapshot(work, boxStore(peer))).id).toBe(id);
    expect(readFileSync(join(await workOf(peer, home, id), "a.txt"), "utf8")).toBe("some text");
  });
});

describe("a run's own files", () => {
  it("are its own: what it overwrites, deletes and adds there changes no other run of the same snapshot", async () => {
    const home = tempFolder("home");
    const work = tempFolder("work");
    writeFileSync(join(work, "results.json"), "{}");
    writeFileSync(join(work, "data.txt"), "data");
    const { peer } = await startAgent(home);
    const { id } = await sendSnapshot(work, boxStore(peer));
    const program = `const fs = require("fs");
      fs.writeFileSync("results.json", "changed"); fs.appendFileSync("data.txt", "!"); fs.chmodSync("data.txt", 0o777);
      fs.mkdirSync("training_output"); fs.writeFileSync("training_output/loss.json", "[]");`;
    const first = await workOf(peer, home, id, process.execPath, "-e", program);
    expect(readFileSync(join(first, "data.txt"), "utf8")).toBe("data!");
    const second = await workOf(peer, home, id);
    expect(readdirSync(second).sort()).toEqual(["data.txt", "results.json"]);
    expect(readFileSync(join(second, "results.json"), "utf8")).toBe("{}");
    expect(readFileSync(join(second, "data.txt"), "utf8")).toBe("data");
    expect(statSync(join(second, "data.txt")).ino).not.toBe(statSync(join(first, "data.txt")).ino);
    expect(await peer.request(snapshots.has, { id })).toEqual({ has: true });
  });
});
