// The workspace as a snapshot, on real folders: which files travel, what they are named, and that they arrive as they were.
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { extract } from "tar-stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isError } from "../../../core/base/errors";
import { describeSnapshot, packSnapshot, pieceBytes, type ArchivePiece } from "../../../src/launch/archive";
import { readGitState } from "../../../src/launch/gitState";
import { sendSnapshot, type SnapshotStore } from "../../../src/launch/sendSnapshot";
import { listWorkspaceFiles, type WorkspaceOptions } from "../../../src/launch/workspaceFiles";

let root = "";
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "runside-launch-"));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function put(file: string, content: string | Buffer = ""): void {
  const at = path.join(root, file);
  mkdirSync(path.dirname(at), { recursive: true });
  writeFileSync(at, content);
}

function git(...args: string[]): void {
  const identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "protocol.file.allow=always"];
  execFileSync("git", [...identity, ...args], {
    cwd: root,
    stdio: "pipe",
    env: { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null" },
  });
}

const names = async (options: WorkspaceOptions = {}, folder = root): Promise<string[]> =>
  (await listWorkspaceFiles(folder, options)).files.map((file) => file.path);

class Box implements SnapshotStore {
  readonly pieces: ArchivePiece[] = [];
  readonly known = new Set<string>();
  readonly uploads = new Set<string>();
  onPiece: () => void = () => undefined;

  has({ sha }: { sha: string }): Promise<{ has: boolean }> {
    return Promise.resolve({ has: this.known.has(sha) });
  }

  put({ sha, upload, ...piece }: { sha: string; upload: string } & ArchivePiece): Promise<unknown> {
    if (piece.index === 0) this.pieces.length = 0;
    expect(piece.index).toBe(this.pieces.length);
    this.pieces.push(piece);
    this.uploads.add(upload);
    if (piece.last) this.known.add(sha);
    this.onPiece();
    return Promise.resolve();
  }

  async entries(): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    const untar = extract();
    untar.on("entry", (header, stream, next) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk) => chunks.push(chunk as Buffer));
      stream.on("end", () => {
        const mode = (header.mode ?? 0).toString(8);
        found[header.name] =
          header.type === "symlink"
            ? `-> ${header.linkname ?? ""}`
            : `${mode} ${Buffer.concat(chunks).toString("base64")}`;
        expect(header).toMatchObject({ uid: 0, gid: 0, mtime: new Date(0) });
        next();
      });
    });
    await pipeline(Readable.from(this.pieces.map(({ data }) => Buffer.from(data, "base64"))), createGunzip(), untar);
    return found;
  }
}

