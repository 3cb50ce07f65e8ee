// What the SSH config says about a host, as ssh itself would read it (`ssh -G`), with every token expanded.
import { existsSync } from "node:fs";
import { homedir, hostname as localHostname, userInfo } from "node:os";
import { join } from "node:path";
import { askSsh } from "./askSsh";
import { badAlias } from "./configFailures";
import { readConfigByHand } from "./sshConfigFile";
import { limitsOf } from "./sshLimits";

export interface SshConfigOptions {
  /** null: the user's own config. */
  configFile: string | null;
  /** The ssh program; null where there is none, undefined to look for it. */
  sshProgram?: string | null;
  home?: string;
  signal?: AbortSignal;
}

export type StrictHostKeyChecking = "yes" | "no" | "ask" | "accept-new";

export interface ResolvedHost {
  alias: string;
  hostname: string;
  port: number;
  user: string;
  /** Expanded, and only those that exist. */
  identityFiles: string[];
  identitiesOnly: boolean;
  /** A socket path; null: the one from the environment; "none": do not use an agent. */
  identityAgent: string | null;
  hostKeyAlias: string | null;
  userKnownHostsFiles: string[];
  globalKnownHostsFiles: string[];
  strictHostKeyChecking: StrictHostKeyChecking;
  hashKnownHosts: boolean;
  /** Comma-separated, as written. */
  proxyJump: string | null;
  /** Tokens expanded. */
  proxyCommand: string | null;
  /** Seconds. */
  connectTimeout: number | null;
  /** Seconds; 0: not set. */
  serverAliveInterval: number;
  /** 0: either. */
  addressFamily: 0 | 4 | 6;
  bindAddress: string | null;
  /** Ways to log in that the config leaves on, in its order of preference. */
  methods: AuthMethod[];
  passwordPrompts: number;
  /** Those of `sessionKeywords` that this ssh knows: an older one would refuse a config that names them. */
  sessionKeywords: string[];
  /** Nobody may be asked, whoever started this connection. */
  batchMode: boolean;
  /** Keywords that only the user's own ssh can honour. */
  needs: string[];
  /** What was found and is not honoured, in sentences for the log. */
  notes: string[];
}

/** What would keep a command from its input, from being run, or its ssh from staying. */
const sessionKeywords = ["StdinNull", "ForkAfterAuthentication", "SessionType"];

export type AuthMethod = "publickey" | "password" | "keyboard-interactive";

/** Keys in lower case, as `ssh -G` prints them. */
export type RawConfig = Map<string, string[]>;

export interface HostOverride {
  user?: string;
  port?: number;
}

