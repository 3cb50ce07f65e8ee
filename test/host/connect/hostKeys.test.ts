// known_hosts as ssh reads it: the same lines found as by `ssh-keygen -F`, and the verdicts that follow.
import { execFile, spawnSync } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { utils } from "ssh2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fingerprintOf, forgetLine, KnownHosts, knownHostsName, rememberHostKey } from "../../../src/connect/hostKeys";

const run = promisify(execFile);
const hasKeygen = spawnSync("ssh-keygen", ["-?"]).error === undefined;

function makeKey(type: "ed25519" | "ecdsa" | "rsa" = "ed25519"): { text: string; blob: Buffer } {
  const options = { rsa: { bits: 2048 }, ecdsa: { bits: 256 as const }, ed25519: {} };
  const line = (
    type === "ed25519"
      ? utils.generateKeyPairSync("ed25519")
      : type === "rsa"
        ? utils.generateKeyPairSync("rsa", options.rsa)
        : utils.generateKeyPairSync("ecdsa", options.ecdsa)
  ).public;
  const [name, key] = line.trim().split(" ");
  return { text: `${name} ${key}`, blob: Buffer.from(key ?? "", "base64") };
}

const [a, b, c] = [makeKey(), makeKey(), makeKey("ecdsa")];
const rsa = makeKey("rsa");
let dir = "";
beforeAll(async () => (dir = await mkdtemp(join(tmpdir(), "runside-known-"))));
afterAll(() => rm(dir, { recursive: true, force: true }));

