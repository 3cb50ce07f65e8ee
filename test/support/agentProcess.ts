// A built agent as a child process with a peer on its channel, and a link of the host's services that starts another one
// when it is killed.
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { Emitter } from "../../core/base/emitter";
import { Peer } from "../../core/rpc/peer";
import { createWire } from "../../src/connect/wire";
import type { BoxLink, LinkStatus } from "../../src/runs/box";
import { agentNode, builtAgent } from "./builtAgent";
import { atEnd } from "./tempFolder";

export interface AgentProcess {
  child: ChildProcessWithoutNullStreams;
  peer: Peer;
  ready: string;
  /** What it wrote to stderr so far. */
  log(): string;
  kill(): Promise<void>;
}

/** `file`: the agent where it lies installed; else the one that was built. */
export async function startAgent(home: string, env: NodeJS.ProcessEnv = {}, file?: string): Promise<AgentProcess> {
  const agent = file ?? (await builtAgent());
  const child = spawn(agentNode, [agent, "serve", "--token", "t0ken"], {
    env: { ...process.env, RUNSIDE_HOME: home, ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (piece: Buffer) => (said += piece.toString()));
  const ended = once(child, "close");
  const ready = await firstLine(child);
  const { reader, writer } = createWire(child.stdout, child.stdin);
  const peer = new Peer(reader, writer);
  child.once("close", () => peer.dispose());
  peer.listen();
  // Reading was paused behind the ready line.
  child.stdout.resume();
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
  };
  atEnd(kill);
  return { child, peer, ready, log: () => said, kill };
}

function firstLine(child: ChildProcessWithoutNullStreams): Promise<string> {
  return new Promise((resolve, reject) => {
    let seen: Buffer = Buffer.alloc(0);
    const take = (piece: Buffer): void => {
      seen = Buffer.concat([seen, piece]);
      const end = seen.indexOf(10);
      if (end < 0) return;
      child.stdout.off("data", take);
      child.stdout.pause();
      if (end + 1 < seen.length) child.stdout.unshift(seen.subarray(end + 1));
      resolve(seen.toString("utf8", 0, end));
    };
    child.stdout.on("data", take);
    child.once("close", (code) => reject(new Error(`the agent ended with ${String(code)} before it was ready`)));
  });
}

export interface TestLink extends BoxLink {
  /** Kills the agent as a box does, without a word, and starts another. */
  restart(whileDown?: () => Promise<void> | void): Promise<void>;
  readonly agent: AgentProcess;
}

/** What the services need of a connection, over plain pipes. */
export async function linkToAgent(home: string): Promise<TestLink> {
  const peers = new Emitter<Peer>();
  const statuses = new Emitter<LinkStatus>();
  let status: LinkStatus = { state: "connected", since: Date.now(), seenAt: null, message: null };
  let agent = await startAgent(home);
  let current: Peer | null = agent.peer;
  const set = (state: LinkStatus["state"]): void => {
    status = { state, since: Date.now(), seenAt: null, message: null };
    statuses.fire(status);
  };
  return {
    get status() {
      return status;
    },
    get current() {
      return current;
    },
    get agent() {
      return agent;
    },
    onStatus: statuses.event,
    onPeer: peers.event,
    peer: () => (current ? Promise.resolve(current) : Promise.reject(new Error("the agent is down"))),
    retry: () => undefined,
    check: () => undefined,
    disconnect: () => agent.kill(),
    close: () => agent.kill(),
    dispose: () => void agent.kill(),
    async restart(whileDown) {
      current = null;
      set("lost");
      await agent.kill();
      await whileDown?.();
      agent = await startAgent(home);
      current = agent.peer;
      set("connected");
      peers.fire(agent.peer);
    },
  };
}
