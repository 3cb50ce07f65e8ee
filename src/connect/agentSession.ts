// A started agent: greetings thrown away up to its ready line, then a Peer on the same pipe, and who it says it is.
import { randomBytes } from "node:crypto";
import type { Readable } from "node:stream";
import type * as z from "zod/mini";
import { cancelled, isError, type RunsideError } from "../../core/base/errors";
import { agent as agentArea } from "../../core/protocol/agent";
import { protocolVersion } from "../../core/protocol/catalogue";
import { Peer } from "../../core/rpc/peer";
import { absentLine, installAgent, startAgent, type InstallOptions } from "./agentInstall";
import { followAgentLog, type AgentLog } from "./agentLog";
import { agentCrashed, agentMismatch, agentSilent, connectionLost } from "./failures";
import type { ExecChannel } from "./transport";
import { createWire } from "./wire";

export type AgentHello = z.infer<typeof agentArea.hello.result>;

export interface AgentSession {
  peer: Peer;
  hello: AgentHello;
  /** The agent's end, with what it said last. */
  ended: Promise<string>;
  /** Lets the agent end by itself, at most two seconds. */
  close(): Promise<void>;
}

export interface AgentOptions extends InstallOptions {
  readyTimeoutMs?: number;
}

const READY_MS = 20_000;
const CLOSE_MS = 2_000;
const MAX_GREETING = 1 << 20;

/** Starts what is installed; if that does not come up, looks after the installation and tries once more. */
export async function openAgent(options: AgentOptions): Promise<AgentSession> {
  options.onProgress?.(`Starting the agent on ${options.transport.label}`);
  const first = await tryStart(options);
  if (first.session) return first.session;
  if (!first.absent) options.logger.log("warn", "connect", `the installed agent did not start: ${first.reason}`);
  await installAgent(options);
  options.onProgress?.(`Starting the agent on ${options.transport.label}`);
  const second = await tryStart(options);
  if (second.session) return second.session;
  throw agentCrashed(options.transport.label, second.reason);
}

type Started = { session: AgentSession } | { session: null; absent: boolean; reason: string };

async function tryStart(options: AgentOptions): Promise<Started> {
  const token = randomBytes(12).toString("hex");
  const { transport, signal } = options;
  const channel = await startAgent(options, token);
  const log = followAgentLog(channel.stderr, options.logger);
  channel.stdin.on("error", () => undefined);
  try {
    const ready = await readReadyLine(channel, token, options.readyTimeoutMs ?? READY_MS, signal);
    if (ready.kind === "ready") {
      if (ready.protocol !== protocolVersion) throw agentMismatch(transport.label, ready.protocol, protocolVersion);
      return { session: await shakeHands(options, channel, log) };
    }
    channel.kill();
    if (transport.closed) throw connectionLost(transport.label, "while the agent was starting");
    const reason =
      log.lastWords() || (ready.kind === "silent" ? "it did not say that it is ready" : "it ended at once");
    return { session: null, absent: ready.kind === "absent", reason };
  } catch (error) {
    channel.kill();
    throw error;
  }
}

async function shakeHands(options: AgentOptions, channel: ExecChannel, log: AgentLog): Promise<AgentSession> {
  const { transport, logger } = options;
  const { reader, writer } = createWire(channel.stdout, channel.stdin);
  const peer = new Peer(reader, writer, logger);
  const ended = channel.exit.then(({ code, signal }) => {
    peer.dispose();
    if (transport.closed) return "";
    const how = signal ? `it was ended by ${signal}` : `it ended with code ${code ?? "unknown"}`;
    return log.lastWords() ? `${how}, saying "${log.lastWords()}"` : how;
  });
  peer.listen();
  // Reading was paused behind the ready line.
  channel.stdout.resume();
  const close = async (): Promise<void> => {
    peer.dispose();
    channel.stdin.end();
    await Promise.race([channel.exit, pause(CLOSE_MS)]);
    channel.kill();
  };
  try {
    const asked = peer.request(agentArea.hello, { protocol: protocolVersion });
    const hello = await within(asked, options.readyTimeoutMs ?? READY_MS, transport.label, options.signal);
    if (hello.protocol !== protocolVersion) throw agentMismatch(transport.label, hello.protocol, protocolVersion);
    return { peer, hello, ended, close };
  } catch (error) {
    peer.dispose();
    if (!isError(error, "rpc/closed")) throw error;
    if (transport.closed) throw connectionLost(transport.label, "while the agent was starting");
    throw agentCrashed(transport.label, await Promise.race([ended, pause(200).then(() => log.lastWords())]));
  }
}

type Ready = { kind: "ready"; protocol: number } | { kind: "absent" | "ended" | "silent" };

/** Everything before the ready line is what a login shell says to people. What follows it stays in the stream. */
function readReadyLine(channel: ExecChannel, token: string, limit: number, signal?: AbortSignal): Promise<Ready> {
  const { stdout } = channel;
  const mark = Buffer.from(`runside-agent-ready ${token} `);
  const absent = Buffer.from(absentLine(token));
  let seen: Buffer = Buffer.alloc(0);
  return new Promise<Ready>((resolve, reject) => {
    const finish = (act: () => void): void => {
      clearTimeout(timer);
      stdout.off("data", take);
      stdout.pause();
      signal?.removeEventListener("abort", abort);
      act();
    };
    const abort = (): void => finish(() => reject(cancelled()));
    const timer = setTimeout(() => finish(() => resolve({ kind: "silent" })), limit);
    const take = (piece: Buffer): void => {
      seen = Buffer.concat([seen, piece]);
      const at = seen.indexOf(mark);
      const end = at < 0 ? -1 : seen.indexOf(10, at);
      if (end >= 0) {
        const protocol = Number(seen.toString("latin1", at + mark.length, end).trim());
        return finish(() => {
          putBack(stdout, seen.subarray(end + 1));
          resolve({ kind: "ready", protocol });
        });
      }
      if (seen.includes(absent)) return finish(() => resolve({ kind: "absent" }));
      if (at < 0 && seen.length > MAX_GREETING) seen = seen.subarray(-mark.length);
    };
    stdout.on("data", take);
    signal?.addEventListener("abort", abort);
    if (signal?.aborted) abort();
    void channel.exit.then(() => finish(() => resolve({ kind: "ended" })));
  });
}

function putBack(stdout: Readable, bytes: Buffer): void {
  if (bytes.length > 0) stdout.unshift(bytes);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

/** An aborted request still waits for its answer, and a dead link brings none. */
export function within<T>(work: Promise<T>, ms: number, label: string, signal?: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(cancelled());
    const timer = setTimeout(() => reject(agentSilent(label, ms / 1000)), ms);
    signal?.addEventListener("abort", abort);
    if (signal?.aborted) abort();
    work.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    });
  });
}

/** Worth another try by itself: nothing that a person must decide or repair. */
export function isPassing(error: RunsideError): boolean {
  const passing = ["connect/unreachable", "connect/lost", "agent/crashed", "rpc/closed", "rpc/timeout"];
  return passing.includes(error.code);
}
