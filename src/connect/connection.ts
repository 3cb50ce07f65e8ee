// A box that stays connected: opens the way, starts the agent, and does both again after a cut, until somebody must decide.
import { Emitter, type Event } from "../../core/base/emitter";
import { asRunsideError, cancelled, isError, RunsideError } from "../../core/base/errors";
import type { Logger } from "../../core/base/logger";
import { agent as agentArea } from "../../core/protocol/agent";
import type { Peer } from "../../core/rpc/peer";
import type { AgentFile } from "./agentInstall";
import { isPassing, openAgent, within, type AgentHello, type AgentSession } from "./agentSession";
import { agentCrashed, cutAgain, isCut } from "./failures";
import type { NodeSupply } from "./nodeSource";
import type { ConnectPrompts } from "./prompts";
import type { Transport } from "./transport";

export type ConnectionPhase = "connecting" | "connected" | "lost" | "failed" | "closed";

export interface ConnectionState {
  state: ConnectionPhase;
  since: number;
  /** One sentence for the status item. */
  message: string;
  error: RunsideError | null;
}

export interface OpenContext {
  /** null: nobody may be asked, because nobody asked for this attempt. */
  prompts: ConnectPrompts | null;
  signal: AbortSignal;
  onProgress(message: string): void;
}

export interface ConnectionOptions {
  label: string;
  open(context: OpenContext): Promise<Transport>;
  agent: AgentFile;
  remoteHome: string | null;
  locksFolder?: string | null;
  supply?: NodeSupply | null;
  prompts: ConnectPrompts;
  logger: Logger;
  backoffMs?: readonly number[];
}

const BACKOFF_MS = [500, 1000, 2000, 4000, 8000, 16_000, 30_000];
/** A link that lasted this long was a good one: the next cut starts with the short waits again. */
const STEADY_MS = 10_000;
const MAX_CRASHES = 5;
const CHECK_MS = 3000;

export class Connection {
  private current: ConnectionState;
  private readonly stateEmitter = new Emitter<ConnectionState>();
  private readonly peerEmitter = new Emitter<Peer>();
  readonly onState: Event<ConnectionState> = this.stateEmitter.event;
  /** A fresh Peer after each (re)connect. */
  readonly onPeer: Event<Peer> = this.peerEmitter.event;

  /** The agent's answer to who it is; null until connected for the first time. */
  hello: AgentHello | null = null;

  private transport: Transport | null = null;
  private session: AgentSession | null = null;
  private attempt: AbortController | null = null;
  private timer: NodeJS.Timeout | null = null;
  private failures = 0;
  private crashes = 0;
  /** Since a person asked. */
  private cutBefore = false;
  private nodeAgreed = false;

  constructor(private readonly options: ConnectionOptions) {
    this.current = { state: "connecting", since: Date.now(), message: `Connecting to ${options.label}`, error: null };
  }

  get state(): ConnectionState {
    return this.current;
  }

  get label(): string {
    return this.options.label;
  }

  /** The Peer as soon as there is one; rejects when only a person can help, or when the connection was closed. */
  peer(signal?: AbortSignal): Promise<Peer> {
    return new Promise((resolve, reject) => {
      const settle = (): boolean => {
        const { state, error } = this.current;
        if (state === "connected" && this.session) resolve(this.session.peer);
        else if (state === "failed") reject(error ?? new RunsideError("connect/lost", this.current.message));
        else if (state === "closed")
          reject(new RunsideError("rpc/closed", `The connection to ${this.label} was closed.`));
        else return false;
        return true;
      };
      if (settle()) return;
      const abort = (): void => {
        listening.dispose();
        reject(cancelled());
      };
      const listening = this.onState(() => {
        if (!settle()) return;
        listening.dispose();
        signal?.removeEventListener("abort", abort);
      });
      signal?.addEventListener("abort", abort);
      if (signal?.aborted) abort();
    });
  }

  /** A person asked: now, and with questions. */
  retry(): void {
    const { state } = this.current;
    if (state === "connected" || state === "closed") return;
    this.failures = 0;
    this.crashes = 0;
    this.cutBefore = false;
    this.nodeAgreed = false;
    void this.connect(this.options.prompts);
  }

  /** After sleep or a change of networks: a link that does not answer in three seconds is cut, so that it is made anew. */
  async check(): Promise<boolean> {
    const { session, transport } = this;
    if (this.current.state !== "connected" || !session) return false;
    try {
      await within(session.peer.request(agentArea.ping, {}), CHECK_MS, this.label);
      return true;
    } catch {
      if (this.session === session) this.lost("it did not answer", transport);
      return false;
    }
  }

  /** Training goes on; only this window's end of the line is put down. */
  async close(): Promise<void> {
    if (this.current.state === "closed") return;
    this.stopWaiting();
    this.attempt?.abort();
    const { session, transport } = this;
    this.session = null;
    this.transport = null;
    this.enter("closed", `Disconnected from ${this.label}`);
    this.stateEmitter.dispose();
    this.peerEmitter.dispose();
    await session?.close();
    transport?.dispose();
  }

