import { mkdtemp, rm } from "node:fs/promises";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  addClientKey,
  passwordAvailable,
  sshdAvailable,
  startSshd,
  type Sshd,
  type SshdOptions,
} from "../support/sshd";
import { connect, execute, openChannel, openssh } from "./loginWith";

const withPassword = await passwordAvailable();

describe.skipIf(!sshdAvailable())("the real sshd", () => {
  let dir: string;
  let sshd: Sshd | undefined;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "runside-sshd-"));
  });
  afterEach(async () => {
    await sshd?.stop();
    sshd = undefined;
    await rm(dir, { recursive: true, force: true });
  });

  const start = async (options: Omit<SshdOptions, "dir"> = {}) => (sshd = await startSshd({ dir, ...options }));
  const enter = (box: Sshd, keyFile = box.identityFile) =>
    connect({ port: box.port, keyFile, hostKey: box.hostKeyPub });

  it("lets both clients in, into a home of its own", async () => {
    const box = await start({ login: ["echo Welcome"] });
    const client = await enter(box);
    const { stdout, code } = await execute(client, "pwd; echo $HOME; echo $RUNSIDE_HOME; exit 5");
    client.end();
    expect(code).toBe(5);
    expect(stdout.toString().trim().split("\n")).toEqual(["Welcome", box.home, box.home, box.runsideHome]);
    expect(await openssh(box.configFile, box.host, "echo hi")).toMatchObject({ code: 0, stdout: "Welcome\nhi\n" });
  });

  it("refuses unknown keys and takes allowed ones of other types", async () => {
    const box = await start({ hostKeyTypes: ["ecdsa", "rsa", "ed25519"] });
    await addClientKey(box, join(dir, "stranger"), "ed25519", false);
    await addClientKey(box, join(dir, "friend"), "rsa", true);
    await expect(
      connect({ ...box, keyFile: join(dir, "stranger"), hostKey: "any", further: { hostVerifier: () => true } }),
    ).rejects.toThrow(/authentication methods failed/);
    const client = await connect({
      ...box,
      keyFile: join(dir, "friend"),
      hostKey: "any",
      further: { hostVerifier: () => true },
    });
    expect((await execute(client, "echo in")).stdout.toString()).toBe("in\n");
    client.end();
  });

  it("shows another host key after a change, which OpenSSH refuses", async () => {
    const box = await start();
    const before = box.hostKeyPub;
    expect(await box.rotateHostKey()).not.toBe(before);
    await expect(enter(box)).rejects.toThrow(/denied/);
    const refused = await openssh(box.configFile, box.host, "echo in");
    expect(refused.code).toBe(255);
    expect(refused.stderr).toContain("REMOTE HOST IDENTIFICATION HAS CHANGED");
  });

  it("cuts connections, and leaves none behind when it stops", async () => {
    const box = await start();
    const first = await enter(box);
    await openChannel(first, "sleep 30");
    const cut = once(first, "close");
    box.dropConnections();
    await cut;
    const second = await enter(box);
    const ended = once(second, "close");
    await box.stop();
    await ended;
    await expect(enter(box)).rejects.toThrow(/ECONNREFUSED/);
  });

  it.skipIf(!withPassword)("asks for a key and then a password", async () => {
    const box = await start({ authMethods: "publickey,password", password: "correct horse" });
    const door = { port: box.port, keyFile: box.identityFile, hostKey: box.hostKeyPub };
    const order = ["publickey", "password", false];
    const methods = (password: string) => {
      const next = [...order];
      return { password, authHandler: () => next.shift() as never };
    };
    const client = await connect({ ...door, further: methods("correct horse") });
    expect((await execute(client, "echo in")).stdout.toString()).toBe("in\n");
    client.end();
    await expect(connect({ ...door, further: methods("wrong") })).rejects.toThrow(/authentication methods failed/);
  });
});
