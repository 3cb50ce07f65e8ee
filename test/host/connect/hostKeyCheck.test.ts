// The host key on a real connection: asked once, refused when it changed, checked at every rekey.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Credentials } from "../../../src/connect/credentials";
import { collect, shellLine } from "../../../src/connect/transport";
import { boxWith, connectTo, failureOf, open, overBoth, prompts } from "./connectKit";

const hello = shellLine("printf hello; cat");

overBoth("the host key", () => {
  it("is asked about once, remembered, and not asked about again", async () => {
    const box = await boxWith({ known: false });
    const asked = prompts({ confirmHostKey: () => Promise.resolve(true) });
    (await connectTo(box, { prompts: asked })).dispose();
    (await connectTo(box, { prompts: asked })).dispose();
    expect(asked.log).toEqual([`host 127.0.0.1:${box.port} ssh-ed25519 SHA256:`]);
    expect(await readFile(box.knownHosts, "utf8")).toMatch(/^\[127\.0\.0\.1\]:\d+ ssh-ed25519 \S+\n$/);
  });

  it("is refused when the answer is no, before any login was tried", async () => {
    const box = await boxWith({ known: false });
    const error = await failureOf(connectTo(box, { prompts: prompts() }));
    expect(error.code).toBe("connect/host-key-declined");
    expect(box.attempts).toEqual([]);
    await expect(readFile(box.knownHosts)).rejects.toThrow();
  });

  it("is refused unasked when it changed, with the exact line that forgets the old one", async () => {
    const box = await boxWith();
    await box.rotateHostKey();
    const asked = prompts({ confirmHostKey: () => Promise.resolve(true) });
    const error = await failureOf(connectTo(box, { prompts: asked }));
    expect(error.code).toBe("connect/host-key-changed");
    expect(error.message).toContain(`ssh-keygen -R '[127.0.0.1]:${box.port}' -f ${box.knownHosts}`);
    expect(error.message).toContain(`${box.knownHosts}:1`);
    expect(error.message.match(/SHA256:/g)).toHaveLength(2);
    expect(asked.log).toEqual([]);
    expect(box.attempts).toEqual([]);
  });

  it("is checked by the type that is known, though the box prefers another", async () => {
    const box = await boxWith({ hostKeyTypes: ["rsa"] });
    await box.rotateHostKey(["ed25519"]).catch(() => undefined);
    const other = await failureOf(connectTo(box));
    expect(other.code).toBe("connect/host-key-changed");
    const both = await boxWith({ hostKeyTypes: ["ed25519", "rsa"], known: false });
    const rsa = (await readFile(join(both.dir, "host_rsa.pub"), "utf8")).split(" ").slice(0, 2).join(" ");
    await writeFile(both.knownHosts, `[127.0.0.1]:${both.port} ${rsa}\n`);
    await connectTo(both);
  });

  it("is taken as known where the plain name has it, as ssh does, and asked about where that has another", async () => {
    const box = await boxWith({ known: false });
    const keyOf = async (file: string): Promise<string> =>
      (await readFile(file, "utf8")).split(" ").slice(0, 2).join(" ");
    await writeFile(box.knownHosts, `127.0.0.1 ${await keyOf(join(box.dir, "host_ed25519.pub"))}\n`);
    const asked = prompts();
    (await connectTo(box, { prompts: asked })).dispose();
    expect(asked.log).toEqual([]);
    const text = await readFile(box.configFile, "utf8");
    await writeFile(box.configFile, `${text}  HostKeyAlias elsewhere\n`);
    expect((await failureOf(connectTo(box, { prompts: asked }))).code).toBe("connect/host-key-declined");
    await writeFile(box.configFile, text);
    await writeFile(box.knownHosts, `127.0.0.1 ${await keyOf(`${box.identityFile}.pub`)}\n`);
    expect((await failureOf(connectTo(box, { prompts: asked }))).code).toBe("connect/host-key-declined");
    expect(asked.log).toHaveLength(2);
  });

  it("is not asked about while nobody may be asked", async () => {
    const box = await boxWith({ known: false });
    const error = await failureOf(connectTo(box, { prompts: null }));
    expect(error.data.needsPrompt).toBe(true);
    const strict = await boxWith({ known: false, config: [] });
    const text = await readFile(strict.configFile, "utf8");
    await writeFile(strict.configFile, text.replace("StrictHostKeyChecking ask", "StrictHostKeyChecking yes"));
    const asked = prompts({ confirmHostKey: () => Promise.resolve(true) });
    expect((await failureOf(connectTo(strict, { prompts: asked }))).code).toBe("connect/host-key-declined");
    expect(asked.log).toEqual([]);
  });

  it("is remembered unasked where the config says accept-new, and never when it changed", async () => {
    const box = await boxWith({ known: false });
    const text = await readFile(box.configFile, "utf8");
    for (const value of ["accept-new", "no"]) {
      await writeFile(box.configFile, text.replace("StrictHostKeyChecking ask", `StrictHostKeyChecking ${value}`));
      (await connectTo(box, { prompts: null })).dispose();
    }
    await box.rotateHostKey();
    expect((await failureOf(connectTo(box))).code).toBe("connect/host-key-changed");
  });

  it.each(["/dev/null", "a file's child"])(
    "is trusted in this window where known_hosts is %s",
    async (place) => {
      const box = await boxWith({ known: false });
      const file = place === "/dev/null" ? place : join(box.identityFile, "known_hosts");
      const text = await readFile(box.configFile, "utf8");
      await writeFile(box.configFile, text.replace(/UserKnownHostsFile .*/, `UserKnownHostsFile "${file}"`));
      const asked = prompts({ confirmHostKey: () => Promise.resolve(true) });
      const credentials = new Credentials();
      const connection = await open(box, { prompts: asked, credentials });
      await connection.peer();
      box.cut();
      await expect.poll(() => connection.state.state, { timeout: 20_000 }).not.toBe("connected");
      await expect.poll(() => connection.state.state, { timeout: 20_000 }).toBe("connected");
      expect(asked.log).toHaveLength(1);
      await connection.close();

      await box.rotateHostKey();
      const error = await failureOf(connectTo(box, { prompts: asked, credentials }));
      expect(error.code).toBe("connect/host-key-changed");
      expect(error.message).toMatch(/accepted in this window.*reload the window/);
      expect(error.message.match(/SHA256:/g)).toHaveLength(2);
      expect(asked.log).toHaveLength(1);
    },
    90_000,
  );

  it("is trusted for this connection where known_hosts cannot be written", async () => {
    const box = await boxWith({ known: false });
    const text = await readFile(box.configFile, "utf8");
    await writeFile(box.configFile, text.replace(/UserKnownHostsFile .*/, "UserKnownHostsFile /dev/null"));
    const asked = prompts({ confirmHostKey: () => Promise.resolve(true) });
    const transport = await connectTo(box, { prompts: asked });
    await box.rekey();
    expect((await collect(await transport.exec(hello), null)).stdout).toBe("hello");
    expect(asked.log).toHaveLength(1);
  });

  it("can be left unanswered: cancelling ends the attempt", async () => {
    const box = await boxWith({ known: false });
    const controller = new AbortController();
    const asked = prompts({ confirmHostKey: () => new Promise(() => undefined) });
    const pending = failureOf(connectTo(box, { prompts: asked, signal: controller.signal }));
    await expect.poll(() => asked.log).toHaveLength(1);
    controller.abort();
    expect((await pending).code).toBe("cancelled");
  });

  it("is checked again at every rekey without a question, and data goes on", async () => {
    const box = await boxWith({ known: false });
    const asked = prompts({ confirmHostKey: () => Promise.resolve(true) });
    const transport = await connectTo(box, { prompts: asked });
    for (let i = 0; i < 3; i++) {
      const running = transport.exec(shellLine("head -c 300000 /dev/zero")).then((channel) => collect(channel, null));
      await box.rekey();
      expect((await running).stdout).toHaveLength(300000);
    }
    expect(asked.log).toHaveLength(1);
  });
});
