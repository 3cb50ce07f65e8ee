// Bytes of a target's own files and nothing else, and its log in pieces.
import { execFileSync } from "node:child_process";
import { appendFileSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isError } from "../../core/base/errors";
import { files } from "../../core/protocol/files";
import type { Peer } from "../../core/rpc/peer";
import { startAgent } from "../support/agentProcess";
import { attemptFolder, inState, specOf, started } from "../support/runsOfAgent";
import { tempFolder } from "../support/tempFolder";

describe("files/read", () => {
  const read = (peer: Peer, target: string, path: string, offset = 0, length = 100) =>
    peer.request(files.read, { target, path, offset, length });

  it("gives pieces of a file of the target", async () => {
    const { peer } = await startAgent(tempFolder("home"));
    const target = tempFolder("out");
    mkdirSync(join(target, "shots"));
    writeFileSync(join(target, "shots", "a.png"), Buffer.alloc(300_000, "abc"));
    linkSync(join(target, "shots", "a.png"), join(target, "same.png"));
    symlinkSync("shots/a.png", join(target, "inside.png"));
    expect(await read(peer, target, "shots/a.png", 1, 4)).toEqual({
      data: Buffer.from("bcab").toString("base64"),
      size: 300_000,
    });
    expect(Buffer.from((await read(peer, target, "inside.png", 0, 1e9)).data, "base64")).toHaveLength(192 * 1024);
    expect(await read(peer, target, "same.png", 300_000, 10)).toEqual({ data: "", size: 300_000 });
    expect(await read(peer, target, "same.png", -5, 3)).toMatchObject({ data: Buffer.from("abc").toString("base64") });
  });

  it("refuses whatever lies outside, by any way there, and what is no file", async () => {
    const { peer } = await startAgent(tempFolder("home"));
    const target = tempFolder("out");
    const outside = tempFolder("private");
    writeFileSync(join(outside, "secret"), "s");
    symlinkSync(join(outside, "secret"), join(target, "link.png"));
    symlinkSync(outside, join(target, "linked"));
    execFileSync("mkfifo", [join(target, "pipe.png")]);
    const paths = [
      "../private",
      `../${outside.split("/").pop()}/secret`,
      join(outside, "secret"),
      "link.png",
      "linked/secret",
      "pipe.png",
      "",
      ".",
      "nothing.png",
      "a\0b",
      "/etc/passwd",
    ];
    for (const path of paths) {
      await expect(read(peer, target, path), path).rejects.toSatisfy((e) => isError(e, "trace/unreadable"));
    }
  });
});

describe("files/list", () => {
  it("says what to do where there is no such folder, and where it is a file", async () => {
    const { peer } = await startAgent(tempFolder("home"));
    const folder = tempFolder("out");
    writeFileSync(join(folder, "file"), "x");
    await expect(peer.request(files.list, { path: join(folder, "none") })).rejects.toThrow(
      `${join(folder, "none")} cannot be read: there is no such file or folder; look on the box`,
    );
    await expect(peer.request(files.list, { path: join(folder, "file") })).rejects.toThrow(
      /file cannot be read: the box says ENOTDIR; look at it in a terminal there/,
    );
  });
});

describe("files/log", () => {
  it("gives whole lines from the end, and whole characters after a place", async () => {
    const home = tempFolder("home");
    const { peer } = await startAgent(home);
    const { id } = await started(peer, home, specOf(home, [["sh", "-c", "for i in 1 2 3 4 5; do echo line $i; done"]]));
    await inState(home, id, "succeeded");
    const log = (question: { before?: number; after?: number; maxBytes: number }) =>
      peer.request(files.log, { target: id, ...question });
    expect(await log({ maxBytes: 1000 })).toMatchObject({
      text: "line 1\nline 2\nline 3\nline 4\nline 5\n",
      start: 0,
      end: 35,
      size: 35,
    });
    expect(await log({ maxBytes: 16 })).toMatchObject({ text: "line 4\nline 5\n", start: 21, end: 35 });
    expect(await log({ before: 21, maxBytes: 10 })).toMatchObject({ text: "line 3\n", start: 14, end: 21 });
    appendFileSync(join(attemptFolder(home, id), "output.log"), "ü");
    expect(await log({ after: 35, maxBytes: 1 })).toMatchObject({ text: "", start: 35, end: 35, size: 37 });
    expect(await log({ after: 35, maxBytes: 10 })).toMatchObject({ text: "ü", start: 35, end: 37 });
    expect(await log({ after: 99, maxBytes: 10 })).toMatchObject({ text: "", start: 99, end: 99, size: 37 });
    expect(await log({ before: 37, maxBytes: 1 })).toMatchObject({ text: "", end: 37 });
  });
});
