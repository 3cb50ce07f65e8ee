// Which transport is taken, against a real OpenSSH: certificates, host authorities, new key exchanges; and what is said
// where the setting forbids the right one.
import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { appendFile, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { MemoryLogger } from "../../../core/base/logger";
import { windowsAgent } from "../../../src/connect/sshKeys";
import { collect, shellLine } from "../../../src/connect/transport";
import { startSshd, sshdAvailable, type Sshd, type SshdOptions } from "../../support/sshd";
import { atEnd, boxWith, connectTo, failureOf, open, prompts, tempFolder } from "./connectKit";
import { fake } from "./fixtures/fakeAgent";

const run = promisify(execFile);
const auto = { transport: "auto" } as const;

async function sshd(options: Partial<SshdOptions> = {}): Promise<Sshd & { alias: string }> {
  const server = await startSshd({ dir: await tempFolder(), ...options });
  atEnd(() => server.stop());
  return { ...server, alias: server.host };
}

/** A certificate authority, and a server that trusts it alone. */
async function certified(): Promise<{ server: Sshd & { alias: string }; ca: string; dir: string }> {
  const dir = await tempFolder();
  const ca = join(dir, "ca");
  await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", ca]);
  const server = await sshd({ config: [`TrustedUserCAKeys ${ca}.pub`, "AuthorizedKeysFile none"] });
  return { server, ca, dir };
}

const sign = (ca: string, key: string, user: string) =>
  run("ssh-keygen", ["-q", "-s", ca, "-I", "a test", "-n", user, `${key}.pub`]);

const says = async (server: Sshd & { alias: string }, options = {}): Promise<string> => {
  const transport = await connectTo(server, { ...auto, ...options });
  const { stdout } = await collect(await transport.exec(shellLine("echo in")), null);
  return `${transport.kind} ${stdout.trim()}`;
};

describe("the agent on Windows", () => {
  it("is the system's where it runs, else Pageant's", () => {
    const pageant = "pageant.ada.0123abcd";
    expect(windowsAgent(["lsass", pageant])).toBe(`\\\\.\\pipe\\${pageant}`);
    expect(windowsAgent([pageant, "openssh-ssh-agent"])).toBe("\\\\.\\pipe\\openssh-ssh-agent");
    expect(windowsAgent([])).toBe("\\\\.\\pipe\\openssh-ssh-agent");
  });
});

describe.skipIf(!sshdAvailable())("the transport that auto takes", () => {
  it("is our own for a plain key", async () => {
    expect(await says(await sshd())).toBe("ssh2 in");
  });

  it("is the user's ssh for a certificate beside its key, named in the config, or in an agent", async () => {
    const { server, ca } = await certified();
    const key = server.identityFile;
    await sign(ca, key, server.user);
    expect(await says(server)).toBe("openssh in");

    const elsewhere = join(await tempFolder(), "cert.pub");
    await writeFile(elsewhere, await readFile(`${key}-cert.pub`));
    await appendFile(server.configFile, `  CertificateFile "${elsewhere}"\n`);
    const socket = join(await tempFolder(), "agent.sock");
    const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
    atEnd(() => void agent.kill());
    await expect.poll(() => existsSync(socket)).toBe(true);
    await run("ssh-add", ["-q", key], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
    await rm(`${key}-cert.pub`);
    expect(await says(server)).toBe("openssh in");

    const config = (await readFile(server.configFile, "utf8"))
      .replace(/ *(CertificateFile|IdentityFile) .*\n/g, "")
      .replace("IdentitiesOnly yes", "IdentitiesOnly no\n  IdentityFile none");
    await writeFile(server.configFile, config);
    expect(await says(server, { agentSocket: socket })).toBe("openssh in");
  });

  it("is the user's ssh for a host key that an authority signed, and refuses what it did not sign", async () => {
    const dir = await tempFolder();
    const ca = join(dir, "host_ca");
    await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", ca]);
    const certificate = join(dir, "host-cert.pub");
    const server = await sshd({ config: [`HostCertificate ${certificate}`] });
    const hostKey = join(server.identityFile, "..", "host_key_ed25519");
    await run("ssh-keygen", ["-q", "-s", ca, "-I", "box", "-h", "-n", "127.0.0.1", `${hostKey}.pub`]);
    await writeFile(certificate, await readFile(`${hostKey}-cert.pub`));
    await server.reload();
    const authority = (await readFile(`${ca}.pub`, "utf8")).trim();
    await writeFile(server.knownHosts, `@cert-authority [127.0.0.1]:${server.port} ${authority}\n`);
    const asked = prompts();
    expect(await says(server, { prompts: asked })).toBe("openssh in");
    expect(asked.log).toEqual([]);

    const error = await failureOf(connectTo(server, { transport: "ssh2" }));
    expect(error.code).toBe("connect/host-key-declined");
    expect(error.message).toContain("certificate authority");
  });

  it("is the user's ssh where our own knows none of the server's key exchanges", async () => {
    const server = await sshd({ config: ["KexAlgorithms sntrup761x25519-sha512@openssh.com"] });
    expect(await says(server)).toBe("openssh in");
    const error = await failureOf(connectTo(server, { transport: "ssh2" }));
    expect(error.message).toContain('set "runside.transport" to "openssh"');
    const mismatch = await sshd({ config: ["KexAlgorithms curve25519-sha256"] });
    await appendFile(mismatch.configFile, "  KexAlgorithms diffie-hellman-group14-sha256\n");
    expect((await failureOf(connectTo(mismatch, auto))).message).toContain("no algorithm in common");
  });

  it("names what is left out where the setting or a missing ssh keeps it from being honoured", async () => {
    const server = await sshd();
    await appendFile(server.configFile, "  PKCS11Provider /no/such/token.so\n  BindInterface lo\n");
    const logger = new MemoryLogger();
    await connectTo(server, { transport: "ssh2", logger });
    await connectTo(server, { ...auto, logger, config: { configFile: server.configFile, sshProgram: null } });
    const said = logger.records.map((one) => one.message).join("\n");
    expect(said).toContain("PKCS11Provider is not used, because runside.transport is ssh2");
    expect(said).toContain("BindInterface is not used, because runside.transport is ssh2");
    expect(said).toMatch(/PKCS11Provider is not used, because there is no ssh program/i);
    const error = await failureOf(
      connectTo(server, { transport: "openssh", config: { configFile: server.configFile, sshProgram: null } }),
    );
    expect(error.code).toBe("connect/bad-config");
  });
});

describe.skipIf(!sshdAvailable())("the user's ssh", () => {
  it("logs in for each command where it cannot share a connection, and notices the loss of the link", async () => {
    const server = await sshd();
    const connection = await open(server, { transport: "openssh", shared: false });
    const peer = await connection.peer();
    expect((await peer.request(fake.echo, { text: "hi" })).text).toBe("hi");
    const logins = (): number => server.log().match(/Accepted publickey/g)?.length ?? 0;
    expect(logins()).toBeGreaterThan(2);
    server.dropConnections();
    await expect.poll(async () => (await connection.peer()) === peer, { timeout: 10_000 }).toBe(false);
  });

  it("keeps ports, terminals and commands of the config to the user's own terminal", async () => {
    const taken = await boxWith();
    const server = await sshd();
    await appendFile(
      server.configFile,
      `  LocalForward ${taken.port} localhost:1\n  ExitOnForwardFailure yes\n  RemoteCommand false\n  RequestTTY force\n`,
    );
    await appendFile(server.configFile, "  StdinNull yes\n  ForkAfterAuthentication yes\n  SessionType none\n");
    await appendFile(server.configFile, "  ForwardAgent yes\n  ControlMaster no\n  ControlPersist 1h\n");
    const hop = (await readFile(server.configFile, "utf8")).replace(/^Host .*$/m, "Host hop");
    await appendFile(server.configFile, `  ProxyJump hop\n${hop}`);
    for (const shared of [true, false]) {
      const transport = await connectTo(server, { transport: "openssh", shared });
      const channel = await transport.exec(shellLine("cat"));
      expect((await collect(channel, Buffer.from("in"))).stdout).toBe("in");
    }
  });

  it("refuses a changed host key even where the config says that nothing is checked", async () => {
    const server = await sshd();
    const text = await readFile(server.configFile, "utf8");
    await writeFile(server.configFile, text.replace("StrictHostKeyChecking ask", "StrictHostKeyChecking no"));
    await server.rotateHostKey();
    const error = await failureOf(connectTo(server, { transport: "openssh" }));
    expect(error.code).toBe("connect/host-key-changed");
    expect(error.message.match(/SHA256:/g)).toHaveLength(2);
  });

  it("refuses a revoked host key with the line that revokes it", async () => {
    for (const transport of ["ssh2", "openssh"] as const) {
      const server = await sshd();
      const text = await readFile(server.knownHosts, "utf8");
      await writeFile(server.knownHosts, `# a comment\n@revoked ${text}`);
      const error = await failureOf(connectTo(server, { transport }));
      expect(error.code).toBe("connect/host-key-changed");
      expect(error.message).toContain(`revoked in ${server.knownHosts}:2`);
    }
  });

  it("asks nothing where the config says BatchMode", async () => {
    const asked = prompts({ password: () => Promise.resolve("good") });
    for (const transport of ["ssh2", "openssh"] as const) {
      const box = await boxWith({ factors: [["password"]], password: "good", config: ["BatchMode yes"] });
      const error = await failureOf(connectTo(box, { transport, prompts: asked }));
      expect(error.code).toBe("connect/auth-failed");
    }
    expect(asked.log).toEqual([]);
  });
});