describe("which files travel", () => {
  it("takes what git tracks or would track, and the recipe's inputs", async () => {
    put(".gitignore", "dist/\n*.ckpt\n");
    for (const file of [
      "a.yaml",
      "gone.py",
      "dist/train.mjs",
      "dist/other.js",
      "big.ckpt",
      "sub/b c.py",
      "ünï/日本.py",
    ])
      put(file, file);
    git("init", "-q");
    git("add", ".");
    git("commit", "-qm", "x");
    rmSync(path.join(root, "gone.py"));
    put("new.py");
    const listing = await listWorkspaceFiles(root, { inputs: ["dist/train.mjs"] });
    expect(listing.files.map((file) => file.path)).toEqual([
      ".gitignore",
      "a.yaml",
      "dist/train.mjs",
      "new.py",
      "sub/b c.py",
      "ünï/日本.py",
    ]);
    expect(listing).toMatchObject({ source: "git", skipped: [{ path: "gone.py", why: "deleted" }] });
    expect(await names({ inputs: ["**/*.ckpt"] })).toContain("big.ckpt");
    expect(await names({ inputs: ["dist"] })).toContain("dist/other.js");
    expect(await names({}, path.join(root, "sub"))).toEqual(["b c.py"]);
    await expect(names({ inputs: ["dist/none.mjs"] })).rejects.toThrow(
      /needs dist\/none\.mjs, which is not in the workspace/,
    );
    await expect(names({ inputs: ["../x"] })).rejects.toThrow(/outside the workspace/);
  });

  it("looks into submodules and repositories inside", async () => {
    git("init", "-q");
    put("inner/i.py", "1");
    put("a.py", "1");
    execFileSync("git", ["init", "-q"], { cwd: path.join(root, "inner") });
    expect(await names()).toEqual(["a.py", "inner/i.py"]);
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@e", "commit", "-qm", "x", "--allow-empty"], {
      cwd: path.join(root, "inner"),
    });
    git("-c", "advice.addEmbeddedRepo=false", "add", ".");
    expect(await names()).toEqual(["a.py", "inner/i.py"]);
  });

  it("walks a folder without git, leaving out what never should travel", async () => {
    for (const file of [
      "a.py",
      "node_modules/x/i.js",
      "__pycache__/a.pyc",
      ".venv/bin/python",
      "m/w.safetensors",
      "m/small.pt",
      ".env.example",
    ])
      put(file);
    put("m/large.pt");
    truncateSync(path.join(root, "m/large.pt"), 11e6);
    expect(await listWorkspaceFiles(root)).toMatchObject({ source: "folder" });
    expect(await names()).toEqual([".env.example", "a.py", "m/small.pt"]);
  });

  it("keeps links that stay inside and refuses the others by name", async () => {
    put("data/real.txt", "x");
    symlinkSync("data/real.txt", path.join(root, "near"));
    symlinkSync(path.join(root, "data"), path.join(root, "absolute"));
    symlinkSync("missing", path.join(root, "broken"));
    const { files } = await listWorkspaceFiles(root);
    const targets = Object.fromEntries(files.map((file) => [file.path, file.target]));
    expect(targets).toEqual({ near: "data/real.txt", absolute: "data", broken: "missing", "data/real.txt": null });
    symlinkSync("../../etc/passwd", path.join(root, "data/out"));
    symlinkSync("/etc", path.join(root, "etc"));
    await expect(names()).rejects.toThrow(/data\/out, etc in .* leave/);
    rmSync(path.join(root, "etc"));
    await expect(names()).rejects.toThrow(/data\/out in .* is a link that leaves/);
  });

  it("says what is too big, and what is too many", async () => {
    put("a/huge.bin", Buffer.alloc(3000));
    put("a/b.py", "x");
    await expect(names({ maxBytes: 2000 })).rejects.toThrow(/the biggest are a\/huge\.bin/);
    for (let i = 0; i < 9; i++) put(`many/x/${String(i)}`);
    await expect(names({ maxFiles: 5 })).rejects.toThrow(/11 files .* many\/x \(9 files\)/);
    await expect(names({ signal: AbortSignal.abort() })).rejects.toThrow("Cancelled");
  });
});

