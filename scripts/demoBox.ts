// A box to try Runside on without owning one: an SSH server on this machine, for `npm start` and the tests.
// It listens on loopback alone, lets in one key that it made itself, and has its own home folder.
import { timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo, type Server as NetServer, type Socket } from "node:net";
import { userInfo } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { Server, utils, type AuthContext, type Connection, type ParsedKey, type Session } from "ssh2";
import { refuseShell, runCommand, type CommandSetting } from "./demoBoxCommand";
import { devFolder } from "./folders";
import { clientConfig, ensureKeyPair, knownHostsLine } from "./sshFiles";

export interface DemoBoxOptions {
  /** Holds `box/` (what the box would have) and `ssh/` (what the user would have). */
  dir: string;
  /** The name in the ssh config. */
  host?: string;
  /** Printed before the output of every command, as a talkative .bashrc does. */
  motd?: string;
}

export interface DemoBox {
  host: string;
  /** For `ssh -F` and for the setting `runside.ssh.configFile`. */
  configFile: string;
  port: number;
  home: string;
  runsideHome: string;
  connections(): number;
  /** Cuts every connection, as a lost network does; the box stays up. */
  dropConnections(): void;
  close(): Promise<void>;
}

export async function startDemoBox(options: DemoBoxOptions): Promise<DemoBox> {
  if (process.platform === "win32") {
    throw new Error("The demo box needs a POSIX shell, which Windows lacks: start it in WSL.");
  }
  const host = options.host ?? "demo-box";
  const dir = resolve(options.dir);
  const box = join(dir, "box");
  const ssh = join(dir, "ssh");
  const home = join(box, "home");
  const runsideHome = join(home, ".runside");
  await mkdir(runsideHome, { recursive: true, mode: 0o700 });
  const hostKey = await ensureKeyPair(join(box, "host_key"));
  const clientKey = parsePublicKey(await ensureKeyPair(join(ssh, "id_ed25519")));
  const setting = { home, env: commandEnv(home, runsideHome), motd: options.motd };

  const server = new Server({ hostKeys: [await readFile(join(box, "host_key"))] }, (connection) => {
    serve(connection, clientKey, setting);
  });
  const sockets = new Set<Socket>();
  // Nagle's delay would cost 40 ms on every answer.
  const listener = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    server.injectSocket(socket);
  });
  const port = await listenWhereBefore(listener, join(box, "port"));

  const user = userInfo().username;
  const knownHosts = join(ssh, "known_hosts");
  const configFile = join(ssh, "config");
  await writeFile(knownHosts, `${knownHostsLine("127.0.0.1", port, hostKey)}\n`);
  const identityFile = join(ssh, "id_ed25519");
  await writeFile(configFile, clientConfig({ alias: host, port, user, identityFile, knownHosts }));

  const dropConnections = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    host,
    configFile,
    port,
    home,
    runsideHome,
    connections: () => sockets.size,
    dropConnections,
    close: async () => {
      if (!listener.listening) return;
      const closed = once(listener, "close");
      listener.close();
      dropConnections();
      await closed;
    },
  };
}

function parsePublicKey(line: string): ParsedKey {
  const key = utils.parseKey(line);
  if (key instanceof Error) throw key;
  return key;
}

/** The same port as at the last start where it is free, so that known_hosts entries stay true. */
async function listenWhereBefore(listener: NetServer, file: string): Promise<number> {
  const before = existsSync(file) ? Number(await readFile(file, "utf8")) : 0;
  try {
    await listen(listener, before);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE" || before === 0) throw error;
    await listen(listener, 0);
  }
  const { port } = listener.address() as AddressInfo;
  await writeFile(file, String(port));
  return port;
}

async function listen(listener: NetServer, port: number): Promise<void> {
  listener.listen(port, "127.0.0.1");
  await once(listener, "listening");
}

/** What a login gives a command: nothing of this terminal but the folders in which its programs lie. */
function commandEnv(home: string, runsideHome: string): NodeJS.ProcessEnv {
  const own = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder && !folder.includes("node_modules"));
  const usual = ["/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"];
  return {
    PATH: [...new Set([dirname(process.execPath), ...own, ...usual])].join(delimiter),
    HOME: home,
    USER: userInfo().username,
    LOGNAME: userInfo().username,
    LANG: process.env.LANG ?? "C.UTF-8",
    SHELL: "/bin/sh",
    RUNSIDE_HOME: runsideHome,
  };
}

function serve(connection: Connection, clientKey: ParsedKey, setting: CommandSetting): void {
  connection.on("authentication", (attempt) => {
    if (mayEnter(attempt, clientKey)) attempt.accept();
    else attempt.reject(["publickey"]);
  });
  connection.on("session", (accept) => serveSession(connection, accept(), setting));
  // A client that vanished or speaks garbage ends its own connection only.
  connection.on("error", () => connection.end());
}

function mayEnter(attempt: AuthContext, clientKey: ParsedKey): boolean {
  if (attempt.method !== "publickey" || attempt.username !== userInfo().username) return false;
  const known = clientKey.getPublicSSH();
  if (attempt.key.data.length !== known.length || !timingSafeEqual(attempt.key.data, known)) return false;
  // Without a signature the client only asks whether this key would do.
  if (!attempt.signature || !attempt.blob) return true;
  return clientKey.verify(attempt.blob, attempt.signature, attempt.hashAlgo) === true;
}

function serveSession(connection: Connection, session: Session, setting: CommandSetting): void {
  session.on("exec", (accept, _reject, info) => runCommand(connection, session, accept(), info.command, setting));
  session.on("shell", (accept) => refuseShell(accept()));
}

async function main(): Promise<void> {
  const box = await startDemoBox({ dir: devFolder() });
  console.log(`The demo box listens on 127.0.0.1:${box.port}. Try: ssh -F ${box.configFile} ${box.host} hostname`);
  console.log("Ctrl-C ends it.");
}

if (require.main === module) {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
