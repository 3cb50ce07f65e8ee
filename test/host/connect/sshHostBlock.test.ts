// The block of *Add a box...* in configs that people have: it reaches what was pasted, or is not written.
import { readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseSshCommandLine } from "../../../src/connect/sshCommandLine";
import { findSsh, resolveHost } from "../../../src/connect/sshConfig";
import { listHosts } from "../../../src/connect/sshConfigFile";
import { checkHostBlock, insertHostBlock } from "../../../src/connect/sshHostBlock";
import { failureOf, tempFolder } from "./connectKit";

const ssh = findSsh();

async function configWith(...lines: string[]): Promise<string> {
  const file = join(await tempFolder(), "config");
  await writeFile(file, lines.map((line) => `${line}\n`).join(""));
  return file;
}

/** As *Add a box...* does it. */
async function add(file: string, line: string, name?: string): Promise<string[]> {
  const { block, notes } = await checkHostBlock(file, parseSshCommandLine(line, name).hostBlock, ssh);
  await insertHostBlock(file, block);
  return notes;
}

describe.skipIf(ssh === null)("a pasted box", () => {
  it("becomes a block that ssh reads, added once, in a file with closed permissions", async () => {
    const file = join(await tempFolder(), "made", "config");
    const line = "ssh -p 31234 root@1.2.3.4";
    const { hostBlock, alias } = parseSshCommandLine(line);
    await add(file, line);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await add(file, "ssh ada@other", "second");
    expect((await listHosts(file)).sort()).toEqual([alias, "second"]);
    expect(await failureOf(add(file, line))).toMatchObject({ code: "connect/bad-config" });
    const host = await resolveHost(alias, { configFile: file });
    expect(host).toMatchObject({ hostname: "1.2.3.4", port: 31234, user: "root" });
    expect(await readFile(file, "utf8")).toBe(`Host second\n  HostName other\n  User ada\n\n${hostBlock}`);
  });

  it("is reached as pasted though Host * says otherwise, and the rest of the file stays as it was", async () => {
    const head = ["# Mine since 2009", "", "ServerAliveInterval 30", ""];
    const tail = ["# Everybody else", "Host *", "  User bob", "  Port 2300"];
    const file = await configWith(...head, ...tail);
    await add(file, "ssh -p 31234 root@1.2.3.4", "new");
    const host = await resolveHost("new", { configFile: file });
    expect(host).toMatchObject({ hostname: "1.2.3.4", port: 31234, user: "root" });
    const block = ["Host new", "  HostName 1.2.3.4", "  User root", "  Port 31234", ""];
    expect(await readFile(file, "utf8")).toBe([...head, ...block, ...tail, ""].join("\n"));
  });

  it("keeps a comment at the top, line ends, and a link to another file", async () => {
    const file = await configWith("# Written by hand\r", "Host a\r", "  User ada\r");
    const link = join(await tempFolder(), "config");
    await symlink(file, link);
    await add(link, "ssh bob@1.2.3.4", "new");
    expect(await readFile(file, "utf8")).toBe(
      "# Written by hand\r\n\r\nHost new\r\n  HostName 1.2.3.4\r\n  User bob\r\n\r\nHost a\r\n  User ada\r\n",
    );
    expect(await resolveHost("a", { configFile: link })).toMatchObject({ user: "ada" });
  });

  it("is not written where something at the top of the file would make it another user or machine", async () => {
    const file = await configWith("User bob", "Host *", "  Port 2300");
    const before = await readFile(file, "utf8");
    const error = await failureOf(add(file, "ssh -p 31234 root@1.2.3.4", "new"));
    expect(error.code).toBe("connect/bad-config");
    expect(error.message).toContain("User bob");
    expect(error.message).toContain(file);
    expect(await readFile(file, "utf8")).toBe(before);
  });

  it("leaves out by name what the top of the file decides, where it is the same box all the same", async () => {
    const file = await configWith("ServerAliveInterval 60", "", "Host a", "  User ada");
    const notes = await add(file, "ssh -o ServerAliveInterval=30 -o ConnectTimeout=9 root@1.2.3.4", "new");
    expect(notes).toEqual([expect.stringMatching(/^ServerAliveInterval was left out: .*\(ServerAliveInterval 60\)/)]);
    const host = await resolveHost("new", { configFile: file });
    expect(host).toMatchObject({ user: "root", connectTimeout: 9, serverAliveInterval: 60 });
    expect(await readFile(file, "utf8")).not.toContain("ServerAliveInterval 30");
  });

  it("leaves out by name what ssh does not take, so that ssh goes on working", async () => {
    const file = await configWith("Host a", "  User ada");
    const line = "ssh -o ServerAliveIntervall=30 -o Compression=maybe -o ConnectTimeout=9 root@1.2.3.4";
    const notes = await add(file, line, "new");
    expect(notes.join("\n")).toMatch(/"ServerAliveIntervall 30" was left out[^]*"Compression maybe" was left out/i);
    expect(await resolveHost("new", { configFile: file })).toMatchObject({ user: "root", connectTimeout: 9 });
    expect(await readFile(file, "utf8")).not.toMatch(/Intervall|maybe/);
  });

  it("is not added to a config that ssh refuses, which is named with its line", async () => {
    const file = await configWith("Host a", "  Port none");
    const error = await failureOf(add(file, "ssh root@1.2.3.4", "new"));
    expect(error.message).toMatch(/config.*line 2/);
    expect(error.message).toContain(file);
  });
});
