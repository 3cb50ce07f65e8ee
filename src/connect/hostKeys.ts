// known_hosts: is this the key we know for that name, which key types do we know, and remembering a new one.
// Secrets are not here, but trust is: `check` is pure, because ssh2 asks again at every rekey.
import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { mkdir, open, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { ServerHostKeyAlgorithm } from "ssh2";
import { badKnownHosts } from "./configFailures";

interface KnownKey {
  file: string;
  line: number;
  marker: "" | "@revoked" | "@cert-authority";
  names: string;
  type: string;
  blob: Buffer;
}

export type HostKeyVerdict =
  | { kind: "ok" }
  | { kind: "unknown"; hasAuthority: boolean }
  /** `file` is empty where a person accepted the known one in this window. */
  | { kind: "changed"; file: string; line: number; known: string }
  | { kind: "revoked"; file: string; line: number };

export interface HostKeyFiles {
  /** The first one is written to. */
  user: readonly string[];
  global: readonly string[];
}

/** What known_hosts files said at one moment. */
export class KnownHosts {
  private constructor(private readonly keys: readonly KnownKey[]) {}

  /** `accepted`: by their names, keys that these files could not hold; what they say by now wins. */
  static async read(files: HostKeyFiles, accepted: ReadonlyMap<string, Buffer> = new Map()): Promise<KnownHosts> {
    const all = [...files.user, ...files.global];
    const texts = await Promise.all(all.map((file) => readIfThere(file)));
    let known = new KnownHosts(texts.flatMap((text, i) => parseKnownHosts(text, all[i] ?? "")));
    for (const [name, blob] of accepted) if (known.check(name, blob).kind === "unknown") known = known.with(name, blob);
    return known;
  }

  static parse(text: string, file: string): KnownHosts {
    return new KnownHosts(parseKnownHosts(text, file));
  }

  /** With one more key, for a session whose file could not be written. */
  with(name: string, blob: Buffer): KnownHosts {
    return new KnownHosts([...this.keys, { file: "", line: 0, marker: "", names: name, type: typeOfBlob(blob), blob }]);
  }

  /** `plain`: the name without its port, under which ssh takes the very same key as well, and minds no other one. */
  check(name: string, blob: Buffer, plain: string | null = null): HostKeyVerdict {
    const known = this.keys.filter((key) => namesMatch(key.names, name));
    const same = (key: KnownKey): boolean => key.blob.equals(blob);
    const revoked = known.find((key) => key.marker === "@revoked" && same(key));
    if (revoked) return { kind: "revoked", file: revoked.file, line: revoked.line };
    const trusted = known.filter((key) => key.marker === "");
    if (trusted.some(same)) return { kind: "ok" };
    // A key of another type counts as a change: the known types were asked for first, and the box has none of them.
    const other = trusted.find((key) => key.type === typeOfBlob(blob)) ?? trusted[0];
    if (other) return { kind: "changed", file: other.file, line: other.line, known: fingerprintOf(other.blob) };
    if (plain !== null && this.check(plain, blob).kind === "ok") return { kind: "ok" };
    return { kind: "unknown", hasAuthority: known.some((key) => key.marker === "@cert-authority") };
  }

  /** `file:line` of every line that speaks of this name, as `ssh-keygen -F` finds them. */
  find(name: string): number[] {
    return this.keys.filter((key) => namesMatch(key.names, name)).map((key) => key.line);
  }

  /** The first key known for this name. */
  first(name: string): { file: string; line: number; blob: Buffer } | null {
    return this.keys.find((one) => one.marker === "" && namesMatch(one.names, name)) ?? null;
  }

  /** Whether a certificate authority is trusted for this name: only the user's own ssh can check what it signed. */
  hasAuthority(name: string): boolean {
    return this.keys.some((key) => key.marker === "@cert-authority" && namesMatch(key.names, name));
  }

  fingerprintAt(line: number): string | null {
    const key = this.keys.find((one) => one.line === line);
    return key ? fingerprintOf(key.blob) : null;
  }

  revokedLine(fingerprint: string): number | null {
    const revoked = this.keys.find((key) => key.marker === "@revoked" && fingerprintOf(key.blob) === fingerprint);
    return revoked?.line ?? null;
  }

  /** Without this order a box known by its RSA key alone is refused, because ed25519 would be negotiated. */
  preferredAlgorithms(name: string, plain: string | null = null): ServerHostKeyAlgorithm[] {
    const knownFor = (one: string): ServerHostKeyAlgorithm[] => {
      const keys = this.keys.filter((key) => key.marker === "" && namesMatch(key.names, one));
      return allAlgorithms.filter((algorithm) =>
        keys.some((key) => key.type === (algorithm.startsWith("rsa-sha2") ? "ssh-rsa" : algorithm)),
      );
    };
    return [...new Set([...knownFor(name), ...(plain === null ? [] : knownFor(plain)), ...allAlgorithms])];
  }
}

const allAlgorithms: readonly ServerHostKeyAlgorithm[] = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "rsa-sha2-512",
  "rsa-sha2-256",
];

