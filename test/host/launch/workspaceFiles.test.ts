// Which files of a workspace travel, on real folders and real repositories, and which commit a launch came from.
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { nameOfBytes } from "../../../core/base/byteName";
import { readGitState } from "../../../src/launch/gitState";
import { sameFile } from "../../../src/launch/uploadLimits";
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

const OTHER = 65534;

/** To root no folder is closed: then as somebody else, whose the workspace is. */
async function asOther(act: () => Promise<void>): Promise<void> {
  if (process.getuid?.() !== 0) return act();
  execFileSync("chown", ["-R", String(OTHER), root]);
  // Git gives up at a configuration that it may not read.
  vi.stubEnv("HOME", tmpdir());
  process.seteuid?.(OTHER);
  try {
    await act();
  } finally {
    vi.unstubAllEnvs();
    process.seteuid?.(0);
  }
}

const names = async (options: WorkspaceOptions = {}, folder = root): Promise<string[]> =>
  (await listWorkspaceFiles(folder, options)).files.map((file) => file.path);

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

  it("walks a folder that the repository around it ignores as a whole, as scratch folders are", async () => {
    put(".gitignore", "scratch/\n*.log\n");
    put("scratch/try/train.py", "1");
    put("other/x.log");
    git("init", "-q");
    git("add", ".");
    expect(await names({}, path.join(root, "scratch", "try"))).toEqual(["train.py"]);
    expect(await names({}, path.join(root, "other"))).toEqual([]);
    expect(await names()).toEqual([".gitignore"]);
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

  it("walks a repository inside that git refuses, as another user's is", async () => {
    git("init", "-q");
    for (const inner of ["later", "theirs"]) {
      put(`${inner}/b.py`, "1");
      put(`${inner}/__pycache__/b.pyc`, "1");
      execFileSync("git", ["init", "-q"], { cwd: path.join(root, inner) });
    }
    put("a.py", "1");
    // Of a version that no git knows yet; and, where we may give it away, of another user.
    execFileSync("git", ["config", "core.repositoryformatversion", "99"], { cwd: path.join(root, "later") });
    if (process.getuid?.() === 0) chownSync(path.join(root, "theirs"), OTHER, OTHER);
    const listing = await listWorkspaceFiles(root);
    expect(listing.source).toBe("git");
    expect(listing.files.map((file) => file.path)).toEqual(["a.py", "later/b.py", "theirs/b.py"]);
  });

  it.skipIf(process.platform === "win32")("names a folder that may not be read, in git and out of it", async () => {
    for (const file of ["a.py", "data/in/rows.json", "data/in/deep/x"]) put(file);
    const locked = path.join(root, "data/in");
    const refused = /^data\/in in .* may not be read by you, .* make it readable, or add it to \.runsideignore\.$/;
    await asOther(async () => {
      chmodSync(locked, 0);
      try {
        await expect(names()).rejects.toThrow(refused);
        await expect(names({ inputs: ["data"] })).rejects.toThrow(refused);
        execFileSync("git", ["init", "-q"], { cwd: root });
        await expect(names()).rejects.toThrow(refused);
        // Git tells of it by its way from the top of the repository.
        await expect(names({}, path.join(root, "data"))).rejects.toThrow(/^in in .* may not be read/);
        chmodSync(locked, 0o700);
        execFileSync("git", ["add", "."], { cwd: root });
        chmodSync(locked, 0);
        await expect(names()).rejects.toThrow(refused);
        put(".runsideignore", "data/in/\n");
        expect(await names()).toEqual([".runsideignore", "a.py"]);
      } finally {
        chmodSync(locked, 0o700);
      }
    });
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

  it("leaves out what .runsideignore says, tracked or not, but not what the run was said to need", async () => {
    put(".runsideignore", "*.mp4\n/docs/\n!docs/kept.md\nbuild\n!keep.mp4\n");
    for (const file of ["a.py", "clip.mp4", "keep.mp4", "docs/kept.md", "src/docs/x.md", "src/build/y.o", "new.mp4"])
      put(file);
    const expected = [".runsideignore", "a.py", "keep.mp4", "src/docs/x.md"];
    expect(await names()).toEqual(expected);
    git("init", "-q");
    git("add", "clip.mp4", "docs", "a.py");
    expect(await names()).toEqual(expected);
    expect(await names({ inputs: ["clip.mp4"], include: ["src/**/*.o", "nothing/*"] })).toEqual(
      [...expected, "clip.mp4", "src/build/y.o"].sort(),
    );
    await expect(names({ include: ["../else/*"] })).rejects.toThrow(/runside\.include.* outside the workspace/);
  });

  it("takes names of any bytes: line breaks, quotes, 200 characters, no UTF-8, in git and out of it", async () => {
    const odd = ["line\nbreak", "quo\"te's $(x) `y` ;z", "w".repeat(200), " spaces ", "back\\slash", "-rf"];
    for (const name of odd) put(`d/${name}`);
    const bytes = Buffer.from([0x63, 0xe9, 0xff]);
    const sub = Buffer.concat([Buffer.from(`${root}/d/`), bytes]);
    mkdirSync(sub);
    writeFileSync(Buffer.concat([sub, Buffer.from("/x.py")]), "x");
    const expected = [...odd.map((name) => `d/${name}`), nameOfBytes(Buffer.from("d/c\xe9\xff/x.py", "latin1"))].sort();
    expect(await names()).toEqual(expected);
    git("init", "-q");
    git("add", ".");
    expect(await names()).toEqual(expected);
  });

  it("names two files of git that are one on a disk that ignores case; hard links are two files", () => {
    const at = (file: string, ino: number, links = 1) => ({
      path: file,
      dev: 1n,
      ino: BigInt(ino),
      links: BigInt(links),
    });
    expect(sameFile([at("README.md", 1), at("a.py", 2), at("Readme.md", 1)])).toEqual([["README.md", "Readme.md"]]);
    expect(sameFile([at("A", 1), at("a", 2)])).toEqual([]);
    expect(sameFile([at("A", 1, 2), at("a", 1, 2)])).toEqual([]);
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
