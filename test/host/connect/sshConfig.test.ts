// The SSH config: as ssh reads it, by hand where there is no ssh, the list for the picker, and a pasted command line.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseSshCommandLine } from "../../../src/connect/sshCommandLine";
import { checkAlias, findSsh, resolveHost, type ResolvedHost } from "../../../src/connect/sshConfig";
import { listHosts } from "../../../src/connect/sshConfigFile";

let dir = "";
let config = "";
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "runside config "));
  config = join(dir, "config");
  await mkdir(join(dir, ".ssh/config.d"), { recursive: true });
  await writeFile(join(dir, "key_ada"), "x");
  await writeFile(join(dir, ".ssh/config.d/more.conf"), "Host inner inner2\n  HostName 10.0.0.9\n  User bob\n");
  await writeFile(
    config,
    [
      `Include "${dir}/.ssh/config.d/*.conf"`,
      "Host gpu-*",
      "  HostName %h.cluster.example",
      "  ProxyJump bastion,root@hop:2200",
      "Host bastion",
      "  HostName 192.0.2.1",
      "Host full !never",
      "  HostName 127.0.0.1",
      "  Port 2222",
      "  User ada",
      `  IdentityFile "${dir}/key_%r"`,
      `  IdentityFile ${dir.replaceAll(" ", "\\ ")}/absent`,
      `  UserKnownHostsFile "${dir}/known one" ~/known_two`,
      "  IdentitiesOnly yes",
      "  StrictHostKeyChecking accept-new",
      "  HashKnownHosts yes",
      "  HostKeyAlias the-box",
      "  ProxyCommand nc -x %% %h %p %r",
      "  ConnectTimeout 7",
      "  ServerAliveInterval 9",
      "  IdentityAgent none",
      "Match host special",
      "  Port 7777",
      "Host *",
      "  Port 2300",
      "",
    ].join("\n"),
  );
});
afterAll(() => rm(dir, { recursive: true, force: true }));

function caught(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}

const both = (alias: string): Promise<ResolvedHost[]> =>
  Promise.all([
    resolveHost(alias, { configFile: config }),
    resolveHost(alias, { configFile: config, sshProgram: null, home: homedir() }),
  ]);

