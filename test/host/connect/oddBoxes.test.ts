// Boxes as they are: no SFTP, one session, open umask, homes that are read-only, noexec or full, links that stall. Each works
// or is refused by name. Mounts need root, and are made on CI alone.
import { execFileSync } from "node:child_process";
import { mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startSshd, sshdAvailable, type Sshd, type SshdOptions } from "../../support/sshd";
import { atEnd, failureOf, fakeAgent, open, overBoth, tempFolder } from "./connectKit";
import { fake } from "./fixtures/fakeAgent";

const mayMount = process.platform === "linux" && process.getuid?.() === 0 && process.env.CI === "true";

async function sshd(options: Partial<SshdOptions> = {}): Promise<Sshd & { alias: string }> {
  const server = await startSshd({ dir: await tempFolder(), ...options });
  atEnd(() => server.stop());
  return { ...server, alias: server.host };
}

/** A server whose home folder is a file system of its own. */
async function withHome(mountOptions: string): Promise<Sshd & { alias: string }> {
  const dir = await tempFolder();
  const home = join(dir, "home");
  await mkdir(home);
  execFileSync("mount", ["-t", "tmpfs", "-o", mountOptions, "runside-test", home]);
  // Lazily, because a command that was just ended may still stand in it.
  atEnd(() => void execFileSync("umount", ["-l", home]));
  return await sshd({ dir });
}

overBoth("an odd box", tests, !sshdAvailable());

function tests(): void {
  it("needs neither SFTP nor a second session", async () => {
    const server = await sshd({ config: ["MaxSessions 1"] });
    expect(server.config()).not.toContain("Subsystem");
    const peer = await (await open(server)).peer();
    expect((await peer.request(fake.echo, { text: "through" })).text).toBe("through");
  });

  it("has closed files under an open umask", async () => {
    const server = await sshd({ login: ["umask 000"] });
    await (await open(server)).peer();
    const { sha256 } = await fakeAgent();
    const modes = async (path: string): Promise<number> => (await stat(join(server.runsideHome, path))).mode & 0o077;
    for (const path of [".", "agent", `agent/${sha256}`, `agent/${sha256}/agent.js`, "bin/runside"]) {
      expect([path, await modes(path)]).toEqual([path, 0]);
    }
  });

  it("is noticed within 15 s when its link stalls, and is back when it can be", async () => {
    const server = await sshd();
    const connection = await open(server);
    const first = await connection.peer();
    const pending = failureOf(first.request(fake.never, {}));
    server.freezeConnections();
    await expect.poll(() => connection.state.state, { timeout: 15_000 }).not.toBe("connected");
    expect((await pending).code).toBe("rpc/closed");
    await expect.poll(() => connection.state.state, { timeout: 10_000 }).toBe("connected");
    expect((await (await connection.peer()).request(fake.echo, { text: "back" })).text).toBe("back");
  });

  it("serves many windows and is one of many boxes at once", async () => {
    const servers = await Promise.all([sshd(), sshd(), sshd()]);
    const connections = await Promise.all([...servers, ...servers].map((server) => open(server)));
    const peers = await Promise.all(connections.map((connection) => connection.peer()));
    const answers = await Promise.all(peers.map((peer, i) => peer.request(fake.echo, { text: `window ${i}` })));
    expect(answers.map((one) => one.text)).toEqual(answers.map((_, i) => `window ${i}`));
    expect(connections.map((connection) => connection.hello?.home)).toEqual(
      [...servers, ...servers].map((server) => server.home),
    );
  });

  it.skipIf(!mayMount)("may forbid programs in its home", async () => {
    const peer = await (await open(await withHome("noexec"))).peer();
    expect((await peer.request(fake.echo, { text: "runs" })).text).toBe("runs");
  });

  it.skipIf(!mayMount)(
    "is refused by name when its home is read-only or full, and works from another folder",
    async () => {
      for (const [options, words] of [
        ["ro", /Read-only file system/],
        ["size=64k", /No space left on device/],
      ] as const) {
        const server = await withHome(options);
        const error = await failureOf((await open(server)).peer());
        expect(error.code).toBe("agent/upload-failed");
        expect(error.message).toMatch(words);
        expect(error.message).toContain(server.runsideHome);
        const elsewhere = join(await tempFolder(), "runside");
        await (await open(server, { remoteHome: elsewhere })).peer();
        expect(await readdir(elsewhere)).toContain("agent");
      }
    },
  );
}
