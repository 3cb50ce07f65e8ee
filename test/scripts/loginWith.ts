// How the tests of our SSH servers log in: with the ssh2 library, host key checked, and with OpenSSH's own client.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { Client, type ClientChannel, type ConnectConfig } from "ssh2";

export interface Door {
  port: number;
  keyFile: string;
  /** The key as in known_hosts; any other is refused. */
  hostKey: string;
  further?: ConnectConfig;
}

export async function connect(door: Door): Promise<Client> {
  const client = new Client();
  const expected = door.hostKey.trim().split(" ")[1];
  client.connect({
    host: "127.0.0.1",
    port: door.port,
    username: userInfo().username,
    privateKey: await readFile(door.keyFile),
    hostVerifier: (key: Buffer) => key.toString("base64") === expected,
    ...door.further,
  });
  await once(client, "ready");
  // A cut connection is what some tests are about.
  client.on("error", () => undefined);
  return client;
}

export async function openChannel(client: Client, command: string): Promise<ClientChannel> {
  return await new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => (error ? reject(error) : resolve(channel)));
  });
}

export interface Outcome {
  code: number | null;
  signal: string | null;
  stdout: Buffer;
  stderr: string;
}

export async function execute(client: Client, command: string, input?: Buffer): Promise<Outcome> {
  const channel = await openChannel(client, command);
  const outcome: Outcome = { code: null, signal: null, stdout: Buffer.alloc(0), stderr: "" };
  const pieces: Buffer[] = [];
  channel.on("data", (piece: Buffer) => pieces.push(piece));
  channel.stderr.setEncoding("utf8").on("data", (text: string) => (outcome.stderr += text));
  channel.on("exit", (code: number | null, signal?: string) =>
    Object.assign(outcome, { code, signal: signal ?? null }),
  );
  channel.end(input);
  await once(channel, "close");
  return { ...outcome, stdout: Buffer.concat(pieces) };
}

/** OpenSSH's own client, which asks nothing. */
export async function openssh(configFile: string, host: string, command: string, options: string[] = []) {
  const args = ["-F", configFile, "-o", "BatchMode=yes", ...options, host, command];
  const child = spawn("ssh", args, { stdio: ["ignore", "pipe", "pipe"] });
  const outcome = { code: 0, stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (outcome.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (outcome.stderr += text));
  const [code] = (await once(child, "close")) as [number];
  return { ...outcome, code };
}
