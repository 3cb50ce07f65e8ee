import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { once } from "node:events";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Client } from "ssh2";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { startDemoBox, type DemoBox } from "../../scripts/demoBox";
import { writeKeyPair } from "../../scripts/sshFiles";
import { findProgram } from "../../scripts/system";
import { connect, execute, openChannel, openssh } from "./loginWith";

describe("the demo box", () => {
  let dir: string;
  let box: DemoBox;
  let hostKey: string;
  const clients: Client[] = [];

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "runside demo%box-"));
    box = await startDemoBox({ dir });
    hostKey = await readFile(join(dir, "box", "host_key.pub"), "utf8");
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.end();
  });
  afterAll(async () => {
    await box.close();
    await rm(dir, { recursive: true, force: true });
  });

  const login = async (keyFile = join(dir, "ssh", "id_ed25519")) => {
    const client = await connect({ port: box.port, keyFile, hostKey });
    clients.push(client);
    return client;
  };
  const text = async (command: string) => (await execute(await login(), command)).stdout.toString().trim();

  it("gives a command its own home and a clean environment", async () => {
    vi.stubEnv("RUNSIDE_TEST_SECRET", "of the terminal");
    const names = (await text("pwd; echo $HOME; echo $RUNSIDE_HOME; env | grep SECRET; node -v")).split("\n");
    expect(names).toEqual([box.home, box.home, box.runsideHome, process.version]);
    vi.unstubAllEnvs();
  });

  it("reports exit codes, signals and standard error", async () => {
    const client = await login();
    expect(await execute(client, "echo out; echo err >&2; exit 7")).toMatchObject({ code: 7, stderr: "err\n" });
    expect(await execute(client, "kill -TERM $$")).toMatchObject({ code: null, signal: "SIGTERM" });
  });

  it("carries 5 MB through stdin and stdout intact, and ends stdin", async () => {
    const sent = randomBytes(5_000_000);
    const { stdout, code } = await execute(await login(), "cat", sent);
    expect(code).toBe(0);
    expect(stdout.equals(sent)).toBe(true);
  });

  it("loses nothing of the standard error that waits for the client's window", async () => {
    const { stderr } = await execute(await login(), "head -c 5000000 /dev/zero | tr '\\0' e >&2");
    expect(stderr.length).toBe(5_000_000);
  });

  it("waits for a slow reader instead of filling its memory", async () => {
    const channel = await openChannel(await login(), "head -c 50000000 /dev/zero; echo done > written");
    channel.pause();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(existsSync(join(box.home, "written"))).toBe(false);
    channel.resume();
    await once(channel, "close");
    expect(existsSync(join(box.home, "written"))).toBe(true);
  });

  it("refuses a key that it does not know, and a password", async () => {
    const stranger = join(dir, "stranger");
    await writeKeyPair(stranger, "ed25519");
    await expect(login(stranger)).rejects.toThrow(/authentication methods failed/);
    const further = { privateKey: undefined, password: "guess" };
    const keyFile = join(dir, "ssh", "id_ed25519");
    await expect(connect({ port: box.port, keyFile, hostKey, further })).rejects.toThrow(/authentication methods/);
  });

  it("hangs up the command when its channel closes", async () => {
    const client = await login();
    const channel = await openChannel(
      client,
      "exec 2> /dev/null; trap 'echo hup > hung-up; exit' HUP; echo ready; while :; do sleep 0.05; done",
    );
    await once(channel, "data");
    channel.close();
    await vi.waitFor(() => expect(existsSync(join(box.home, "hung-up"))).toBe(true), 3_000);
  });

  it("hangs up the command when the connection is cut, but nothing that detached itself", async () => {
    const channel = await openChannel(
      await login(),
      "setsid sh -c 'sleep 0.5; echo alive > survived' < /dev/null > /dev/null 2>&1 & sleep 0.1; echo $$; exec sleep 30",
    );
    const [pid] = (await once(channel, "data")) as [Buffer];
    // Input that nobody reads must not keep the command from noticing.
    channel.write(Buffer.alloc(1_000_000));
    expect(box.connections()).toBeGreaterThan(0);
    box.dropConnections();
    await vi.waitFor(() => expect(box.connections()).toBe(0));
    await vi.waitFor(() => expect(existsSync(join(box.home, "survived"))).toBe(true), 3_000);
    expect(() => process.kill(Number(pid.toString()), 0)).toThrow("ESRCH");
  });

  it("refuses a terminal and a shell with a sentence", async () => {
    const client = await login();
    const answer = await new Promise<string>((resolve, reject) => {
      client.shell(false, (error, channel) => {
        if (error) return reject(error);
        channel.stderr.setEncoding("utf8").once("data", resolve);
      });
    });
    expect(answer).toContain("no interactive shell");
  });

  it.skipIf(!findProgram("ssh"))("lets in OpenSSH's own client with the config that it wrote", async () => {
    const answer = await openssh(box.configFile, box.host, "echo hi; exit 3", ["-o", "StrictHostKeyChecking=yes"]);
    expect(answer).toMatchObject({ code: 3, stdout: "hi\n" });
  });

  it("keeps keys and port between starts, and moves when the port is taken", async () => {
    const own = join(dir, "again");
    const first = await startDemoBox({ dir: own, motd: "Welcome to the box\n" });
    await first.close();
    const again = await startDemoBox({ dir: own });
    await again.close();
    expect(again.port).toBe(first.port);

    const squatter = createServer().listen(first.port, "127.0.0.1");
    await once(squatter, "listening");
    const moved = await startDemoBox({ dir: own, motd: "Welcome to the box\n" });
    expect(moved.port).not.toBe(first.port);
    expect(await readFile(moved.configFile, "utf8")).toContain(`Port ${moved.port}`);
    expect(await readFile(join(own, "ssh", "known_hosts"), "utf8")).toContain(`:${moved.port}`);

    const key = await readFile(join(own, "box", "host_key.pub"), "utf8");
    const client = await connect({ port: moved.port, keyFile: join(own, "ssh", "id_ed25519"), hostKey: key });
    expect((await execute(client, "echo hi")).stdout.toString()).toBe("Welcome to the box\nhi\n");
    client.end();
    await moved.close();
    squatter.close();
  });
});
