// From nothing to a ready agent: over ssh2 to a server in this process, and on this machine without SSH.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Writable } from "node:stream";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { MemoryLogger, nullLogger } from "../../../core/base/logger";
import { absentLine, agentFile, installAgent, startAgent } from "../../../src/connect/agentInstall";
import { connectBox } from "../../../src/connect/boxes";
import { LocalTransport } from "../../../src/connect/localTransport";
import { probeBox } from "../../../src/connect/nodeSearch";
import { collect, type Transport } from "../../../src/connect/transport";
import { atEnd, boxWith, connectTo, failureOf, fakeAgent, open, prompts, tempFolder } from "./connectKit";
import { fake } from "./fixtures/fakeAgent";

describe("connecting", () => {
  it("installs the agent once, says hello, and starts it with one command the next time", async () => {
    const box = await boxWith({ motd: "Welcome to the cluster!\nNo newline at the end: " });
    const logger = new MemoryLogger();
    const first = await open(box, { logger });
    const peer = await first.peer();
    expect(first.hello).toMatchObject({
      version: "0.0.0-fake",
      home: box.home,
      runsideHome: join(box.home, ".runside"),
    });
    expect((await peer.request(fake.echo, { text: "ü" })).text).toBe("ü");
    await expect
      .poll(() => logger.records.map((one) => one.message))
      .toEqual(expect.arrayContaining(["up", "plain words"]));
    await first.close();
    const { sha256 } = await fakeAgent();
    const folder = join(box.home, ".runside/agent", sha256);
    expect((await readdir(folder)).sort()).toEqual(["agent.js", "node"]);
    expect((await stat(join(folder, "agent.js"))).mode & 0o777).toBe(0o600);
    expect((await stat(join(box.home, ".runside"))).mode & 0o777).toBe(0o700);

    const before = box.commands.length;
    const second = await open(box);
    await second.peer();
    expect(box.commands.length - before).toBe(1);
    await second.close();
    await expect.poll(() => box.connections(), { timeout: 3000 }).toBe(0);
  });

  it("carries large messages whole", async () => {
    const box = await boxWith();
    const peer = await (await open(box)).peer();
    const text = "0123456789abcdef漢".repeat(300_000);
    const answers = await Promise.all([1, 2].map(() => peer.request(fake.echo, { text })));
    expect(answers.every((one) => one.text === text)).toBe(true);
  });

  it("survives eight windows installing at once, leaving one whole file", async () => {
    const box = await boxWith();
    const all = await Promise.all(Array.from({ length: 8 }, () => open(box)));
    await Promise.all(all.map((one) => one.peer()));
    const { sha256, bytes } = await fakeAgent();
    const folder = join(box.home, ".runside/agent", sha256);
    expect((await readdir(folder)).sort()).toEqual(["agent.js", "node"]);
    expect((await readFile(join(folder, "agent.js"))).equals(bytes)).toBe(true);
  });

  it("repairs an agent that was cut short on disk, and a Node that went away", async () => {
    const box = await boxWith();
    await (await (await open(box)).peer()).request(fake.echo, { text: "" });
    const { sha256, bytes } = await fakeAgent();
    const file = join(box.home, ".runside/agent", sha256, "agent.js");
    await writeFile(file, bytes.slice(0, 1000));
    await (await open(box)).peer();
    expect((await stat(file)).size).toBe(bytes.length);
    await writeFile(join(box.home, ".runside/agent", sha256, "node"), "/no/longer/here\n");
    await (await open(box)).peer();
  });

  it("writes a shim with which people start the newest agent, also through a link", async () => {
    const box = await boxWith();
    await (await open(box)).peer();
    const shim = join(box.home, ".runside/bin/runside");
    await symlink(shim, join(box.home, "rs"));
    for (const path of [shim, join(box.home, "rs")]) {
      const running = promisify(execFile)(path, ["serve", "--token", "abc"]);
      running.child.stdin?.end();
      expect((await running).stdout).toContain("runside-agent-ready abc 1");
    }
  });

  it("takes the folder of the settings, whatever characters it has", async () => {
    const box = await boxWith();
    const remoteHome = join(box.home, "it's $HOME & `co`");
    const connection = await open(box, { remoteHome });
    await connection.peer();
    expect(connection.hello?.runsideHome).toBe(remoteHome);
    const tilde = await open(box, { remoteHome: "~/other" });
    await tilde.peer();
    expect(tilde.hello?.runsideHome).toBe(join(box.home, "other"));
  });

  it("finds a Node that is only in nvm's folder, and names where it looked when there is none", async () => {
    const bin = await tempFolder();
    for (const tool of ["uname", "id", "cat", "mkdir", "chmod", "mv", "rm", "wc", "tr", "cut", "sha256sum", "sleep"]) {
      await symlink(
        (await promisify(execFile)("/bin/sh", ["-c", `command -v ${tool}`])).stdout.trim(),
        join(bin, tool),
      );
    }
    const box = await boxWith({ env: { PATH: bin } });
    const places = await nodesOutsidePath();
    if (!places) {
      const error = await failureOf((await open(box)).peer());
      expect(error.code).toBe("agent/no-node");
      expect(error.message).toContain("~/.nvm");
      expect(error.message).toContain("Node 20 or later");
    }
    const folder = join(box.home, ".nvm/versions/node/v20.0.0/bin");
    await mkdir(folder, { recursive: true });
    await symlink(process.execPath, join(folder, "node"));
    const old = join(box.home, ".nvm/versions/node/v16.0.0/bin");
    await mkdir(old, { recursive: true });
    await writeFile(join(old, "node"), "#!/bin/sh\necho v16.0.0\n");
    await chmod(join(old, "node"), 0o755);
    await (await open(box)).peer();
  });

  it("goes past a Node that hangs, also one that leaves a child with its output", async () => {
    const box = await boxWith();
    const pids = join(box.dir, "pids");
    const ended = (): Promise<number[]> => readFile(pids, "utf8").then((text) => text.trim().split("\n").map(Number));
    atEnd(async () => {
      for (const pid of await ended()) if (existsSync(`/proc/${pid}`)) process.kill(pid, "SIGKILL");
    });
    const scripts = { v20: `echo $$ >> '${pids}'; exec sleep 600`, v21: `sleep 600 & echo $! >> '${pids}'; wait` };
    for (const [version, script] of Object.entries(scripts)) {
      const folder = join(box.home, `.runside/node/${version}/bin`);
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, "node"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    }
    await (await open(box)).peer();
    const [hung] = await ended();
    expect(existsSync(`/proc/${hung}`)).toBe(false);
  }, 60_000);

  it("says when a box does not end its first look around", async () => {
    const box = await boxWith({ login: "sleep 600; " });
    const error = await failureOf(probeBox(await connectTo(box), null, undefined, 1000));
    expect(error.code).toBe("agent/upload-failed");
    expect(error.message).toMatch(/within 1 s.*by hand/);
  });

  it("says so when the agent does not come up, with its last words", async () => {
    const box = await boxWith({ env: { FAKE_AGENT: "broken" } });
    const error = await failureOf((await open(box)).peer());
    expect(error.code).toBe("agent/crashed");
    expect(error.message).toContain("this agent is broken");
  });

  it("refuses another protocol version", async () => {
    const box = await boxWith({ env: { FAKE_AGENT: "other" } });
    const error = await failureOf((await open(box)).peer());
    expect(error.code).toBe("agent/version-mismatch");
  });

  it("starts for each window the agent that it carries, while another version runs beside it", async () => {
    const box = await boxWith();
    const older = await fakeAgent();
    const newer = agentFile(Buffer.from(Buffer.from(older.bytes).toString().replaceAll("0.0.0-fake", "0.0.1-fake")));
    expect(newer.sha256).not.toBe(older.sha256);
    const windows = await Promise.all([older, newer, older].map((agent) => open(box, { agent })));
    const reached = windows.map(() => 0);
    windows.forEach((window, i) => window.onPeer(() => void (reached[i] = (reached[i] ?? 0) + 1)));
    const peers = await Promise.all(windows.map((window) => window.peer()));
    expect(windows.map((window) => window.hello?.version)).toEqual(["0.0.0-fake", "0.0.1-fake", "0.0.0-fake"]);
    // The older window comes back to its own after a cut, although a newer one is there.
    box.cut();
    await expect
      .poll(() => windows.every((window, i) => window.state.state === "connected" && reached[i] === 2), {
        timeout: 15_000,
      })
      .toBe(true);
    const again = await Promise.all(windows.map((window) => window.peer()));
    expect(again.some((peer, i) => peer === peers[i])).toBe(false);
    expect(windows.map((window) => window.hello?.version)).toEqual(["0.0.0-fake", "0.0.1-fake", "0.0.0-fake"]);
    expect((await readdir(join(box.home, ".runside/agent"))).sort()).toEqual([older.sha256, newer.sha256].sort());
  });

  it("says when the folder cannot be written", async () => {
    const box = await boxWith();
    await writeFile(join(box.home, "file"), "");
    const error = await failureOf((await open(box, { remoteHome: join(box.home, "file/in") })).peer());
    expect(error.code).toBe("agent/upload-failed");
    expect(error.message).toContain("file/in");
  });

  it("works on this machine without SSH, and leaves no process", async () => {
    const home = await tempFolder();
    const env = { ...process.env, HOME: home, RUNSIDE_HOME: join(home, "rs"), ELECTRON_RUN_AS_NODE: "1" };
    const connection = connectBox({
      target: { kind: "local" },
      agent: await fakeAgent(),
      remoteHome: null,
      prompts: prompts(),
      logger: nullLogger,
      env,
    });
    await connection.peer();
    const { pid, runsideHome } = connection.hello ?? { pid: 0, runsideHome: "" };
    expect(runsideHome).toBe(join(home, "rs"));
    await connection.close();
    await expect.poll(() => alive(pid)).toBe(false);
  });
});

