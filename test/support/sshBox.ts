// A box inside the test's own process: ssh2's server with every way of logging in, real commands, and a hand on the cable.
import { timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { dirname, join } from "node:path";
import { Server, utils, type AuthContext, type Connection, type ParsedKey } from "ssh2";
import { runCommand } from "../../scripts/demoBoxCommand";
import { clientConfig, ensureKeyPair, knownHostsLine, writeKeyPair, type KeyType } from "../../scripts/sshFiles";

export type Factor = "none" | "publickey" | "password" | "keyboard-interactive";

export interface SshBoxOptions {
  dir: string;
  alias?: string;
  /** All of these in turn; each is a list of alternatives. One key unless told. */
  factors?: readonly (readonly Factor[])[];
  password?: string;
  /** Asked one after the other in the same round, or in a round each. */
  questions?: readonly { prompt: string; echo: boolean; answer: string }[];
  roundPerQuestion?: boolean;
  hostKeyTypes?: readonly KeyType[];
  /** Printed before the output of every command, as a talkative .bashrc does. */
  motd?: string;
  /** Takes TCP connections and says nothing. */
  silent?: boolean;
  /** Further lines for the client's Host block. */
  config?: readonly string[];
  /** Whether the host key is in known_hosts from the start; true unless told. */
  known?: boolean;
  env?: NodeJS.ProcessEnv;
  login?: string;
}

export interface SshBox {
  alias: string;
  port: number;
  dir: string;
  home: string;
  configFile: string;
  knownHosts: string;
  identityFile: string;
  /** Every method that a client tried, in order, without the mere question for a key. */
  attempts: string[];
  commands: string[];
  /** Cuts the connection instead of answering this way of logging in. */
  cutAt: Factor | null;
  connections(): number;
  /** All connections ever taken. */
  total(): number;
  trust(publicKey: string): void;
  rotateHostKey(types?: readonly KeyType[]): Promise<string[]>;
  rekey(): Promise<void>;
  /** Cuts every connection, as a lost network does. */
  cut(): void;
  /** Leaves the connections open and answers nothing more on them, as a laptop's network after sleep does. */
  freeze(): void;
  /** Refuses new connections until `up`. */
  down(): Promise<void>;
  up(): Promise<void>;
  stop(): Promise<void>;
}

const USER = "ada";

export async function startSshBox(options: SshBoxOptions): Promise<SshBox> {
  const dir = options.dir;
  const home = join(dir, "home");
  await mkdir(home, { recursive: true });
  const alias = options.alias ?? "box";
  const identityFile = join(dir, "id_ed25519");
  const trusted = [parsePublic(await ensureKeyPair(identityFile))];
  const attempts: string[] = [];
  const commands: string[] = [];
  const open = new Map<Socket, Connection>();
  let total = 0;

  const makeServer = async (
    types: readonly KeyType[],
    fresh: boolean,
  ): Promise<{ server: Server; publicKeys: string[] }> => {
    const paths = types.map((type) => join(dir, `host_${type}`));
    const publicKeys = await Promise.all(
      paths.map((path, i) => (fresh ? writeKeyPair : ensureKeyPair)(path, types[i] ?? "ed25519")),
    );
    const hostKeys = await Promise.all(paths.map((path) => readFile(path)));
    const server = new Server({ hostKeys }, (connection, info) => {
      for (const [socket] of open) if (socket.remotePort === info.port) open.set(socket, connection);
      serve(connection);
    });
    return { server, publicKeys };
  };

  let { server, publicKeys } = await makeServer(options.hostKeyTypes ?? ["ed25519"], false);

  const serve = (connection: Connection): void => {
    const factors = [...(options.factors ?? [["publickey"]])];
    connection.on("authentication", (context) => {
      void (async () => {
        if (context.method === box.cutAt) return cut();
        const wanted = factors[0] ?? [];
        const given = wanted.includes(context.method as Factor) && (await passes(context));
        if (given === "question") return context.accept();
        if (context.method !== "publickey" || given || !wanted.includes("publickey")) attempts.push(context.method);
        else attempts.push("publickey?");
        if (!given) return context.reject(wanted as ("publickey" | "password")[]);
        factors.shift();
        if (factors.length === 0) context.accept();
        else context.reject(factors[0] as ("publickey" | "password")[], true);
      })();
    });
    connection.on("session", (accept) => {
      const session = accept();
      session.on("exec", (acceptExec, _reject, info) => {
        commands.push(info.command);
        const env = { PATH: process.env.PATH, HOME: home, USER, SHELL: "/bin/sh", ...options.env };
        const setting = { home, env, motd: options.motd };
        runCommand(connection, session, acceptExec(), (options.login ?? "") + info.command, setting);
      });
    });
    connection.on("tcpip", (accept, reject, info) => {
      const target = connect({ host: info.destIP, port: info.destPort, noDelay: true });
      target.once("error", () => reject());
      target.once("connect", () => {
        const channel = accept();
        target.on("error", () => channel.destroy());
        channel.on("error", () => target.destroy());
        channel.pipe(target).pipe(channel);
        channel.on("close", () => target.destroy());
      });
    });
    connection.on("error", () => connection.end());
  };

  const passes = (context: AuthContext): Promise<boolean | "question"> | boolean | "question" => {
    if (context.username !== USER) return false;
    if (context.method === "none") return true;
    if (context.method === "password") return context.password === options.password;
    if (context.method === "keyboard-interactive") {
      const questions = options.questions ?? [];
      const rounds = options.roundPerQuestion ? questions.map((one) => [one]) : [questions];
      return rounds.reduce<Promise<boolean>>(
        async (before, round) =>
          (await before) &&
          new Promise<boolean>((resolve) => {
            const prompts = round.map(({ prompt, echo }) => ({ prompt, echo }));
            context.prompt(prompts, "Login", "Two things, please", (answers) =>
              resolve(round.every((one, i) => answers[i] === one.answer)),
            );
          }),
        Promise.resolve(true),
      );
    }
    if (context.method !== "publickey") return false;
    const key = trusted.find((one) => sameBytes(one.getPublicSSH(), context.key.data));
    if (!key) return false;
    if (!context.signature || !context.blob) return "question";
    return key.verify(context.blob, context.signature, context.hashAlgo) === true;
  };

  const listener = createServer({ noDelay: true }, (socket) => {
    total++;
    open.set(socket, undefined as unknown as Connection);
    socket.on("close", () => open.delete(socket));
    socket.on("error", () => undefined);
    if (!options.silent) server.injectSocket(socket);
  });
  const listen = async (port: number): Promise<void> => {
    listener.listen(port, "127.0.0.1");
    await once(listener, "listening");
  };
  await listen(0);
  const { port } = listener.address() as AddressInfo;
  const knownHosts = join(dir, "known_hosts");
  const configFile = join(dir, "config");
  const entries = publicKeys.map((key) => `${knownHostsLine("127.0.0.1", port, key)}\n`).join("");
  if (options.known !== false) await writeFile(knownHosts, entries);
  const block = { alias, port, user: USER, identityFile, knownHosts, further: options.config };
  await writeFile(configFile, clientConfig(block));

  const cut = (): void => {
    for (const socket of [...open.keys()]) socket.destroy();
  };
  const down = async (): Promise<void> => {
    if (!listener.listening) return;
    const closed = once(listener, "close");
    listener.close();
    cut();
    await closed;
  };
  const box: SshBox = {
    alias,
    port,
    dir,
    home,
    configFile,
    knownHosts,
    identityFile,
    attempts,
    commands,
    cutAt: null,
    connections: () => open.size,
    total: () => total,
    trust: (publicKey) => void trusted.push(parsePublic(publicKey)),
    rotateHostKey: async (types) => {
      ({ server, publicKeys } = await makeServer(types ?? options.hostKeyTypes ?? ["ed25519"], true));
      return publicKeys;
    },
    rekey: async () => {
      const all = [...open.values()].filter(Boolean);
      await Promise.all(all.map((one) => new Promise<void>((resolve) => one.rekey(() => resolve()))));
    },
    cut,
    freeze: () => [...open.keys()].forEach((socket) => socket.pause()),
    down,
    up: () => listen(port),
    stop: down,
  };
  return box;
}

/** A folder for one test under the system's temporary one, removed by `remove`. */
export async function removeFolder(dir: string): Promise<void> {
  // A command that was just ended may still write its last file.
  await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}

export async function writeEncryptedKey(path: string, passphrase: string): Promise<string> {
  const pair = utils.generateKeyPairSync("ed25519", { passphrase, cipher: "aes256-cbc", rounds: 4 });
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, pair.private, { mode: 0o600 });
  await writeFile(`${path}.pub`, `${pair.public.trim()}\n`);
  return pair.public;
}

function parsePublic(line: string): ParsedKey {
  const key = utils.parseKey(line);
  if (key instanceof Error) throw key;
  return key;
}

function sameBytes(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
