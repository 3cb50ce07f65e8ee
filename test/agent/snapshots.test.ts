// Workspaces as they arrive: by the host's own sender, two at once, damaged, hostile, given up.
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { pack, type Pack } from "tar-stream";
import { describe, expect, it } from "vitest";
import { isError } from "../../core/base/errors";
import { snapshots } from "../../core/protocol/snapshots";
import type { Peer } from "../../core/rpc/peer";
import { sendSnapshot } from "../../src/launch/sendSnapshot";
import { snapshotManifestText, type SnapshotEntry } from "../../core/recipes/snapshotManifest";
import { startAgent } from "../support/agentProcess";
import { eventually } from "../support/eventually";
import { tempFolder } from "../support/tempFolder";

const storeOf = (peer: Peer) => ({
  has: (params: { sha: string }) => peer.request(snapshots.has, params),
  put: (params: { sha: string; upload: string; index: number; data: string; last: boolean }) =>
    peer.request(snapshots.put, params),
});

type HeaderArgument = Parameters<Pack["entry"]>[0];

const hash = (text: string): string => createHash("sha256").update(text).digest("hex");
const shaOf = (entries: SnapshotEntry[]): string => hash(snapshotManifestText(entries));
const inStore = (home: string): string[] => readdirSync(join(home, "snapshots")).sort();

async function archive(...entries: [HeaderArgument, string?][]): Promise<Buffer> {
  const tar = pack();
  for (const [header, content] of entries) tar.entry(header, content ?? "");
  tar.finalize();
  const pieces: Buffer[] = [];
  for await (const piece of tar) pieces.push(piece as Buffer);
  return gzipSync(Buffer.concat(pieces));
}

const put = (peer: Peer, sha: string, data: Buffer, upload = "abcdefgh") =>
  peer.request(snapshots.put, { sha, upload, index: 0, data: data.toString("base64"), last: true });

const isRefused = (error: unknown): boolean => isError(error, "agent/upload-failed");

describe("a snapshot", () => {
  it("arrives as it was, once, also when two windows send it at the same time", async () => {
    const home = tempFolder("home");
    const work = tempFolder("work");
    mkdirSync(join(work, "sub"));
    writeFileSync(join(work, "sub", "train.py"), "print('hi')\n");
    writeFileSync(join(work, "run.sh"), "#!/bin/sh\n", { mode: 0o755 });
    writeFileSync(join(work, "big.bin"), Buffer.alloc(3 << 20, "x1y2z3"));
    symlinkSync("sub/train.py", join(work, "link.py"));
    const [one, two] = [await startAgent(home), await startAgent(home)];
    const sent = await Promise.all([one, two, one].map(({ peer }) => sendSnapshot(work, storeOf(peer))));
    const sha = sent[0]?.snapshot.sha256 ?? "";
    expect(inStore(home)).toEqual([sha]);
    const folder = join(home, "snapshots", sha);
    expect(readFileSync(join(folder, "sub", "train.py"), "utf8")).toBe("print('hi')\n");
    expect(statSync(join(folder, "run.sh")).mode & 0o777).toBe(0o755);
    expect(readlinkSync(join(folder, "link.py"))).toBe("sub/train.py");
    expect((await sendSnapshot(work, storeOf(two.peer))).sent).toBe(0);
  });

  it("is refused when it is not what its name says, and leaves nothing", async () => {
    const home = tempFolder("home");
    const { peer } = await startAgent(home);
    await expect(put(peer, "0".repeat(64), await archive([{ name: "a" }, "1"]))).rejects.toSatisfy(isRefused);
    await expect(put(peer, "1".repeat(64), Buffer.from("no archive"))).rejects.toSatisfy(isRefused);
    const cut = await archive([{ name: "a" }, "1".repeat(10_000)]);
    await expect(put(peer, "2".repeat(64), cut.subarray(0, 40))).rejects.toSatisfy(isRefused);
    expect(inStore(home)).toEqual([]);
    expect(await peer.request(snapshots.has, { sha: "0".repeat(64) })).toEqual({ has: false });
  });

  it("cannot write outside its folder: not by a name, not by a link, not by a link behind a link", async () => {
    const home = tempFolder("home");
    const { peer } = await startAgent(home);
    const link = (name: string, linkname: string): [HeaderArgument] => [{ name, type: "symlink", linkname }];
    const entry = (path: string, mode: SnapshotEntry["mode"], content: string): SnapshotEntry => ({
      path,
      mode,
      sha256: hash(content),
    });
    const attacks: [string, Buffer, SnapshotEntry[]][] = [
      ["up", await archive([{ name: "../evil" }, "x"]), [entry("../evil", "file", "x")]],
      ["absolute", await archive([{ name: "/tmp/runside-evil" }, "x"]), [entry("/tmp/runside-evil", "file", "x")]],
      ["link up", await archive(link("a", "../..")), [entry("a", "link", "../..")]],
      ["link absolute", await archive(link("a", "/etc/passwd")), [entry("a", "link", "/etc/passwd")]],
      [
        "through a link",
        await archive(link("a", "b"), [{ name: "b", type: "directory" }], [{ name: "a/x" }, "x"]),
        [entry("a", "link", "b"), entry("a/x", "file", "x")],
      ],
      [
        "link behind link",
        await archive(
          [{ name: "top/t" }, "t"],
          [{ name: "s/d/f" }, "f"],
          link("s/d/y", "../../top"),
          link("z", "s/d/y/../.."),
          [{ name: "z/evil" }, "x"],
        ),
        [],
      ],
      [
        "link that leads out",
        await archive([{ name: "top/t" }, "t"], link("s/d/y", "../../top"), link("z", "s/d/y/../..")),
        [entry("top/t", "file", "t"), entry("s/d/y", "link", "../../top"), entry("z", "link", "s/d/y/../..")],
      ],
      ["over a link", await archive([{ name: "real" }, "r"], link("a", "real"), [{ name: "a" }, "x"]), []],
    ];
    for (const [what, data, entries] of attacks) {
      await expect(put(peer, shaOf(entries), data), what).rejects.toSatisfy(isRefused);
    }
    expect(inStore(home)).toEqual([]);
    expect(readdirSync(home).sort()).toEqual(["runs", "snapshots"]);
    expect(existsSync("/tmp/runside-evil")).toBe(false);
  });

  it("that was given up is cleared away: by its agent's end, by disorder, or by the next one to come", async () => {
    const home = tempFolder("home");
    const { peer, child } = await startAgent(home);
    const sha = "3".repeat(64);
    const piece = (upload: string, index: number) =>
      peer.request(snapshots.put, { sha, upload, index, data: "AAAA", last: false });
    await piece("disorder", 0);
    await expect(piece("disorder", 2)).rejects.toSatisfy(isRefused);
    await expect(piece("neverbegun", 1)).rejects.toSatisfy(isRefused);
    expect(inStore(home)).toEqual([]);
    await piece("endswithagent", 0);
    expect(inStore(home)).toHaveLength(1);
    child.stdin.end();
    await eventually(() => expect(inStore(home)).toEqual([]));
    const left = join(home, "snapshots", ".333333333333.killed.tar.gz");
    writeFileSync(left, "half");
    utimesSync(left, new Date(0), new Date(0));
    const next = await startAgent(home);
    const entries: SnapshotEntry[] = [{ path: "a", mode: "file", sha256: hash("1") }];
    await put(next.peer, shaOf(entries), await archive([{ name: "a" }, "1"]));
    expect(inStore(home)).toEqual([shaOf(entries)]);
  });
});
