// Key pairs, known_hosts and client configs for SSH servers that the project starts itself. Nothing of ~/.ssh is used.
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { utils } from "ssh2";

export type KeyType = "ed25519" | "ecdsa" | "rsa";

/** Makes an OpenSSH key pair at `path` and `path.pub`, or keeps the one that is there; returns the public line. */
export async function ensureKeyPair(path: string, type: KeyType = "ed25519"): Promise<string> {
  if (!existsSync(path) || !existsSync(`${path}.pub`)) await writeKeyPair(path, type);
  return (await readFile(`${path}.pub`, "utf8")).trim();
}

export async function writeKeyPair(path: string, type: KeyType): Promise<string> {
  let pair = generate(type);
  // One ed25519 pair in 256 comes out unreadable: https://github.com/mscdex/ssh2/issues/1390
  while (!isReadable(pair.private) || !isReadable(pair.public)) pair = generate(type);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // OpenSSH refuses a private key that others may read.
  await writeFile(path, pair.private, { mode: 0o600 });
  await writeFile(`${path}.pub`, `${pair.public.trim()}\n`, { mode: 0o644 });
  return pair.public.trim();
}

function isReadable(key: string): boolean {
  return !(utils.parseKey(key) instanceof Error);
}

function generate(type: KeyType) {
  if (type === "rsa") return utils.generateKeyPairSync("rsa", { bits: 3072 });
  if (type === "ecdsa") return utils.generateKeyPairSync("ecdsa", { bits: 256 });
  return utils.generateKeyPairSync("ed25519");
}

export function knownHostsLine(host: string, port: number, publicKey: string): string {
  return `[${host}]:${port} ${publicKey.split(" ").slice(0, 2).join(" ")}`;
}

export interface ClientConfig {
  alias: string;
  port: number;
  user: string;
  identityFile: string;
  knownHosts: string;
  further?: readonly string[];
}

/** A `Host` entry that depends on nothing outside the files it names. */
export function clientConfig(config: ClientConfig): string {
  const lines = [
    "HostName 127.0.0.1",
    `Port ${config.port}`,
    `User ${config.user}`,
    `IdentityFile ${quotePath(config.identityFile)}`,
    `UserKnownHostsFile ${quotePath(config.knownHosts)}`,
    "IdentitiesOnly yes",
    "StrictHostKeyChecking ask",
    ...(config.further ?? []),
  ];
  return `Host ${config.alias}\n${lines.map((line) => `  ${line}\n`).join("")}`;
}

/** ssh reads `%` as the start of a token, and a space as the end of a path. */
function quotePath(path: string): string {
  return `"${path.replaceAll("%", "%%")}"`;
}