// What ssh itself refuses in a host name, and everything that a shell or a config pattern would act on.
const forbidden = /[\u0000-\u0020\u007f"'`$\\;&<>|(){},*?!#~^=]/;

export function checkAlias(alias: string): void {
  if (alias === "" || alias.startsWith("-") || alias.length > 255 || forbidden.test(alias)) throw badAlias(alias);
}

export async function resolveHost(
  alias: string,
  options: SshConfigOptions,
  override: HostOverride = {},
): Promise<ResolvedHost> {
  checkAlias(alias);
  if (override.user !== undefined) checkAlias(override.user);
  const program = options.sshProgram === undefined ? findSsh() : options.sshProgram;
  if (program) {
    const ask = (configFile: string | null): Promise<RawConfig> =>
      askSsh(program, alias, { ...options, configFile }, {});
    const system = options.configFile === null ? systemConfigFile() : null;
    const [raw, bare, defaults] = await Promise.all([
      askSsh(program, alias, options, override),
      ask("none"),
      system === null ? null : ask(system),
    ]);
    return interpret(alias, raw, options, [], { bare, system: defaults });
  }
  const { raw, notes } = await readConfigByHand(alias, options.configFile, options.home ?? homedir());
  if (override.user !== undefined) raw.set("user", [override.user]);
  if (override.port !== undefined) raw.set("port", [String(override.port)]);
  return interpret(alias, raw, options, notes, { bare: null, system: null });
}

/** The machine's own config; null where there is none. */
export function systemConfigFile(): string | null {
  const file =
    process.platform === "win32"
      ? join(process.env.ProgramData ?? "C:\\ProgramData", "ssh", "ssh_config")
      : "/etc/ssh/ssh_config";
  return existsSync(file) ? file : null;
}

export function findSsh(): string | null {
  if (process.platform !== "win32") return onPath("ssh");
  // Git for Windows brings an ssh of its own that does not see the system's agent.
  const system = join(process.env.SystemRoot ?? "C:\\Windows", "System32", "OpenSSH", "ssh.exe");
  return existsSync(system) ? system : onPath("ssh.exe");
}

function onPath(name: string): string | null {
  const folders = (process.env.PATH ?? "").split(process.platform === "win32" ? ";" : ":");
  return folders.map((folder) => join(folder || ".", name)).find((path) => existsSync(path)) ?? null;
}

interface Defaults {
  bare: RawConfig | null;
  system: RawConfig | null;
}

async function interpret(
  alias: string,
  raw: RawConfig,
  options: SshConfigOptions,
  notes: string[],
  defaults: Defaults,
): Promise<ResolvedHost> {
  const home = options.home ?? homedir();
  const first = (key: string): string | null => raw.get(key)?.[0] ?? null;
  const given = (key: string): string | null => (first(key)?.toLowerCase() === "none" ? null : first(key));
  const typedHost = alias.slice(alias.lastIndexOf("@") + 1);
  const hostname = expandTokens(first("hostname") ?? typedHost, { "%": "%", h: typedHost, n: typedHost }, home);
  const port = Number(first("port") ?? 22);
  const user = first("user") ?? (alias.includes("@") ? alias.slice(0, alias.lastIndexOf("@")) : userInfo().username);
  checkAlias(hostname);
  const hostKeyAlias = first("hostkeyalias");
  const tokens: Tokens = {
    "%": "%",
    d: home,
    h: hostname,
    i: String(process.getuid?.() ?? 0),
    k: hostKeyAlias ?? typedHost,
    l: localHostname(),
    L: localHostname().split(".")[0] ?? "",
    n: typedHost,
    p: String(port),
    r: user,
    u: userInfo().username,
  };
  const path = (text: string): string => expandTokens(text, tokens, home);
  const paths = (key: string, fallback: string[]): string[] =>
    (raw.get(key) ?? fallback)
      .flatMap(splitPaths)
      .filter((one) => one.toLowerCase() !== "none")
      .map(path);
  const proxyCommand = given("proxycommand");
  const { needs, leftAside } = await limitsOf(raw, defaults.bare, defaults.system);
  if (leftAside.length > 0)
    notes.push(`${leftAside.join(", ")}: this machine's defaults are left to Runside's own SSH for ${alias}.`);
  const agent = first("identityagent");
  return {
    alias,
    hostname,
    port,
    user,
    identityFiles: [...new Set((raw.get("identityfile") ?? defaultIdentities).map((one) => path(unquote(one))))].filter(
      existsSync,
    ),
    identitiesOnly: first("identitiesonly") === "yes",
    identityAgent:
      agent === null || agent === "SSH_AUTH_SOCK" ? null : agent === "none" ? "none" : agentPath(agent, path),
    hostKeyAlias,
    userKnownHostsFiles: paths("userknownhostsfile", ["~/.ssh/known_hosts"]),
    globalKnownHostsFiles: paths("globalknownhostsfile", ["/etc/ssh/ssh_known_hosts"]),
    strictHostKeyChecking: strictness(first("stricthostkeychecking")),
    hashKnownHosts: first("hashknownhosts") === "yes",
    proxyJump: given("proxyjump"),
    proxyCommand: proxyCommand && expandTokens(proxyCommand, tokens, null),
    connectTimeout: Number(given("connecttimeout")) || null,
    serverAliveInterval: Number(first("serveraliveinterval")) || 0,
    addressFamily: first("addressfamily") === "inet" ? 4 : first("addressfamily") === "inet6" ? 6 : 0,
    bindAddress: given("bindaddress"),
    methods: methodsOf(first),
    passwordPrompts: Number(first("numberofpasswordprompts") ?? 3) || 0,
    sessionKeywords: sessionKeywords.filter((key) => raw.has(key.toLowerCase())),
    batchMode: first("batchmode") === "yes",
    needs,
    notes,
  };
}

const defaultIdentities = ["id_rsa", "id_ecdsa", "id_ed25519"].map((name) => `~/.ssh/${name}`);

// Ours asks for a password first: where both are taken, a box that wants a code as well goes on to the dialogue by itself.
const allMethods: readonly AuthMethod[] = ["publickey", "password", "keyboard-interactive"];

function methodsOf(first: (key: string) => string | null): AuthMethod[] {
  const off = (...keys: string[]): boolean => keys.some((key) => first(key) === "no" || first(key) === "false");
  const left = allMethods.filter((method) => {
    if (method === "publickey") return !off("pubkeyauthentication");
    if (method === "password") return !off("passwordauthentication");
    return !off("kbdinteractiveauthentication", "challengeresponseauthentication");
  });
  const preferred = first("preferredauthentications")?.split(",");
  if (!preferred) return left;
  return left.filter((one) => preferred.includes(one)).sort((a, b) => preferred.indexOf(a) - preferred.indexOf(b));
}

function strictness(value: string | null): StrictHostKeyChecking {
  if (value === "yes" || value === "true") return "yes";
  if (value === "no" || value === "off" || value === "false") return "no";
  return value === "accept-new" ? "accept-new" : "ask";
}

/** `$NAME` alone is a variable that names the socket. */
function agentPath(text: string, path: (text: string) => string): string | null {
  const name = /^\$(\w+)$/.exec(unquote(text))?.[1];
  return name ? (process.env[name] ?? null) : path(unquote(text));
}

type Tokens = Readonly<Record<string, string>>;

/** `home` is null where `~` is left alone: in a command it is the shell's. */
export function expandTokens(text: string, tokens: Tokens, home: string | null): string {
  const open = home !== null && /^~(?=[/\\]|$)/.test(text) ? home + text.slice(1) : text;
  return open.replace(/%(.)|\$\{(\w+)\}/g, (whole, token: string | undefined, name: string | undefined) => {
    if (name !== undefined) return home === null ? whole : (process.env[name] ?? whole);
    return tokens[token ?? ""] ?? whole;
  });
}

function unquote(text: string): string {
  return /^".*"$/.test(text) ? text.slice(1, -1) : text;
}

/** `ssh -G` prints several paths on one line and no quotes: a piece that begins like no path belongs to the one before. */
function splitPaths(text: string): string[] {
  if (/^".*"$/.test(text) && !text.slice(1, -1).includes('"')) return [unquote(text)];
  const paths: string[] = [];
  for (const piece of text.split(" ")) {
    if (paths.length === 0 || /^([/~%$]|[A-Za-z]:[\\/]|none$)/.test(piece)) paths.push(unquote(piece));
    else paths[paths.length - 1] += ` ${piece}`;
  }
  return paths.filter((path) => path !== "");
}