describe.skipIf(findSsh() === null)("a host of the config, by ssh and by hand", () => {
  it("has everything that connecting needs", async () => {
    for (const host of await both("full")) {
      expect(host).toMatchObject({
        hostname: "127.0.0.1",
        port: 2222,
        user: "ada",
        identityFiles: [join(dir, "key_ada")],
        identitiesOnly: true,
        identityAgent: "none",
        hostKeyAlias: "the-box",
        userKnownHostsFiles: [join(dir, "known one"), join(homedir(), "known_two")],
        strictHostKeyChecking: "accept-new",
        hashKnownHosts: true,
        proxyJump: null,
        proxyCommand: "nc -x % 127.0.0.1 2222 ada",
        connectTimeout: 7,
        serverAliveInterval: 9,
      });
    }
  });

  it("follows Include, patterns and tokens, and the first value wins", async () => {
    for (const host of await both("inner"))
      expect(host).toMatchObject({ hostname: "10.0.0.9", user: "bob", port: 2300 });
    for (const host of await both("gpu-1")) {
      expect(host).toMatchObject({ hostname: "gpu-1.cluster.example", proxyJump: "bastion,root@hop:2200", port: 2300 });
    }
    for (const host of await both("never")) expect(host).toMatchObject({ hostname: "never", port: 2300 });
    for (const host of await both("unlisted"))
      expect(host).toMatchObject({ user: userInfo().username, connectTimeout: null });
  });

  it("says what it left out when it reads by hand", async () => {
    const [by, hand] = await both("special");
    expect([by?.port, hand?.port]).toEqual([7777, 2300]);
    expect(hand?.notes).toEqual([expect.stringContaining("Match host special")]);
  });

  it("reports a broken config with ssh's own words", async () => {
    const broken = join(dir, "broken");
    await writeFile(broken, "Host x\n  Port no-such-port\n");
    const error = await resolveHost("x", { configFile: broken }).catch((caught: unknown) => caught as Error);
    expect(error).toMatchObject({ code: "connect/bad-config" });
    expect((error as Error).message).toMatch(/broken cannot be used: line 2: .*; correct it there, then retry\.$/);
    expect(error).toMatchObject({ data: { path: broken } });
  });

  it("is worth another try where ssh does not answer in time", async () => {
    const slow = join(dir, "slow");
    await writeFile(slow, 'Match exec "sleep 20"\n  Port 1\n');
    const error = await resolveHost("x", { configFile: slow }).catch((caught: unknown) => caught as Error);
    expect(error).toMatchObject({ code: "connect/unreachable" });
    expect((error as Error).message).toMatch(/ssh -G x.*within 5 s.*Match exec/);
  });

  it("takes what it says about logging in, and names what only ssh can do", async () => {
    const more = join(dir, "more");
    await writeFile(
      more,
      [
        "Host quiet",
        "  PreferredAuthentications keyboard-interactive,publickey",
        "  NumberOfPasswordPrompts 1",
        "  AddressFamily inet6",
        "  BindAddress 127.0.0.1",
        "  BatchMode yes",
        "Host special",
        "  PasswordAuthentication no",
        "  KnownHostsCommand /bin/true",
        "  Ciphers aes128-ctr",
        "  SendEnv LANG",
        "  LocalForward 1234 localhost:1234",
        "",
      ].join("\n"),
    );
    for (const sshProgram of [undefined, null]) {
      const quiet = await resolveHost("quiet", { configFile: more, sshProgram });
      expect(quiet).toMatchObject({
        methods: ["keyboard-interactive", "publickey"],
        passwordPrompts: 1,
        addressFamily: 6,
        bindAddress: "127.0.0.1",
        batchMode: true,
        needs: [],
      });
      const special = await resolveHost("special", { configFile: more, sshProgram });
      expect(special.methods).toEqual(["publickey", "keyboard-interactive"]);
      expect(special.needs.sort()).toEqual(["Ciphers", "KnownHostsCommand"]);
    }
  });

  it("needs nothing special for a host that is not in the config", async () => {
    expect((await resolveHost("plain.example", { configFile: config })).needs).toEqual([]);
  });

  it("lets a hop's own user and port win", async () => {
    const host = await resolveHost("full", { configFile: config }, { user: "root", port: 99 });
    expect(host).toMatchObject({ user: "root", port: 99 });
  });
});

describe("names of boxes", () => {
  it.each(["-oProxyCommand=x", "a;b", "a b", "$(id)", "a`b`", "a\nb", "", "a'b", "*", "a|b", "a\u0000b"])(
    "refuses %j",
    (alias) => {
      expect(caught(() => checkAlias(alias))).toMatchObject({ code: "connect/bad-config" });
    },
  );
  it.each(["box", "gpu-1.example.com", "user@box", "fe80::1%eth0", "büro", "a_b"])("takes %j", (alias) => {
    expect(() => checkAlias(alias)).not.toThrow();
  });
});

describe("the list of hosts", () => {
  it("has concrete names only, of included files too, in order", async () => {
    expect(await listHosts(config)).toEqual(["inner", "inner2", "bastion", "full"]);
    expect(await listHosts(join(dir, "absent"))).toEqual([]);
  });

  it("does not run in circles", async () => {
    const circle = join(dir, "circle");
    await writeFile(circle, `Host one\nInclude "${circle}"\n`);
    expect(await listHosts(circle)).toEqual(["one"]);
  });
});