describe("an install that is cut", () => {
  /** As `transport`, but the command that writes this file sees the end of its input after half of it. */
  const cutting = (transport: LocalTransport, file: string): Transport => ({
    kind: "local",
    label: transport.label,
    closed: false,
    onClose: transport.onClose,
    dispose: () => transport.dispose(),
    exec: async (command, signal) => {
      const channel = await transport.exec(command, signal);
      if (!String(command).includes(`mv -f "$t" "${file}"`)) return channel;
      const stdin = new Writable({
        write: (piece: Buffer, _encoding, next) => channel.stdin.end(piece.subarray(0, piece.length / 2), () => next()),
      });
      return { ...channel, stdin };
    },
  });

  it.each([
    ["$d/agent.js", "agent.js"],
    ["$h/bin/runside", "runside"],
    ["$d/node", "node"],
  ])("at %s leaves no half file, says so, and is whole the next time", async (file, name) => {
    const home = await tempFolder();
    const store = join(home, "r");
    const transport = new LocalTransport({ ...process.env, HOME: home, RUNSIDE_HOME: store });
    atEnd(() => transport.dispose());
    const agent = await fakeAgent();
    const options = { transport, agent, remoteHome: store, logger: nullLogger };
    const files = async (): Promise<string[]> =>
      (await readdir(store, { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile())
        .map((entry) => entry.name)
        .sort();
    const failure = await failureOf(installAgent({ ...options, transport: cutting(transport, file) }));
    expect(failure.code).toBe("agent/upload-failed");
    expect(failure.message).toMatch(/only \d+ of \d+ bytes arrived/);
    expect(await files()).not.toContain(name);
    // What a start asks for comes last: an install that was cut is done again.
    expect(await files()).not.toContain("node");
    await installAgent(options);
    expect(await files()).toEqual(["agent.js", "node", "runside"]);
    const start = async (): Promise<string> => {
      const channel = await startAgent(options, "abc");
      return (await collect(channel, null)).stdout;
    };
    expect(await start()).toContain("runside-agent-ready abc");
    // As an earlier Runside could leave it.
    await writeFile(join(store, "bin/runside"), "");
    expect(await start()).toContain(absentLine("abc"));
  });
});

describe("parallel installs without SSH", () => {
  it("are safe", async () => {
    const home = await tempFolder();
    const transport = new LocalTransport({ ...process.env, HOME: home });
    atEnd(() => transport.dispose());
    const agent = await fakeAgent();
    const options = { transport, agent, remoteHome: join(home, "r"), logger: nullLogger };
    await Promise.all(Array.from({ length: 6 }, () => installAgent(options)));
    expect(await readdir(join(home, "r/bin"))).toEqual(["runside"]);
  });
});

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Whether this machine has a Node where the search looks whatever PATH says. */
async function nodesOutsidePath(): Promise<boolean> {
  const found = await Promise.all(
    ["/usr/local/bin/node", "/usr/bin/node", "/opt/conda/bin/node"].map((path) => stat(path).catch(() => null)),
  );
  return found.some((one) => one !== null) || (await readdir("/opt").catch(() => [])).length > 0;
}