describe("a snapshot", () => {
  function fill(): void {
    put("empty.txt", "");
    put("run.sh", "#!/bin/sh\n");
    chmodSync(path.join(root, "run.sh"), 0o755);
    put("日本/ü.txt", "text");
    put(`${"long/".repeat(30)}name-${"x".repeat(120)}.txt`, "deep");
    put("bytes.bin", Buffer.from(Array.from({ length: 70_000 }, (_, i) => (i * 2654435761) >>> 24)));
    symlinkSync("日本/ü.txt", path.join(root, "link"));
  }

  it("arrives as it was: links, modes, names, empty files", async () => {
    fill();
    const box = new Box();
    const { snapshot, sent } = await sendSnapshot(root, box);
    const entries = await box.entries();
    expect(Object.keys(entries)).toHaveLength(6);
    expect(entries["link"]).toBe("-> 日本/ü.txt");
    expect(entries["empty.txt"]).toBe("644 ");
    expect(entries["run.sh"]).toBe(`755 ${Buffer.from("#!/bin/sh\n").toString("base64")}`);
    expect(entries["bytes.bin"]).toBe(`644 ${readFileSync(path.join(root, "bytes.bin")).toString("base64")}`);
    expect(sent).toBeGreaterThan(0);
    expect(box.known).toEqual(new Set([snapshot.sha256]));

    // The system's own tar reads it too.
    const away = path.join(root, "away");
    mkdirSync(away);
    execFileSync("tar", ["xzf", "-", "-C", away], {
      input: Buffer.concat(box.pieces.map(({ data }) => Buffer.from(data, "base64"))),
    });
    expect(readlinkSync(path.join(away, "link"))).toBe("日本/ü.txt");
    expect(lstatSync(path.join(away, "run.sh")).mode & 0o777).toBe(0o755);
    expect(existsSync(path.join(away, "empty.txt"))).toBe(true);
    expect((await describeSnapshot(away, (await listWorkspaceFiles(away)).files)).sha256).toBe(snapshot.sha256);
  });

  it("is named by content alone, and sent once", async () => {
    fill();
    const box = new Box();
    const first = await sendSnapshot(root, box);
    utimesSync(path.join(root, "run.sh"), 1, 1);
    expect((await sendSnapshot(root, box)).sent).toBe(0);
    const before = [...box.pieces];
    box.known.clear();
    await sendSnapshot(root, box);
    expect(box.pieces).toEqual(before);
    chmodSync(path.join(root, "run.sh"), 0o644);
    expect((await sendSnapshot(root, box)).snapshot.sha256).not.toBe(first.snapshot.sha256);
    expect(box.uploads.size).toBe(3);
  });

  it("goes in pieces of a bounded size, with progress, one at a time", async () => {
    const random = Buffer.alloc(700_000);
    let state = 1;
    for (let i = 0; i < random.length; i++) random[i] = (state = (state * 48271) % 2147483647) & 255;
    put("random.bin", random);
    put("random2.bin", random);
    const { files } = await listWorkspaceFiles(root);
    const snapshot = await describeSnapshot(root, files);
    let open = 0;
    const seen: ArchivePiece[] = [];
    const progress: number[] = [];
    const result = await packSnapshot(
      root,
      snapshot,
      async (piece) => {
        expect(++open).toBe(1);
        await new Promise((resolve) => setTimeout(resolve, 2));
        seen.push(piece);
        open--;
      },
      { onProgress: (bytes) => progress.push(bytes) },
    );
    expect(seen.map(({ last }) => last)).toEqual([...Array<boolean>(seen.length - 1).fill(false), true]);
    expect(Math.max(...seen.map(({ data }) => data.length))).toBeLessThanOrEqual(196_608);
    expect(result).toEqual({
      pieces: seen.length,
      bytes: Buffer.concat(seen.map(({ data }) => Buffer.from(data, "base64"))).length,
    });
    expect(seen.length).toBeGreaterThanOrEqual(Math.floor(1_400_000 / pieceBytes));
    expect(progress).toEqual([700_000, 1_400_000]);
  });

  it("is taken again when a file changes meanwhile, and gives up on one that never rests", async () => {
    put("a.txt", "1");
    put("log.txt", "1");
    let box = new Box();
    let asked = 0;
    box.has = () => {
      if (asked++ === 0) put("log.txt", "22");
      return Promise.resolve({ has: false });
    };
    await sendSnapshot(root, box);
    expect((await box.entries())["log.txt"]).toBe(`644 ${Buffer.from("22").toString("base64")}`);
    box = new Box();
    box.has = () => {
      put("log.txt", `x${String(asked++)}`);
      return Promise.resolve({ has: false });
    };
    await expect(sendSnapshot(root, box)).rejects.toThrow(/log\.txt changed while it was sent again and again/);
  });

  it("stops at once when it is cancelled or the box fails, leaving nothing open", async () => {
    put("a.bin", Buffer.from(Array.from({ length: 2_000_000 }, () => Math.floor(Math.random() * 256))));
    for (let i = 0; i < 5; i++) put(`more/${String(i)}`, Buffer.alloc(400_000, i));
    const abort = new AbortController();
    const box = new Box();
    box.onPiece = () => {
      abort.abort();
    };
    const error: unknown = await sendSnapshot(root, box, { signal: abort.signal }).catch((caught: unknown) => caught);
    expect(isError(error, "cancelled")).toBe(true);
    expect(box.pieces.length).toBeLessThan(3);
    const failing = new Box();
    failing.put = () => Promise.reject(new Error("disk full"));
    await expect(sendSnapshot(root, failing)).rejects.toThrow("disk full");
  });
});

describe("the commit of a launch", () => {
  it("is null without a repository or a commit, then the commit and whether files differ", async () => {
    put("a.txt", "1");
    expect(await readGitState(root)).toBeNull();
    git("init", "-q");
    expect(await readGitState(root)).toBeNull();
    git("add", ".");
    git("commit", "-qm", "x");
    expect(await readGitState(root)).toMatchObject({
      commit: expect.stringMatching(/^[0-9a-f]{40}$/) as string,
      dirty: false,
    });
    put("a.txt", "2");
    expect(await readGitState(root)).toMatchObject({ dirty: true });
  });
});
