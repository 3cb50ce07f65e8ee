// A real OpenSSH server on loopback, for the tests that our own SSH server cannot stand in for.
// It lets in the current user with a key of its own and keeps out of that user's real home folder.
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { connect, createServer, type AddressInfo } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ChildProcess } from "node:child_process";
import { endGroup, runQuiet, startGroup } from "../../scripts/processes";
import { clientConfig, ensureKeyPair, knownHostsLine, writeKeyPair, type KeyType } from "../../scripts/sshFiles";
import { findSshd } from "../../scripts/system";

export interface SshdOptions {
  dir: string;
  /** sshd's AuthenticationMethods; "publickey" unless told, "publickey,password" for two factors. */
  authMethods?: string;
  /** The user's password on this sshd alone. Needs root: see `passwordAvailable`. */
  password?: string;
  hostKeyTypes?: readonly KeyType[];
  /** Further lines of sshd_config, such as "MaxSessions 1". They win over the lines here. */
  config?: readonly string[];
  /** Lines of sh before every command, as a talkative .bashrc would have. */
  login?: readonly string[];
  /** The shell that gets the command; /bin/sh unless told. */
  shell?: string;
}

export interface Sshd {
  host: "test-box";
  port: number;
  user: string;
  /** Client side, for `ssh -F`. */
  configFile: string;
  knownHosts: string;
  identityFile: string;
  home: string;
  runsideHome: string;
  /** The first host key, as in its `.pub` file. */
  hostKeyPub: string;
  /** Puts other host keys in place of all of them, as a reinstalled box has; known_hosts keeps the old ones. */
  rotateHostKey(): Promise<string>;
  /** Has it read its files again. */
  reload(): Promise<void>;
  /** Cuts the connections; the server stays. */
  dropConnections(): void;
  /** The connections stay open and carry nothing more, as after a laptop's sleep. */
  freezeConnections(): void;
  log(): string;
  /** What the server was told, line by line. */
  config(): string;
  stop(): Promise<void>;
}

/** For `describe.skipIf(!sshdAvailable())`. On CI its absence is a failure, not a skip. */
export function sshdAvailable(): boolean {
  const available = process.platform !== "win32" && findSshd() !== undefined;
  if (!available && process.env.CI === "true") throw new Error("sshd is missing on CI: install openssh-server.");
  return available;
}

/** Passwords come from /etc/shadow, for which root can give one process a private copy (a mount namespace). */
export async function passwordAvailable(): Promise<boolean> {
  if (!sshdAvailable() || process.platform !== "linux" || process.getuid?.() !== 0) return false;
  return await runQuiet("unshare", ["--mount", "true"]).then(
    () => true,
    () => false,
  );
}

export async function startSshd(options: SshdOptions): Promise<Sshd> {
  const { dir } = options;
  const program = findSshd();
  if (!program) throw new Error("OpenSSH's server (sshd) is not installed.");
  // sshd's own jail before the login; a service manager would have made it.
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
  const home = join(dir, "home");
  const runsideHome = join(home, ".runside");
  await mkdir(home, { recursive: true });
  const types = options.hostKeyTypes ?? ["ed25519"];
  const hostKeyFiles = types.map((type) => join(dir, `host_key_${type}`));
  const hostKeys = await Promise.all(types.map((type, i) => writeKeyPair(hostKeyFiles[i]!, type)));
  const identityFile = join(dir, "id_ed25519");
  await writeFile(join(dir, "authorized_keys"), `${await ensureKeyPair(identityFile)}\n`);
  await writeFile(join(dir, "login.sh"), loginScript(home, runsideHome, options), { mode: 0o755 });

  const { child, port, log } = await startOnFreePort(program, hostKeyFiles, options);
  const user = userInfo().username;
  const knownHosts = join(dir, "known_hosts");
  const configFile = join(dir, "ssh_config");
  await writeFile(knownHosts, hostKeys.map((key) => `${knownHostsLine("127.0.0.1", port, key)}\n`).join(""));
  await writeFile(configFile, clientConfig({ alias: "test-box", port, user, identityFile, knownHosts }));

  const dropConnections = () => {
    for (const pid of childrenOf(child.pid)) endProcess(pid);
  };
  const reload = async () => {
    const before = countListening(log());
    child.kill("SIGHUP");
    if (!(await isServing(child, port, () => countListening(log()) > before))) throw new Error(`sshd died:\n${log()}`);
  };
  return {
    host: "test-box",
    port,
    user,
    configFile,
    knownHosts,
    identityFile,
    home,
    runsideHome,
    hostKeyPub: hostKeys[0]!,
    rotateHostKey: async () => {
      const fresh = await Promise.all(types.map((type, i) => writeKeyPair(hostKeyFiles[i]!, type)));
      await reload();
      return fresh[0]!;
    },
    reload,
    dropConnections,
    freezeConnections: () => childrenOf(child.pid).forEach((pid) => process.kill(pid, "SIGSTOP")),
    log,
    config: () => readFileSync(join(dir, "sshd_config"), "utf8"),
    stop: async () => {
      // A connection is a session of its own, which outlives the server and is not in its process group.
      dropConnections();
      await endGroup(child);
    },
  };
}

