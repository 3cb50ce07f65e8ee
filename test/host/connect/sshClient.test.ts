// Logging in to a server in this process, over both transports: keys, passwords, dialogues, jumps, cuts.
import { appendFile, readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { Credentials } from "../../../src/connect/credentials";
import { collect, shellLine } from "../../../src/connect/transport";
import { writeEncryptedKey } from "../../support/sshBox";
import { boxWith, connectTo, failureOf, overBoth, prompts } from "./connectKit";

const hello = shellLine("printf hello; cat");

overBoth("logging in", (transport) => {
  it("uses the key of the config and runs a command with data on its stdin", async () => {
    const box = await boxWith();
    const transport = await connectTo(box);
    const result = await collect(await transport.exec(hello), Buffer.from(" world"));
    expect(result).toEqual({ code: 0, signal: null, stdout: "hello world", stderr: "" });
    expect(box.attempts.filter((one) => one !== "none")).toEqual(["publickey"]);
  });

  it("keeps what a command said until somebody reads it, and its end too", async () => {
    const transport = await connectTo(await boxWith());
    const channel = await transport.exec(shellLine("printf hello; printf oh >&2; exit 3"));
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(await collect(channel, null)).toEqual({ code: 3, signal: null, stdout: "hello", stderr: "oh" });
  });

  it("carries every byte of an argument through the login shell", async () => {
    const transport = await connectTo(await boxWith());
    const odd = ["it's", '$HOME `id` "q" \\n \\\\', "!x", "line\nbreak\n", "ü 漢", "", "a%sb"];
    const result = await collect(await transport.exec(["printf", "<%s>", ...odd]), null);
    expect(result.stdout).toBe(odd.map((one) => `<${one}>`).join(""));
  });

  it("sends no line that a login shell could change", () => {
    for (const line of ["it's", "echo !x", "a\nb", "a\\\\b"]) expect(() => shellLine(line)).toThrow("not safe");
    expect(() => shellLine("x", { v: "nul\0" })).toThrow("NUL");
  });

  it("reports exit codes and signals", async () => {
    const opened = await connectTo(await boxWith());
    expect(await collect(await opened.exec(shellLine("exit 7")), null)).toMatchObject({ code: 7 });
    // The ssh program tells of a signal as 255.
    const killed = transport === "ssh2" ? { code: null, signal: "SIGKILL" } : { code: 255, signal: null };
    expect(await collect(await opened.exec(shellLine("kill -9 $$")), null)).toMatchObject(killed);
  });

  it("asks for a password, again when it was wrong, and remembers the right one", async () => {
    const box = await boxWith({ factors: [["password"]], password: "good" });
    const given = ["bad", "good"];
    const asked = prompts({ password: () => Promise.resolve(given.shift() ?? null) });
    const credentials = new Credentials();
    (await connectTo(box, { prompts: asked, credentials })).dispose();
    expect(asked.log).toHaveLength(2);
    await connectTo(box, { prompts: null, credentials });
    expect(box.attempts.filter((one) => one === "password")).toHaveLength(3);
  });

  it("gives up after three wrong passwords, saying what was tried", async () => {
    const box = await boxWith({ factors: [["password"]], password: "good" });
    const asked = prompts({ password: () => Promise.resolve("bad") });
    const error = await failureOf(connectTo(box, { prompts: asked }));
    expect(error.code).toBe("connect/auth-failed");
    expect(error.message).toContain("password");
    expect(error.message).not.toContain("bad");
    expect(asked.log).toHaveLength(3);
  });

  it("stops at once when a question is declined", async () => {
    const questions = [{ prompt: "Code: ", echo: true, answer: "1" }];
    const box = await boxWith({ factors: [["password", "keyboard-interactive"]], password: "good", questions });
    const asked = prompts();
    const error = await failureOf(connectTo(box, { prompts: asked }));
    expect(error.code).toBe("connect/auth-failed");
    expect(error.data.declined).toBe(true);
    expect(asked.log).toHaveLength(1);
  });

  it("asks for the passphrase of a key that the box takes, up to three times", async () => {
    const box = await boxWith();
    box.trust(await writeEncryptedKey(box.identityFile, "secret"));
    const given = ["no", "secret"];
    const asked = prompts({ passphrase: () => Promise.resolve(given.shift() ?? null) });
    const credentials = new Credentials();
    (await connectTo(box, { prompts: asked, credentials })).dispose();
    expect(asked.log).toEqual(["passphrase", "passphrase"]);
    await connectTo(box, { prompts: null, credentials });
    const wrong = prompts({ passphrase: () => Promise.resolve("no") });
    const error = await failureOf(connectTo(box, { prompts: wrong }));
    expect(wrong.log).toHaveLength(3);
    expect(error.message).toContain("wrong 3 times");
  });

  it("does not ask for the passphrase of a key that the box would refuse", async () => {
    const box = await boxWith({ factors: [["publickey", "password"]], password: "good" });
    await writeEncryptedKey(box.identityFile, "secret");
    const asked = prompts({ password: () => Promise.resolve("good") });
    await connectTo(box, { prompts: asked });
    expect(asked.log).toEqual([expect.stringMatching(/^password/)]);
  });

  it.each([false, true])("answers two prompts of a dialogue (a round each: %s)", async (roundPerQuestion) => {
    const questions = [
      { prompt: "Password: ", echo: false, answer: "pw" },
      { prompt: "Code: ", echo: true, answer: "123456" },
    ];
    const box = await boxWith({ factors: [["keyboard-interactive"]], questions, roundPerQuestion });
    const answer = (prompt: string): string => questions.find((one) => one.prompt === prompt)?.answer ?? "";
    const asked = prompts({
      answers: (_name, _text, list) => Promise.resolve(list.map((one) => answer(one.prompt))),
    });
    await connectTo(box, { prompts: asked });
    expect(asked.log).toEqual(
      roundPerQuestion || transport === "openssh"
        ? ["answers Password: ", "answers Code: "]
        : ["answers Password: |Code: "],
    );
  });

  it.each([["password"], ["keyboard-interactive"]] as const)(
    "logs in with two factors: a key, then %s",
    async (second) => {
      const questions = [{ prompt: "Code: ", echo: true, answer: "1" }];
      const box = await boxWith({ factors: [["publickey"], [second]], password: "pw", questions });
      const asked = prompts({ password: () => Promise.resolve("pw"), answers: () => Promise.resolve(["1"]) });
      await connectTo(box, { prompts: asked });
      expect(box.attempts.filter((one) => one !== "none")).toEqual(["publickey", second]);
    },
  );

  it("never repeats a one-time code by itself", async () => {
    const questions = [{ prompt: "Code: ", echo: true, answer: "1" }];
    const box = await boxWith({ factors: [["keyboard-interactive"]], questions });
    const error = await failureOf(connectTo(box, { prompts: null }));
    expect(error.code).toBe("connect/auth-failed");
    expect(error.data.needsPrompt).toBe(true);
  });

  it("gives a person all the time they need, and a silent box only its own", async () => {
    const box = await boxWith({ factors: [["password"]], password: "good" });
    const slow = prompts({ password: () => new Promise((resolve) => setTimeout(() => resolve("good"), 4000)) });
    await connectTo(box, { prompts: slow, handshakeTimeoutMs: 3000 });
    const silent = await boxWith({ silent: true });
    const error = await failureOf(connectTo(silent, { handshakeTimeoutMs: 200 }));
    expect(error.code).toBe("connect/unreachable");
    expect(error.message).toContain("0.2 s");
  });

  it("says that nothing listens, and that a name is unknown", async () => {
    const box = await boxWith();
    await box.down();
    const error = await failureOf(connectTo(box));
    expect(error.code).toBe("connect/unreachable");
    expect(error.message).toContain(`127.0.0.1:${box.port}`);
    expect(error.message).toContain("connection refused");
  });

  it("stops when it is cancelled: while the box is silent, and while a question is open", async () => {
    for (const options of [{ silent: true }, { factors: [["password"]] as const, password: "x" }]) {
      const box = await boxWith(options);
      const controller = new AbortController();
      const asked = prompts({ password: () => new Promise(() => undefined) });
      const pending = failureOf(connectTo(box, { signal: controller.signal, prompts: asked }));
      setTimeout(() => controller.abort(), 150);
      expect((await pending).code).toBe("cancelled");
    }
  });
});

overBoth("the way to the box", () => {
  it("asks for the passphrase of a key that two hosts on it take once", async () => {
    const jump = await boxWith({ alias: "jump" });
    const box = await boxWith({ config: ["ProxyJump jump"] });
    const publicKey = await writeEncryptedKey(box.identityFile, "secret");
    [jump, box].forEach((one) => one.trust(publicKey));
    const jumpConfig = (await readFile(jump.configFile, "utf8")).replaceAll(jump.identityFile, box.identityFile);
    await appendFile(box.configFile, jumpConfig);
    const asked = prompts({ passphrase: () => Promise.resolve("secret") });
    const credentials = new Credentials();
    (await connectTo(box, { prompts: asked, credentials })).dispose();
    expect(asked.log).toEqual(["passphrase"]);
    await connectTo(box, { prompts: null, credentials });
  });

  it("goes through a jump host, each checked under its own name", async () => {
    const jump = await boxWith({ alias: "jump" });
    const box = await boxWith({ config: ["ProxyJump jump"] });
    await appendFile(box.configFile, await readFile(jump.configFile));
    const transport = await connectTo(box);
    expect((await collect(await transport.exec(hello), null)).stdout).toBe("hello");
    expect([jump.connections(), box.connections()]).toEqual([1, 1]);
    const closed = new Promise((resolve) => transport.onClose(resolve));
    jump.cut();
    await closed;
    await jump.rotateHostKey();
    const error = await failureOf(connectTo(box));
    expect(error.code).toBe("connect/host-key-changed");
    expect(error.message).toContain("host key of jump");
  });

  it("goes through a ProxyCommand, and says what it said when it fails", async () => {
    const script =
      'const s=require("net").connect(+process.argv[2],process.argv[1]);process.stdin.pipe(s).pipe(process.stdout)';
    const box = await boxWith({ config: [`ProxyCommand '${process.execPath}' -e '${script}' %h %p`] });
    const transport = await connectTo(box);
    expect((await collect(await transport.exec(hello), null)).stdout).toBe("hello");
    transport.dispose();
    const broken = await boxWith({ config: ["ProxyCommand sh -c 'echo no tunnel today >&2'"] });
    const error = await failureOf(connectTo(broken));
    expect(error.code).toBe("connect/unreachable");
    expect(error.message).toContain("no tunnel today");
  });

  it("says when jump hosts lead in a circle", async () => {
    const box = await boxWith({ config: ["ProxyJump box"] });
    expect((await failureOf(connectTo(box))).code).toBe("connect/bad-config");
  });

  it("tells once when the link is cut, and open channels end", async () => {
    const box = await boxWith();
    const transport = await connectTo(box);
    const channel = await transport.exec(shellLine("sleep 60"));
    const reasons: string[] = [];
    transport.onClose((reason) => reasons.push(reason));
    box.cut();
    expect(await channel.exit).toEqual({ code: null, signal: null });
    expect(reasons).toHaveLength(1);
    expect((await failureOf(transport.exec(hello))).code).toBe("connect/lost");
  });

  it("leaves no connection behind when it is disposed", async () => {
    const box = await boxWith();
    const transport = await connectTo(box);
    transport.dispose();
    await expect.poll(() => box.connections(), { timeout: 2000 }).toBe(0);
  });
});
