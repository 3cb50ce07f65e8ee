// Both ways to connect against a real OpenSSH: agents, two factors, login shells, rekeys, jumps, cuts.
import { spawn, spawnSync, execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { collect, shellLine } from "../../../src/connect/transport";
import {
  addClientKey,
  passwordAvailable,
  sshdAvailable,
  startSshd,
  type Sshd,
  type SshdOptions,
} from "../../support/sshd";
import { atEnd, connectTo, failureOf, open, overBoth, prompts, tempFolder } from "./connectKit";
import { fake } from "./fixtures/fakeAgent";

const withPassword = await passwordAvailable();

async function sshd(options: Partial<SshdOptions> = {}): Promise<Sshd & { alias: string }> {
  const server = await startSshd({ dir: await tempFolder(), ...options });
  atEnd(() => server.stop());
  return { ...server, alias: server.host };
}

async function sshAgent(...keys: string[]): Promise<string> {
  const socket = join(await tempFolder(), "agent.sock");
  const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
  atEnd(() => void agent.kill());
  await expect.poll(() => existsSync(socket)).toBe(true);
  for (const key of keys)
    await promisify(execFile)("ssh-add", ["-q", key], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
  return socket;
}

overBoth("a real OpenSSH server", tests, !sshdAvailable());

function tests(): void {
  it("lets us in, runs the agent, and is left without a trace of us", async () => {
    const server = await sshd();
    await (await (await open(server)).peer()).request(fake.echo, { text: "hi" });
    for (let i = 0; i < 3; i++) {
      const connection = await open(server);
      await connection.peer();
      const pid = connection.hello?.pid ?? 0;
      await connection.close();
      await expect.poll(() => existsSync(`/proc/${pid}`)).toBe(false);
    }
    const connection = await open(server);
    const peer = await connection.peer();
    const text = "x".repeat(1000);
    expect(await peer.request(fake.echo, { text })).toMatchObject({ size: 1000 });
  });

  it("answers through a jump host too", async () => {
    const server = await sshd();
    const config = await readFile(server.configFile, "utf8");
    await writeFile(
      server.configFile,
      config.replace(/^Host .*$/m, "Host test-box hop") + "Match originalhost test-box\n  ProxyJump hop\n",
    );
    const connection = await open(server);
    const peer = await connection.peer();
    expect(server.log().match(/Accepted publickey/g)).toHaveLength(2);
    expect(await peer.request(fake.echo, { text: "x".repeat(1000) })).toMatchObject({ size: 1000 });
  });

  it("is believed only with the key that is known", async () => {
    const server = await sshd({ hostKeyTypes: ["ed25519", "rsa"] });
    const lines = (await readFile(server.knownHosts, "utf8")).trim().split("\n");
    await writeFile(server.knownHosts, `${lines.find((line) => line.includes("ssh-rsa")) ?? ""}\n`);
    (await connectTo(server)).dispose();
    await server.rotateHostKey();
    const error = await failureOf(connectTo(server));
    expect(error.code).toBe("connect/host-key-changed");
    expect(error.message).toContain(`ssh-keygen -R '[127.0.0.1]:${server.port}' -f ${server.knownHosts}`);
    expect(server.log().match(/Accepted publickey/g)).toHaveLength(1);
  });

  it("writes what ssh itself then accepts", async () => {
    const server = await sshd();
    await writeFile(server.knownHosts, "");
    await appendFile(server.configFile, "  HashKnownHosts yes\n");
    await connectTo(server, { prompts: prompts({ confirmHostKey: () => Promise.resolve(true) }) });
    expect(await readFile(server.knownHosts, "utf8")).toMatch(/^\|1\|/);
    const args = [
      "-F",
      server.configFile,
      "-o",
      "StrictHostKeyChecking=yes",
      "-o",
      "BatchMode=yes",
      server.host,
      "echo in",
    ];
    expect((await promisify(execFile)("ssh", args)).stdout).toBe("in\n");
  });

  it("goes on through rekeys that it starts itself", async () => {
    const server = await sshd({ config: ["RekeyLimit 1M"] });
    const asked = prompts();
    const transport = await connectTo(server, { prompts: asked });
    const channel = await transport.exec(shellLine("head -c 20000000 /dev/zero | wc -c; cat | wc -c"));
    expect((await collect(channel, Buffer.alloc(5_000_000))).stdout.trim().split(/\s+/)).toEqual([
      "20000000",
      "5000000",
    ]);
    expect(asked.log).toEqual([]);
  });

  it("takes a key from an agent, and with IdentitiesOnly none but the named one", async () => {
    const server = await sshd({ config: ["MaxAuthTries 2"] });
    const others = await Promise.all([1, 2, 3, 4].map(async (i) => join(await tempFolder(), `other${i}`)));
    for (const path of others) await addClientKey(server, path, "ed25519", false);
    const socket = await sshAgent(...others, server.identityFile);
    // The agent holds the key; the config names its public half alone.
    const config = await readFile(server.configFile, "utf8");
    await writeFile(server.configFile, config.replace(/IdentityFile "?([^"\n]+)"?/, 'IdentityFile "$1.pub"'));
    await connectTo(server, { agentSocket: socket });
    await writeFile(
      server.configFile,
      (await readFile(server.configFile, "utf8")).replace("IdentitiesOnly yes", "IdentitiesOnly no"),
    );
    // The named one goes first even among many.
    await connectTo(server, { agentSocket: socket });
    expect(server.log()).not.toContain("Too many authentication failures");
  });

  it("takes RSA and ECDSA keys", async () => {
    const server = await sshd();
    for (const type of ["rsa", "ecdsa"] as const) {
      const path = join(await tempFolder(), type);
      await addClientKey(server, path, type, true);
      const config = await readFile(server.configFile, "utf8");
      await writeFile(server.configFile, config.replace(/IdentityFile .*/, `IdentityFile "${path}"`));
      (await connectTo(server)).dispose();
    }
  });

  it.skipIf(!withPassword)("takes two factors, the first of them from an agent", async () => {
    const server = await sshd({ authMethods: "publickey,password", password: "pw" });
    const asked = prompts({ password: () => Promise.resolve("pw") });
    await connectTo(server, { prompts: asked });
    const stranger = join(await tempFolder(), "stranger");
    await addClientKey(server, stranger, "ed25519", false);
    const socket = await sshAgent(server.identityFile, stranger);
    const config = await readFile(server.configFile, "utf8");
    await writeFile(
      server.configFile,
      config.replace(/ *IdentityFile .*\n/, "  IdentityFile none\n").replace("IdentitiesOnly yes", "IdentitiesOnly no"),
    );
    await connectTo(server, { prompts: asked, agentSocket: socket });
    expect(asked.log).toHaveLength(2);
  });

  it.skipIf(!withPassword)("refuses a wrong password three times and says so", async () => {
    const server = await sshd({ password: "pw" });
    const asked = prompts({ password: () => Promise.resolve("wrong") });
    const error = await failureOf(connectTo(server, { prompts: asked }));
    expect(error.code).toBe("connect/auth-failed");
    expect(asked.log).toHaveLength(3);
  });

  it("hangs up on a login that it refuses, which is told from a cut link", async () => {
    const server = await sshd({ config: ["MaxAuthTries 1"] });
    const stranger = join(await tempFolder(), "stranger");
    await addClientKey(server, stranger, "ed25519", false);
    const config = await readFile(server.configFile, "utf8");
    await writeFile(server.configFile, config.replace(/IdentityFile .*/, `IdentityFile "${stranger}"`));
    expect((await failureOf(connectTo(server))).code).toBe("connect/auth-failed");
    await expect.poll(() => server.log(), { timeout: 10_000 }).toContain("Too many authentication failures");
  });

  it("comes back after the server's process for us was killed", async () => {
    const server = await sshd();
    const connection = await open(server);
    const peer = await connection.peer();
    const pending = failureOf(peer.request(fake.never, {}));
    server.dropConnections();
    expect((await pending).code).toBe("rpc/closed");
    await expect.poll(() => connection.state.state, { timeout: 5000 }).toBe("connected");
  });

  it("says why a further command cannot start", async () => {
    const server = await sshd({ config: ["MaxSessions 1"] });
    const transport = await connectTo(server);
    await transport.exec(shellLine("sleep 20"));
    const error = await failureOf(transport.exec(shellLine("true")));
    expect(error.code).toBe("connect/lost");
    expect(error.message).toContain("refused to start a command");
  });

  const shells = ["bash", "dash", "zsh", "fish", "tcsh"].map((name) =>
    spawnSync("/bin/sh", ["-c", `command -v ${name}`])
      .stdout.toString()
      .trim(),
  );
  it.each(shells.filter(Boolean))("works where %s is the login shell, however much it says", async (shell) => {
    const server = await sshd({
      shell,
      login: ["echo 'Welcome! You have mail.'", "echo noise >&2", "printf 'no newline: '"],
    });
    const connection = await open(server, { remoteHome: "~/it's $x! \\\\ é" });
    const peer = await connection.peer();
    expect((await peer.request(fake.echo, { text: "through" })).text).toBe("through");
    expect(connection.hello?.runsideHome).toBe(join(server.home, "it's $x! \\\\ é"));
  });
}
