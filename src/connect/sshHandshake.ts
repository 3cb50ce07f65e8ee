// One SSH handshake and login over an open stream. Ends with a ready client, or with the host key that stopped it.
import { Client, type AnyAuthMethod, type ConnectConfig } from "ssh2";
import { cancelled } from "../../core/base/errors";
import type { Logger } from "../../core/base/logger";
import type { Credentials } from "./credentials";
import { noCommonAlgorithm, unreachable } from "./failures";
import { plainNameOf, type HostKeyVerdict, type KnownHosts } from "./hostKeys";
import type { ConnectPrompts } from "./prompts";
import type { ResolvedHost, SshConfigOptions } from "./sshConfig";
import type { Login } from "./sshLogin";
import type { SshStream } from "./sshStream";

export interface SshOptions {
  alias: string;
  config: SshConfigOptions;
  /** null: nobody may be asked now, as in a reconnect. */
  prompts: ConnectPrompts | null;
  credentials: Credentials;
  logger: Logger;
  signal?: AbortSignal;
  /** SSH_AUTH_SOCK unless given; null for none. */
  agentSocket?: string | null;
  handshakeTimeoutMs?: number;
  keepalive?: KeepAlive;
  onProgress?: (message: string) => void;
}

export interface KeepAlive {
  intervalMs: number;
  /** After so many intervals without an answer the link counts as cut. */
  count: number;
}

/** 12 s: a stalled link is to be noticed within 15. */
export const usualKeepAlive: KeepAlive = { intervalMs: 4000, count: 3 };

/** A config that asks more often is followed. */
export function keepAliveFor(host: ResolvedHost, wanted: KeepAlive | undefined): KeepAlive {
  const usual = wanted ?? usualKeepAlive;
  const own = host.serverAliveInterval * 1000;
  return own > 0 && own < usual.intervalMs ? { ...usual, intervalMs: own } : usual;
}

/** What the config asks for and the link does not do, in words for the log. */
export function keepAliveNotes(host: ResolvedHost, wanted: KeepAlive | undefined): string[] {
  const { intervalMs, count } = wanted ?? usualKeepAlive;
  const [ours, own] = [intervalMs / 1000, host.serverAliveInterval];
  if (own <= ours) return [];
  return [
    `${host.alias}: ServerAliveInterval ${own} is not used: Runside asks every ${ours} s, so that a stalled link is noticed after ${ours * count} s`,
  ];
}

export interface OfferedKey {
  blob: Buffer;
  verdict: HostKeyVerdict;
}

export type HandshakeResult = { kind: "ready"; client: Client } | { kind: "stopped"; key: OfferedKey };

export interface HandshakeInput {
  host: ResolvedHost;
  stream: SshStream;
  known: KnownHosts;
  /** The name to look up in known_hosts. */
  name: string;
  login: Login;
  options: SshOptions;
  signal: AbortSignal;
}

export function handshake(input: HandshakeInput): Promise<HandshakeResult> {
  const { host, stream, known, name, login, options, signal } = input;
  const client = new Client();
  let offered: OfferedKey | null = null;
  let keysAgreed = false;

  /** Never async: ssh2 takes a promise for a yes. Never asks: ssh2 calls it again at every rekey. */
  const hostVerifier = (blob: Buffer, verify: (accepted: boolean) => void): void => {
    const verdict = known.check(name, blob, plainNameOf(host));
    offered ??= { blob: Buffer.from(blob), verdict };
    verify(verdict.kind === "ok");
  };

  return new Promise<HandshakeResult>((resolve, reject) => {
    const abort = (): void => fail(cancelled());
    const fail = (error: Error): void => {
      signal.removeEventListener("abort", abort);
      reject(error);
      stream.dispose();
    };
    const ended = (error: SshError): void => {
      signal.removeEventListener("abort", abort);
      if (offered && offered.verdict.kind !== "ok") resolve({ kind: "stopped", key: offered });
      else if (keysAgreed && (login.declined || isRefusal(error))) fail(login.failure());
      else if (/^Handshake failed: no matching/.test(error.message)) fail(noCommonAlgorithm(host.alias, error.message));
      else if (stream.proxyError) void stream.proxyError().then(fail);
      else fail(unreachable(host.alias, `${host.hostname}:${host.port}`, error));
    };
    client.on("handshake", () => (keysAgreed = true));
    client.on("error", (error: SshError) => {
      // An agent that cannot sign with one key is no reason to give up: ssh2 goes on with the next method.
      if (error.level !== "agent") ended(error);
      else options.logger.log("info", "connect", `a key for ${host.alias} was skipped: ${error.message}`);
    });
    client.on("close", () => ended(new Error("it closed the connection")));
    client.on("ready", () => {
      signal.removeEventListener("abort", abort);
      login.succeeded();
      client.removeAllListeners();
      client.on("error", () => undefined);
      resolve({ kind: "ready", client });
    });
    // Nagle's delay would make an answer take 44 ms instead of 0.33 ms.
    client.on("connect", () => client.setNoDelay(true));
    signal.addEventListener("abort", abort);
    if (signal.aborted) abort();
    else client.connect(connectConfig(input, hostVerifier, fail));
  });
}

type SshError = Error & { level?: string; code?: unknown };

/** RFC 4253, 11.1: a cancelled login, no more methods, an illegal user name. OpenSSH says it in words alone. */
const refusals: readonly unknown[] = [13, 14, 15];

/** Told from a link that was cut in the middle of a login: nothing more to offer, or the box hung up because of what was offered. */
function isRefusal({ level, code, message }: SshError): boolean {
  if (level !== undefined) return level === "client-authentication";
  return (
    refusals.includes(code) || (typeof code === "number" && /authentication|password|login attempts/i.test(message))
  );
}

type HostVerifier = (blob: Buffer, verify: (accepted: boolean) => void) => void;

function connectConfig(input: HandshakeInput, hostVerifier: HostVerifier, fail: (error: Error) => void): ConnectConfig {
  const { host, stream, known, name, login, options } = input;
  const { intervalMs, count } = keepAliveFor(host, options.keepalive);
  return {
    sock: stream.sock,
    username: host.user,
    hostVerifier,
    algorithms: { serverHostKey: known.preferredAlgorithms(name, plainNameOf(host)) },
    // It would run while a person looks for their phone; `PausableTimer` does not.
    readyTimeout: 0,
    keepaliveInterval: intervalMs,
    // ssh2 gives up when one more than this many are unanswered.
    keepaliveCountMax: Math.max(0, count - 1),
    debug: (line) => login.watchDebug(line),
    authHandler: (_left, partial, next) => {
      login.next(partial === true).then(
        // ssh2 takes false as "nothing more to try"; its types do not know.
        (method) => next(method as AnyAuthMethod),
        fail,
      );
    },
  };
}