describe("a pasted command line", () => {
  it.each([
    ["ssh -p 31234 root@1.2.3.4", "box-1.2.3.4-31234", ["HostName 1.2.3.4", "User root", "Port 31234"]],
    ["ssh root@gpu1.example.com", "gpu1", ["HostName gpu1.example.com", "User root"]],
    ["root@1.2.3.4", "box-1.2.3.4", ["HostName 1.2.3.4", "User root"]],
    ["ssh -l ada -J jump,b@c:22 host", "host", ["HostName host", "User ada", "ProxyJump jump,b@c:22"]],
    ["ssh://root@h.example:2222", "h", ["HostName h.example", "User root", "Port 2222"]],
    [
      "ssh -p 31234 root@1.2.3.4 -i '~/my keys/k' -L 8080:localhost:8080",
      "box-1.2.3.4-31234",
      ["HostName 1.2.3.4", "User root", "Port 31234", 'IdentityFile "~/my keys/k"', "IdentitiesOnly yes"],
    ],
    [
      "ssh -Ap22 -oServerAliveInterval=30 h",
      "h",
      ["HostName h", "Port 22", "ForwardAgent yes", "ServerAliveInterval 30"],
    ],
    ["$ ssh root@1.2.3.4 ", "box-1.2.3.4", ["HostName 1.2.3.4", "User root"]],
    ["`ssh root@1.2.3.4 \\`", "box-1.2.3.4", ["HostName 1.2.3.4", "User root"]],
    [
      "ssh -p 20544 root@ssh5.vast.ai -L 8080:localhost:8080",
      "vast-20544",
      ["HostName ssh5.vast.ai", "User root", "Port 20544"],
    ],
    [
      "ssh root@203.0.113.9 -p 22134 -i ~/.ssh/id_ed25519",
      "box-203.0.113.9-22134",
      ["HostName 203.0.113.9", "User root", "Port 22134", "IdentityFile ~/.ssh/id_ed25519", "IdentitiesOnly yes"],
    ],
    [
      "ssh -i lambda.pem ubuntu@203.0.113.9",
      "box-203.0.113.9",
      ["HostName 203.0.113.9", "User ubuntu", "IdentityFile ~/.ssh/lambda.pem", "IdentitiesOnly yes"],
    ],
    ["ssh -o hostname=10.0.0.1 -o port=2200 -o user=ada h", "h", ["HostName 10.0.0.1", "User ada", "Port 2200"]],
  ])("%s", (line, alias, lines) => {
    const parsed = parseSshCommandLine(line);
    expect(parsed.alias).toBe(alias);
    expect(parsed.hostBlock).toBe(`Host ${alias}\n${lines.map((one) => `  ${one}\n`).join("")}`);
  });

  it("names what it left out", () => {
    const line = "ssh -L 1:a:2 -Y -z -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null h nvidia-smi -l";
    const { notes, hostBlock } = parseSshCommandLine(line);
    expect(hostBlock).toBe("Host h\n  HostName h\n");
    expect(notes.join("\n")).toMatch(
      /-L 1:a:2[^]*-Y[^]*-z[^]*StrictHostKeyChecking=no[^]*\/dev\/null[^]*nvidia-smi -l/,
    );
  });

  it("says that a gate for terminals alone will not do", () => {
    const { alias, notes } = parseSshCommandLine("ssh abc123-64410f2e@ssh.runpod.io -i ~/.ssh/id");
    expect(alias).toBe("runpod-abc123-64410f2e");
    expect(notes.join()).toContain("SSH over exposed TCP");
  });

  it.each([
    "",
    "ssh",
    "sudo ssh root@h",
    "scp -P 22 file root@h:",
    "ssh -i <path/to/key> root@h",
    "ssh -p",
    "ssh 'a",
    "ssh -p 99999 h",
    "ssh a;rm",
    "ssh h\nHost *",
    "ssh -o Match=all h",
    "ssh $(x)@h",
  ])("refuses %j with a reason", (line) => {
    expect(caught(() => parseSshCommandLine(line))).toMatchObject({ code: "connect/bad-config" });
  });
});
