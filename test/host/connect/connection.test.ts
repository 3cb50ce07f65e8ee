// Staying connected: back after a cut, a crash, a frozen link; and waiting for a person where one must decide.
import { readFile, writeFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { MemoryLogger } from "../../../core/base/logger";
import type { Connection, ConnectionPhase } from "../../../src/connect/connection";
import { boxWith, failureOf, open, overBoth, prompts } from "./connectKit";
import { fake } from "./fixtures/fakeAgent";

const phases = (connection: Connection): ConnectionPhase[] => {
  const seen: ConnectionPhase[] = [connection.state.state];
  connection.onState(({ state }) => void (seen.at(-1) !== state && seen.push(state)));
  return seen;
};

const isUp = (connection: Connection) => expect.poll(() => connection.state.state, { timeout: 8000 });

overBoth("staying connected", (transport) => {
  it("rejects what is pending on a cut, and comes back with a fresh peer by itself", async () => {
    const box = await boxWith();
    const connection = await open(box);
    const seen = phases(connection);
    const first = await connection.peer();
    const pending = failureOf(first.request(fake.never, {}));
    box.cut();
    expect((await pending).code).toBe("rpc/closed");
    await expect
      .poll(() => seen, { timeout: 8000 })
      .toEqual(["connecting", "connected", "lost", "connecting", "connected"]);
    const second = await connection.peer();
    expect(second).not.toBe(first);
    expect((await second.request(fake.echo, { text: "again" })).text).toBe("again");
  });

  it("keeps trying while the box is down, without asking anything", async () => {
    const box = await boxWith({ factors: [["password"]], password: "pw" });
    const asked = prompts({ password: () => Promise.resolve("pw") });
    const connection = await open(box, { prompts: asked });
    await connection.peer();
    await box.down();
    await isUp(connection).toBe("lost");
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(["lost", "connecting"]).toContain(connection.state.state);
    await box.up();
    await isUp(connection).toBe("connected");
    expect(asked.log).toHaveLength(1);
  });

  it("comes back by itself where the link was cut in the middle of a login", async () => {
    const box = await boxWith({ factors: [["password"]], password: "pw" });
    const asked = prompts({ password: () => Promise.resolve("pw") });
    const connection = await open(box, { prompts: asked });
    await connection.peer();
    const logins = box.total();
    box.cutAt = "password";
    box.cut();
    await expect.poll(() => box.total(), { timeout: 20_000 }).toBeGreaterThan(logins + 1);
    expect(connection.state.error).toBeNull();
    box.cutAt = null;
    await expect.poll(() => connection.state.state, { timeout: 20_000 }).toBe("connected");
    expect(asked.log).toHaveLength(1);
  }, 90_000);

  it("goes on while the SSH config is being edited and ssh cannot read it", async () => {
    const box = await boxWith();
    const connection = await open(box);
    await connection.peer();
    const seen = phases(connection);
    const config = await readFile(box.configFile, "utf8");
    await writeFile(box.configFile, `${config}  Port no`);
    box.cut();
    // Our own SSH goes by what it read before; the user's reads the file itself, and is tried again.
    const goesOn = transport === "ssh2" ? ["connected"] : ["lost", "connecting", "lost"];
    await expect.poll(() => seen.slice(2).join(" "), { timeout: 30_000 }).toContain(goesOn.join(" "));
    await writeFile(box.configFile, config);
    await expect.poll(() => connection.state.state, { timeout: 30_000 }).toBe("connected");
    expect(seen).not.toContain("failed");
  }, 90_000);

  it("starts a crashed agent again over the same login, and gives up when it keeps crashing", async () => {
    const questions = [{ prompt: "Code: ", echo: true, answer: "1" }];
    const box = await boxWith({ factors: [["keyboard-interactive"]], questions });
    const asked = prompts({ answers: () => Promise.resolve(["1"]) });
    const connection = await open(box, { prompts: asked });
    connection.onPeer((peer) => void peer.request(fake.crash, { code: 3 }).catch(() => undefined));
    await isUp(connection).toBe("failed");
    expect(connection.state.error?.code).toBe("agent/crashed");
    expect(connection.state.message).toContain("code 3");
    expect([box.total(), asked.log.length]).toEqual([1, 1]);
  });

  it("waits for a person when a one-time code would be needed, and asks when they press retry", async () => {
    const questions = [{ prompt: "Code: ", echo: true, answer: "1" }];
    const box = await boxWith({ factors: [["keyboard-interactive"]], questions });
    const asked = prompts({ answers: () => Promise.resolve(["1"]) });
    const connection = await open(box, { prompts: asked });
    await connection.peer();
    box.cut();
    await isUp(connection).toBe("failed");
    expect(asked.log).toHaveLength(1);
    expect((await failureOf(connection.peer())).data.needsPrompt).toBe(true);
    connection.retry();
    await connection.peer();
    expect(asked.log).toHaveLength(2);
  });

  it("does not come back to a box whose host key changed", async () => {
    const box = await boxWith();
    const connection = await open(box);
    await connection.peer();
    await box.rotateHostKey();
    box.cut();
    await isUp(connection).toBe("failed");
    expect(connection.state.error?.code).toBe("connect/host-key-changed");
    expect(connection.state.message).toContain(`ssh-keygen -R '[127.0.0.1]:${box.port}'`);
  });

  it("fails the first connection at once instead of waiting for the box", async () => {
    const box = await boxWith();
    await box.down();
    const error = await failureOf((await open(box)).peer());
    expect(error.code).toBe("connect/unreachable");
    await box.up();
  });

  it("makes a first connection that was cut during the install again once, and then says what to do", async () => {
    const box = await boxWith();
    const connection = await open(box);
    const seen = phases(connection);
    let cuts = 1;
    connection.onState(({ message }) => {
      if (message.startsWith("Installing the agent") && cuts-- > 0) box.cut();
    });
    await connection.peer();
    expect(seen).toEqual(["connecting", "lost", "connecting", "connected"]);
    await connection.close();

    const worse = await boxWith();
    const unlucky = await open(worse);
    unlucky.onState(({ message }) => {
      if (message.startsWith("Installing the agent")) worse.cut();
    });
    const error = await failureOf(unlucky.peer());
    expect([error.code, error.message]).toEqual(["connect/lost", expect.stringMatching(/lost again.*press Retry/)]);
    expect(error.message).not.toContain("reconnects");
    expect([worse.total(), unlucky.state.state]).toEqual([2, "failed"]);
  });

  it("asks for no one-time code by itself where the first connection was cut", async () => {
    const questions = [{ prompt: "Code: ", echo: true, answer: "1" }];
    const box = await boxWith({ factors: [["keyboard-interactive"]], questions });
    const asked = prompts({ answers: () => Promise.resolve(["1"]) });
    const connection = await open(box, { prompts: asked });
    connection.onState(({ message }) => message.startsWith("Installing the agent") && box.cut());
    const error = await failureOf(connection.peer());
    expect([error.code, error.data.needsPrompt, asked.log.length]).toEqual(["connect/auth-failed", true, 1]);
    expect(error.message).toContain("press Retry");
  });

  it("names a ServerAliveInterval that it does not follow, and follows a shorter one without a word", async () => {
    for (const [seconds, notes] of [
      [60, [expect.stringMatching(/ServerAliveInterval 60 is not used.*every 4 s/)]],
      [2, []],
    ] as const) {
      const box = await boxWith({ config: [`ServerAliveInterval ${seconds}`] });
      const logger = new MemoryLogger();
      await (await open(box, { logger })).peer();
      expect(logger.records.map(({ message }) => message).filter((one) => one.includes("ServerAlive"))).toEqual(notes);
    }
  });

  it("checks on a link and makes a dead one anew", async () => {
    const box = await boxWith();
    const connection = await open(box);
    await connection.peer();
    expect(await connection.check()).toBe(true);
    const pid = connection.hello?.pid ?? 0;
    process.kill(pid, "SIGSTOP");
    expect(await connection.check()).toBe(false);
    process.kill(pid, "SIGKILL");
    await isUp(connection).toBe("connected");
    expect(connection.hello?.pid).not.toBe(pid);
  });

  it("notices a link that carries nothing any more", async () => {
    const box = await boxWith();
    const connection = await open(box, { keepalive: { intervalMs: 100, count: 3 } });
    const first = await connection.peer();
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(connection.state.state).toBe("connected");
    const pending = failureOf(first.request(fake.never, {}));
    box.freeze();
    expect((await pending).code).toBe("rpc/closed");
    await expect.poll(async () => (await connection.peer()) === first, { timeout: 8000 }).toBe(false);
  });

  it("can be closed at any moment: while connecting, while lost, twice", async () => {
    const silent = await boxWith({ silent: true });
    const connecting = await open(silent);
    const waiting = failureOf(connecting.peer());
    await connecting.close();
    expect((await waiting).code).toBe("rpc/closed");
    const box = await boxWith();
    const connection = await open(box, { backoffMs: [60_000] });
    await connection.peer();
    box.cut();
    await isUp(connection).toBe("lost");
    await connection.close();
    await connection.close();
    expect(connection.state.state).toBe("closed");
  });
});