describe("known_hosts", () => {
  it.skipIf(!hasKeygen)("finds what ssh-keygen -F finds, line by line", async () => {
    const file = join(dir, "differential");
    const lines = [
      `plain.example ${a.text}`,
      `[port.example]:2222 ${a.text} a comment`,
      `one.example,two.example,10.0.0.5 ${b.text}`,
      `*.wild.example,!not.wild.example ${a.text}`,
      `10.1.?.* ${c.text}`,
      `MiXed.Example ${a.text}`,
      `@revoked bad.example ${a.text}`,
      `@cert-authority *.ca.example ${b.text}`,
      `# a comment`,
      ``,
      `  indented.example ${a.text}`,
      `[*.wild.example]:2222 ${b.text}`,
      `::1,fe80::1 ${a.text}`,
      `tab.example\t${a.text.replace(" ", "\t")}`,
    ];
    await writeFile(file, `${lines.join("\n")}\n`);
    await rememberHostKey(file, "hashed.example", a.blob, true);
    await rememberHostKey(file, "[hashed.example]:2222", b.blob, true);
    const known = KnownHosts.parse(await readFile(file, "utf8"), file);
    const names = [
      "plain.example",
      "PLAIN.example",
      "port.example",
      "[port.example]:2222",
      "[port.example]:22",
      "one.example",
      "two.example",
      "10.0.0.5",
      "x.wild.example",
      "not.wild.example",
      "wild.example",
      "[x.wild.example]:2222",
      "10.1.2.3",
      "10.1.22.3",
      "mixed.example",
      "bad.example",
      "host.ca.example",
      "indented.example",
      "::1",
      "tab.example",
      "hashed.example",
      "[hashed.example]:2222",
      "[hashed.example]:2223",
      "nowhere.example",
    ];
    for (const name of names) {
      const { stdout } = await run("ssh-keygen", ["-F", name.toLowerCase(), "-f", file]).catch(() => ({ stdout: "" }));
      const theirs = [...stdout.matchAll(/found: line (\d+)/g)].map((match) => Number(match[1]));
      expect([name, known.find(name.toLowerCase())]).toEqual([name, theirs]);
    }
  });

  it("tells ok, unknown, changed and revoked apart", () => {
    const text = [`host ${a.text}`, `host ${rsa.text}`, `@revoked host ${c.text}`, `@cert-authority ca ${b.text}`].join(
      "\n",
    );
    const known = KnownHosts.parse(text, "/k");
    expect(known.check("host", a.blob)).toEqual({ kind: "ok" });
    expect(known.check("host", rsa.blob)).toEqual({ kind: "ok" });
    expect(known.check("host", b.blob)).toEqual({ kind: "changed", file: "/k", line: 1, known: fingerprintOf(a.blob) });
    expect(known.check("host", c.blob)).toEqual({ kind: "revoked", file: "/k", line: 3 });
    expect(known.check("other", a.blob)).toEqual({ kind: "unknown", hasAuthority: false });
    expect(known.check("ca", a.blob)).toEqual({ kind: "unknown", hasAuthority: true });
  });

  it("reports a key of another type as changed, at its line", () => {
    const known = KnownHosts.parse(`host ${rsa.text}`, "/k");
    expect(known.check("host", a.blob)).toMatchObject({ kind: "changed", line: 1 });
  });

  it("asks for the known types first", () => {
    const known = KnownHosts.parse(`host ${rsa.text}\nhost ${c.text}`, "/k");
    expect(known.preferredAlgorithms("host").slice(0, 3)).toEqual([
      "ecdsa-sha2-nistp256",
      "rsa-sha2-512",
      "rsa-sha2-256",
    ]);
    expect(known.preferredAlgorithms("host")).toHaveLength(6);
    expect(known.preferredAlgorithms("new")[0]).toBe("ssh-ed25519");
    expect(known.preferredAlgorithms("[host]:2222", "host")[0]).toBe("ecdsa-sha2-nistp256");
  });

  it("drops damaged lines, and reads on", () => {
    const damaged = [
      `host ssh-ed25519 AAAA`,
      `host`,
      `|1|xx ${a.text}`,
      `host ssh-rsa ${a.text.split(" ")[1] ?? ""}`,
      `host ${a.text}`,
    ];
    expect(KnownHosts.parse(damaged.join("\r\n"), "/k").find("host")).toEqual([5]);
  });

  it.skipIf(!hasKeygen)("prints fingerprints as ssh-keygen does", async () => {
    const file = join(dir, "key.pub");
    await writeFile(file, `${a.text}\n`);
    expect((await run("ssh-keygen", ["-l", "-f", file])).stdout).toContain(fingerprintOf(a.blob));
  });

  it("remembers with closed permissions, on a line of its own", async () => {
    const file = join(dir, "new", "known_hosts");
    await rememberHostKey(file, "one", a.blob, false);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(join(dir, "new"))).mode & 0o777).toBe(0o700);
    await writeFile(file, `one ${a.text}`);
    await rememberHostKey(file, "two", b.blob, false);
    expect(await readFile(file, "utf8")).toBe(`one ${a.text}\ntwo ${b.text}\n`);
  });

  it.skipIf(!hasKeygen)("gives a line that really forgets the key", async () => {
    const file = join(dir, "it's here");
    await rememberHostKey(file, "[h.example]:2222", a.blob, true);
    await run("/bin/sh", ["-c", forgetLine("[h.example]:2222", file)]);
    expect(KnownHosts.parse(await readFile(file, "utf8"), file).find("[h.example]:2222")).toEqual([]);
  });

  it("does not take an unreadable file for an empty one", async () => {
    const file = join(dir, "folder");
    await rm(file, { recursive: true, force: true });
    await import("node:fs/promises").then((fs) => fs.mkdir(file));
    await chmod(file, 0o700);
    const message: unknown = expect.stringMatching(/folder cannot be read.*UserKnownHostsFile.*then retry/);
    await expect(KnownHosts.read({ user: [file], global: [] })).rejects.toMatchObject({
      code: "connect/bad-config",
      message,
    });
  });

  it("names hosts as ssh does", () => {
    expect([knownHostsName("Host", 22), knownHostsName("Host", 23)]).toEqual(["host", "[host]:23"]);
  });
});