/** The name under which a host is looked up: the port only where it is not 22. */
export function knownHostsName(host: string, port: number): string {
  const name = host.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

export interface NamedHost {
  hostname: string;
  port: number;
  hostKeyAlias: string | null;
}

export function nameOf({ hostname, port, hostKeyAlias }: NamedHost): string {
  return hostKeyAlias?.toLowerCase() ?? knownHostsName(hostname, port);
}

/** null where the name has no port, or another name stands for the host. */
export function plainNameOf({ hostname, port, hostKeyAlias }: NamedHost): string | null {
  return hostKeyAlias === null && port !== 22 ? hostname.toLowerCase() : null;
}

export function fingerprintOf(blob: Buffer): string {
  return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
}

/** The type is the first string inside a key. */
export function typeOfBlob(blob: Buffer): string {
  if (blob.length < 4) return "";
  const length = blob.readUInt32BE(0);
  return length > 64 || 4 + length > blob.length ? "" : blob.toString("latin1", 4, 4 + length);
}

/** The line to paste into a terminal so that the old key is forgotten. */
export function forgetLine(name: string, file: string): string {
  const quoted = process.platform === "win32" ? `"${name}"` : `'${name}'`;
  const path = /^[\w@%+=:,./-]+$/.test(file)
    ? file
    : process.platform === "win32"
      ? `"${file}"`
      : `'${file.replaceAll("'", "'\\''")}'`;
  return `ssh-keygen -R ${quoted} -f ${path}`;
}

export function knownHostsLine(names: string, blob: Buffer): string {
  return `${names} ${typeOfBlob(blob)} ${blob.toString("base64")}\n`;
}

/** Appends one line; the folder is made 0700 and the file 0600 where they are missing. */
export async function rememberHostKey(file: string, name: string, blob: Buffer, hashed: boolean): Promise<void> {
  const line = knownHostsLine(hashed ? hashName(name, randomBytes(20)) : name, blob);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const handle = await open(file, "a+", 0o600);
  try {
    const { size } = await handle.stat();
    const last = Buffer.alloc(1);
    if (size > 0) await handle.read(last, 0, 1, size - 1);
    // A last line without its newline would swallow ours.
    await handle.appendFile(size > 0 && last[0] !== 10 ? `\n${line}` : line);
  } finally {
    await handle.close();
  }
}

function hashName(name: string, salt: Buffer): string {
  return `|1|${salt.toString("base64")}|${createHmac("sha1", salt).update(name).digest("base64")}`;
}

function parseKnownHosts(text: string, file: string): KnownKey[] {
  return text.split("\n").flatMap((raw, i) => {
    const words = raw.trim().split(/\s+/);
    if (words[0] === "" || words[0]?.startsWith("#")) return [];
    const marker = words[0] === "@revoked" || words[0] === "@cert-authority" ? words[0] : "";
    if (marker) words.shift();
    const [names, type, key] = words;
    if (!names || !type || !key || names.startsWith("@")) return [];
    const blob = Buffer.from(key, "base64");
    // A damaged key can never equal an offered one; keeping it would report a change where there is a typing error.
    return typeOfBlob(blob) === type ? [{ file, line: i + 1, marker, names, type, blob } as const] : [];
  });
}

function namesMatch(names: string, name: string): boolean {
  if (names.startsWith("|1|")) return hashMatches(names, name);
  let matched = false;
  for (const pattern of names.toLowerCase().split(",")) {
    const negated = pattern.startsWith("!");
    if (!wildcardMatches(negated ? pattern.slice(1) : pattern, name)) continue;
    if (negated) return false;
    matched = true;
  }
  return matched;
}

function hashMatches(hashed: string, name: string): boolean {
  const [, , salt, hash] = hashed.split("|");
  if (!salt || !hash) return false;
  const expected = Buffer.from(hash, "base64");
  const actual = createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest();
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

/** `*` and `?` of ssh; brackets are plain characters there. */
export function wildcardMatches(pattern: string, text: string): boolean {
  if (!/[*?]/.test(pattern)) return pattern === text;
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("?", ".")
    .replace(/\*+/g, ".*");
  return new RegExp(`^${source}$`, "s").test(text);
}

async function readIfThere(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return "";
    // Going on without the known keys would turn a refusal into a question.
    throw badKnownHosts(message, file);
  }
}