  private async connect(prompts: ConnectPrompts | null): Promise<void> {
    this.stopWaiting();
    this.attempt?.abort();
    const attempt = new AbortController();
    this.attempt = attempt;
    const again = this.hello !== null;
    this.enter("connecting", `${again ? "Reconnecting" : "Connecting"} to ${this.label}`);
    const onProgress = (message: string): void => {
      if (this.attempt === attempt) this.enter("connecting", message);
    };
    try {
      const session = await this.openSession(attempt.signal, prompts, onProgress);
      if (attempt.signal.aborted) return void session.close();
      this.connected(session);
    } catch (error) {
      // A newer attempt, or the end, took over.
      if (attempt.signal.aborted) return;
      this.failed(asRunsideError(error));
    } finally {
      if (this.attempt === attempt) this.attempt = null;
    }
  }

  private async openSession(
    signal: AbortSignal,
    prompts: ConnectPrompts | null,
    onProgress: (message: string) => void,
  ): Promise<AgentSession> {
    // An agent that crashed is started again over the same login, which may have cost a one-time code.
    let transport = this.transport;
    if (!transport || transport.closed) {
      transport = await this.options.open({ prompts, signal, onProgress });
      if (signal.aborted) {
        transport.dispose();
        throw cancelled();
      }
      this.transport = transport;
    }
    const { agent, remoteHome, locksFolder, supply, logger } = this.options;
    const asked = this.promptsForNode(prompts);
    return openAgent({ transport, agent, remoteHome, locksFolder, supply, prompts: asked, logger, signal, onProgress });
  }

  /** Asked once: a person's yes holds for the attempt that follows a cut, too. */
  private promptsForNode(prompts: ConnectPrompts | null): ConnectPrompts | null {
    if (!prompts) return this.nodeAgreed ? { ...this.options.prompts, bringNode: () => Promise.resolve(true) } : null;
    const bringNode: ConnectPrompts["bringNode"] = async (question) =>
      (this.nodeAgreed = await prompts.bringNode(question));
    return { ...prompts, bringNode };
  }

  private connected(session: AgentSession): void {
    const startedAt = Date.now();
    this.session = session;
    this.hello = session.hello;
    this.enter("connected", `Connected to ${this.label}`);
    void session.ended.then((words) => {
      if (this.session !== session) return;
      if (Date.now() - startedAt >= STEADY_MS) {
        this.failures = 0;
        this.crashes = 0;
      }
      const byItself = this.transport !== null && !this.transport.closed;
      if (byItself && ++this.crashes > MAX_CRASHES) {
        this.session = null;
        this.failed(agentCrashed(this.label, words), true);
      } else this.lost(byItself ? `the agent: ${words}` : "the link was cut", byItself ? null : this.transport);
    });
    this.peerEmitter.fire(session.peer);
  }

  private lost(reason: string, broken: Transport | null): void {
    const session = this.session;
    this.session = null;
    session?.peer.dispose();
    if (broken && broken === this.transport) this.transport = null;
    broken?.dispose();
    this.options.logger.log("warn", "connect", `${this.label}: ${reason}`);
    this.waitAndRetry(reason);
  }

  private failed(error: RunsideError, final = false): void {
    this.options.logger.log("warn", "connect", `${this.label}: ${error.message}`);
    // The first connection is a person's wish and fails in front of them; later ones are ours to repeat, and so is, once, a
    // first one that was cut when the box had let us in.
    const cut = isCut(error);
    const mayRepeat = this.hello !== null ? isPassing(error) : cut && !this.cutBefore;
    const repeat = mayRepeat && !final && this.crashes <= MAX_CRASHES;
    this.cutBefore ||= cut;
    if (isError(error, "agent/crashed")) this.crashes++;
    if (repeat) return this.waitAndRetry(cut ? String(error.data["reason"]) : error.message);
    const shown = cut ? cutAgain(this.label, String(error.data["reason"])) : error;
    this.enter("failed", shown.message, shown);
  }

  private waitAndRetry(reason: string): void {
    const waits = this.options.backoffMs ?? BACKOFF_MS;
    const wait = waits[Math.min(this.failures++, waits.length - 1)] ?? 30_000;
    this.enter("lost", `Lost ${this.label} (${reason}); trying again in ${Math.max(1, Math.round(wait / 1000))} s`);
    this.timer = setTimeout(() => void this.connect(null), wait);
  }

  private stopWaiting(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }

  private enter(state: ConnectionPhase, message: string, error: RunsideError | null = null): void {
    if (this.current.state === "closed") return;
    const since = this.current.state === state ? this.current.since : Date.now();
    this.current = { state, since, message, error };
    this.stateEmitter.fire(this.current);
  }
}

export function createConnection(options: ConnectionOptions): Connection {
  const connection = new Connection(options);
  connection.retry();
  return connection;
}
