// Key files and the keys of an ssh agent. Secrets pass through here and are never logged.
import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import {
  BaseAgent,
  createAgent,
  utils,
  type IdentityCallback,
  type ParsedKey,
  type SignCallback,
  type SigningRequestOptions,
} from "ssh2";
import { messageOf } from "../../core/base/errors";
import { typeOfBlob } from "./hostKeys";

export type KeyFile =
  | { kind: "plain"; path: string; publicBlob: Buffer; key: ParsedKey }
  | { kind: "encrypted"; path: string; publicBlob: Buffer | null; text: Buffer }
  /** Names a key that only the agent holds. */
  | { kind: "public"; path: string; publicBlob: Buffer }
  | { kind: "unusable"; path: string; hint: string };

export async function readKeyFile(path: string): Promise<KeyFile> {
  let text: Buffer;
  try {
    text = await readFile(path);
  } catch (error) {
    return { kind: "unusable", path, hint: `the key ${path} cannot be read (${messageOf(error)})` };
  }
  const key = parseKey(text);
  if (!(key instanceof Error)) {
    const publicBlob = key.getPublicSSH();
    return key.isPrivateKey() ? { kind: "plain", path, publicBlob, key } : { kind: "public", path, publicBlob };
  }
  if (/encrypted/i.test(key.message)) {
    return { kind: "encrypted", path, publicBlob: publicPartOf(text) ?? (await publicFileBeside(path)), text };
  }
  return { kind: "unusable", path, hint: unusableHint(path, text) };
}

/** null when the passphrase is wrong. ssh2 derives the key in JavaScript: this blocks for about 0.4 s. */
export function decryptKey(text: Buffer, passphrase: string): ParsedKey | null {
  const key = parseKey(text, passphrase);
  return key instanceof Error ? null : key;
}

function parseKey(text: Buffer, passphrase?: string): ParsedKey | Error {
  try {
    // Typed as one key, and for some formats it is a list with one.
    const parsed = utils.parseKey(text, passphrase) as ParsedKey | Error | ParsedKey[];
    return Array.isArray(parsed) ? (parsed[0] ?? new Error("no key")) : parsed;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function unusableHint(path: string, text: Buffer): string {
  const start = text.toString("latin1", 0, 4096);
  if (start.startsWith("PuTTY-User-Key-File")) {
    return `the key ${path} is in PuTTY's format: convert it with \`puttygen ${path} -O private-openssh -o ${path}.openssh\``;
  }
  if (start.includes("cert-v01@openssh.com") || start.startsWith("sk-")) {
    return `${path} is a certificate or a security key, which only the ssh program can use: set "runside.transport" to "openssh"`;
  }
  return `the key ${path} is in a format that Runside's SSH does not know`;
}

/** OpenSSH's format keeps the public half readable, so a box can be asked for its liking before a person is asked. */
function publicPartOf(text: Buffer): Buffer | null {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]+?)-----END/.exec(text.toString("latin1"))?.[1];
  if (body === undefined) return null;
  const bytes = Buffer.from(body, "base64");
  const magic = "openssh-key-v1\0";
  if (bytes.toString("latin1", 0, magic.length) !== magic) return null;
  try {
    let at = magic.length;
    // Cipher, key derivation and its options come before the number of keys.
    for (let i = 0; i < 3; i++) at += 4 + bytes.readUInt32BE(at);
    at += 4;
    const length = bytes.readUInt32BE(at);
    const blob = bytes.subarray(at + 4, at + 4 + length);
    return blob.length === length ? Buffer.from(blob) : null;
  } catch {
    return null;
  }
}

/** The type of a key by its public half, of kinds that ssh2 does not know as well; null where there is none to be read. */
export async function publicTypeOf(path: string): Promise<string | null> {
  const text = await readFile(path).catch(() => null);
  const blob = text && publicPartOf(text);
  if (blob) return typeOfBlob(blob);
  const line = await readFile(path.endsWith(".pub") ? path : `${path}.pub`, "latin1").catch(() => "");
  return /^(?:ssh|ecdsa|sk)-[\w@.-]+(?= )/.exec(line)?.[0] ?? null;
}

async function publicFileBeside(path: string): Promise<Buffer | null> {
  const text = await readFile(`${path}.pub`).catch(() => null);
  const key = text && parseKey(text);
  return !key || key instanceof Error ? null : key.getPublicSSH();
}

export interface AgentKeys {
  agent: BaseAgent;
  keys: ParsedKey[];
}

const AGENT_MS = 3000;

/** null where no agent answers: ssh then goes on without one, and so do we. */
export async function listAgentKeys(socketPath: string): Promise<AgentKeys | null> {
  const agent = createAgent(socketPath);
  const keys = await new Promise<ParsedKey[] | null>((resolve) => {
    // A locked password manager may leave the question open for ever.
    setTimeout(() => resolve(null), AGENT_MS).unref();
    agent.getIdentities((error, found) => resolve(error || !found ? null : (found as ParsedKey[])));
  });
  return keys && { agent, keys };
}

type PublicKey = ParsedKey | Buffer | string;
/** The agent of the environment; on Windows the system's own at its fixed place, else Pageant's. */
export function defaultAgentSocket(): string | null {
  const { SSH_AUTH_SOCK: named } = process.env;
  return named ? named : process.platform === "win32" ? windowsAgent(listPipes()) : null;
}

const PIPES = "\\\\.\\pipe\\";

/** Pageant (0.75 and later) serves the same protocol on a pipe named after the user and a hash. */
export function windowsAgent(pipes: readonly string[]): string {
  const pageant = pipes.find((name) => /^pageant\./i.test(name));
  return PIPES + (pipes.includes("openssh-ssh-agent") || !pageant ? "openssh-ssh-agent" : pageant);
}

function listPipes(): string[] {
  try {
    return readdirSync(PIPES);
  } catch {
    return [];
  }
}

export type Signer = (data: Buffer, hash: SigningRequestOptions["hash"]) => Promise<Buffer>;

/**
 * One key behind ssh2's agent interface. One at a time, because with several ssh2 goes on trying keys after a first
 * factor was accepted; and an agent may answer late, so a passphrase is asked only for a key that the box would take.
 */
export class OneKeyAgent extends BaseAgent {
  constructor(
    private readonly key: ParsedKey | Buffer,
    private readonly signer: Signer,
  ) {
    super();
  }

  override getIdentities(callback: IdentityCallback): void {
    callback(undefined, [this.key]);
  }

  override sign(_key: PublicKey, data: Buffer, options: unknown, callback?: SignCallback): void {
    this.signer(data, (options as SigningRequestOptions).hash).then(
      (signature) => callback?.(undefined, signature),
      (error: unknown) => callback?.(error instanceof Error ? error : new Error(String(error))),
    );
  }
}

export function agentSigner(agent: BaseAgent, key: ParsedKey): Signer {
  return (data, hash) =>
    new Promise((resolve, reject) => {
      agent.sign(key, data, hash === undefined ? {} : { hash }, (error, signature) => {
        if (error || !signature) reject(error ?? new Error("the agent did not sign"));
        else resolve(signature);
      });
    });
}