/** Writes a second key pair that this sshd does not know, or, with `allow`, does. */
export async function addClientKey(sshd: Sshd, path: string, type: KeyType, allow: boolean): Promise<void> {
  const line = await writeKeyPair(path, type);
  if (allow) await appendFile(join(sshd.identityFile, "..", "authorized_keys"), `${line}\n`);
}

/** sshd takes the home folder from the user database; here each command gets one that belongs to the test. */
function loginScript(home: string, runsideHome: string, options: SshdOptions): string {
  const shell = options.shell ?? "/bin/sh";
  return [
    "#!/bin/sh",
    `export HOME='${home}' RUNSIDE_HOME='${runsideHome}' SHELL='${shell}'`,
    'cd "$HOME"',
    ...(options.login ?? []),
    `[ -z "$SSH_ORIGINAL_COMMAND" ] && exec '${shell}'`,
    `exec '${shell}' -c "$SSH_ORIGINAL_COMMAND"`,
    "",
  ].join("\n");
}

function serverConfig(port: number, hostKeyFiles: readonly string[], options: SshdOptions): string {
  const methods = options.authMethods ?? (options.password ? "password" : "publickey");
  return [
    // The first line of a kind counts.
    ...(options.config ?? []),
    "ListenAddress 127.0.0.1",
    `Port ${port}`,
    ...hostKeyFiles.map((file) => `HostKey "${file}"`),
    `PidFile "${join(options.dir, "sshd.pid")}"`,
    `AuthorizedKeysFile "${join(options.dir, "authorized_keys")}"`,
    `AuthenticationMethods ${methods}`,
    `PasswordAuthentication ${options.password ? "yes" : "no"}`,
    "KbdInteractiveAuthentication no",
    "PermitRootLogin yes",
    "UsePAM no",
    "StrictModes no",
    "PermitUserRC no",
    "PrintMotd no",
    `ForceCommand ${join(options.dir, "login.sh")}`,
    "LogLevel VERBOSE",
    "",
  ].join("\n");
}

async function startOnFreePort(program: string, hostKeyFiles: readonly string[], options: SshdOptions) {
  const configFile = join(options.dir, "sshd_config");
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    await writeFile(configFile, serverConfig(port, hostKeyFiles, options));
    const [command, ...args] = await commandLine(program, configFile, options);
    const child = startGroup(command!, args, { stdio: ["ignore", "ignore", "pipe"] });
    let text = "";
    child.stderr?.setEncoding("utf8").on("data", (piece: string) => (text += piece));
    if (await isServing(child, port, () => countListening(text) > 0)) return { child, port, log: () => text };
    await endGroup(child);
    // Between the asking and the taking somebody else may have taken the port.
    if (!text.includes("in use") || attempt === 5) throw new Error(`sshd did not start:\n${text}`);
  }
}

async function commandLine(program: string, configFile: string, options: SshdOptions): Promise<string[]> {
  const sshd = [program, "-D", "-e", "-f", configFile];
  if (!options.password) return sshd;
  const shadow = join(options.dir, "shadow");
  await writeFile(shadow, await shadowWith(options.password, options.dir), { mode: 0o600 });
  const script = 'mount --bind "$1" /etc/shadow && shift && exec "$@"';
  return ["unshare", "--mount", "sh", "-c", script, "sh", shadow, ...sshd];
}

async function shadowWith(password: string, dir: string): Promise<string> {
  const file = join(dir, "password");
  await writeFile(file, password, { mode: 0o600 });
  // Perl is part of every Debian, and knows crypt(3) as sshd does.
  const program = 'open my $f, "<", $ARGV[0]; print crypt(<$f>, q($6$runside$))';
  const hash = (await runQuiet("perl", ["-e", program, file])).trim();
  const lines = (await readFile("/etc/shadow", "utf8")).split("\n");
  const user = userInfo().username;
  return lines
    .map((line) => (line.startsWith(`${user}:`) ? line.replace(/:[^:]*/, () => `:${hash}`) : line))
    .join("\n");
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

/** Whether it came as far as greeting a client; between listening and that, a SIGHUP would still end it. */
async function isServing(child: ChildProcess, port: number, isListening: () => boolean): Promise<boolean> {
  const deadline = Date.now() + 10_000;
  while (!isListening()) {
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) return false;
    await sleep(10);
  }
  const visitor = connect(port, "127.0.0.1");
  await once(visitor, "data");
  visitor.destroy();
  return true;
}

function countListening(log: string): number {
  return log.split("Server listening on").length - 1;
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
}

function childrenOf(pid: number | undefined): number[] {
  const file = `/proc/${pid}/task/${pid}/children`;
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8").split(" ").filter(Boolean).map(Number);
}
