// Passwords and passphrases in secret storage: kept when the person says so, used unasked, forgotten when they turn out wrong.
import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { Credentials, type SecretStore } from "../../../src/connect/credentials";
import { writeEncryptedKey } from "../../support/sshBox";
import { boxWith, connectTo, failureOf, overBoth, prompts } from "./connectKit";

/** As the editor's: what is in it outlives the window. */
function store(): SecretStore & { held: Map<string, string> } {
  const held = new Map<string, string>();
  return {
    held,
    get: (key) => Promise.resolve(held.get(key)),
    set: (key, value) => Promise.resolve(void held.set(key, value)),
    delete: (key) => Promise.resolve(void held.delete(key)),
    keys: () => Promise.resolve([...held.keys()]),
  };
}

const kept = prompts({ password: () => Promise.resolve("good"), keepSecret: () => Promise.resolve(true) });

overBoth("a password", () => {
  it("is kept when the person says so, and the next window asks nothing", async () => {
    const box = await boxWith({ factors: [["password"]], password: "good" });
    const secrets = store();
    (await connectTo(box, { prompts: kept, credentials: new Credentials(secrets) })).dispose();
    await expect.poll(() => [...secrets.held]).toEqual([[`password:ada@127.0.0.1:${box.port}`, "good"]]);
    const asked = prompts();
    await connectTo(box, { prompts: asked, credentials: new Credentials(secrets) });
    expect(asked.log).toEqual([]);
  });

  it("is not kept when the person says no, and they are asked about it once", async () => {
    const box = await boxWith({ factors: [["password"]], password: "good" });
    const secrets = store();
    const credentials = new Credentials(secrets);
    const asked = prompts({ password: () => Promise.resolve("good") });
    (await connectTo(box, { prompts: asked, credentials })).dispose();
    await expect.poll(() => asked.log).toHaveLength(2);
    (await connectTo(box, { prompts: asked, credentials })).dispose();
    expect(asked.log.map((one) => one.split(" ")[0])).toEqual(["password", "keep"]);
    expect(secrets.held.size).toBe(0);
  });

  it("is forgotten when the box refuses it, and asked for again", async () => {
    const box = await boxWith({ factors: [["password"]], password: "good" });
    const secrets = store();
    const key = `password:ada@127.0.0.1:${box.port}`;
    secrets.held.set(key, "yesterday's");
    const asked = prompts({ password: () => Promise.resolve("good") });
    await connectTo(box, { prompts: asked, credentials: new Credentials(secrets) });
    expect(secrets.held.get(key)).not.toBe("yesterday's");
    expect(asked.log[0]).toBe(`password ada@127.0.0.1:${box.port}`);
    secrets.held.set(key, "yesterday's");
    const alone = await failureOf(connectTo(box, { prompts: null, credentials: new Credentials(secrets) }));
    expect(alone.data.needsPrompt).toBe(true);
    expect(secrets.held.size).toBe(0);
  });

  it("is still there after a link that was cut while it was judged", async () => {
    const box = await boxWith({ factors: [["password"]], password: "good" });
    const secrets = store();
    secrets.held.set(`password:ada@127.0.0.1:${box.port}`, "good");
    box.cutAt = "password";
    const asked = prompts();
    const error = await failureOf(connectTo(box, { prompts: asked, credentials: new Credentials(secrets) }));
    expect(error.code).toBe("connect/unreachable");
    expect([...secrets.held.values()]).toEqual(["good"]);
    box.cutAt = null;
    await connectTo(box, { prompts: asked, credentials: new Credentials(secrets) });
    expect(asked.log).toEqual([]);
  });

  it("is still there when the code after it was wrong", async () => {
    const questions = [{ prompt: "Code: ", echo: true, answer: "1" }];
    const box = await boxWith({ factors: [["password"], ["keyboard-interactive"]], password: "good", questions });
    const secrets = store();
    secrets.held.set(`password:ada@127.0.0.1:${box.port}`, "good");
    const asked = prompts({ answers: () => Promise.resolve(["2"]) });
    const error = await failureOf(connectTo(box, { prompts: asked, credentials: new Credentials(secrets) }));
    expect(error.code).toBe("connect/auth-failed");
    expect([...secrets.held.values()]).toEqual(["good"]);
    expect(asked.log).toContain("answers Code: ");
  });

  it("of a key is kept by the key's path, and all are forgotten at once", async () => {
    const box = await boxWith();
    box.trust(await writeEncryptedKey(box.identityFile, "secret"));
    const secrets = store();
    const credentials = new Credentials(secrets);
    const asked = prompts({ passphrase: () => Promise.resolve("secret"), keepSecret: () => Promise.resolve(true) });
    (await connectTo(box, { prompts: asked, credentials })).dispose();
    await expect.poll(() => [...secrets.held.keys()]).toEqual([`passphrase:${box.identityFile}`]);
    expect(await readFile(box.identityFile, "utf8")).not.toContain("secret");
    secrets.held.set("token:mine", "another subject's");
    expect(await credentials.forgetAll()).toBe(1);
    expect([...secrets.held.keys()]).toEqual(["token:mine"]);
    expect((await failureOf(connectTo(box, { prompts: null, credentials }))).data.needsPrompt).toBe(true);
  });
});
