// From what a person chose (a host of the SSH config, or this machine) to a connection. The one door for the rest of the host.
import type { Logger } from "../../core/base/logger";
import type { AgentFile } from "./agentInstall";
import { createConnection, type Connection } from "./connection";
import { LocalTransport } from "./localTransport";
import type { NodeSupply } from "./nodeSource";
import type { ConnectPrompts } from "./prompts";
import type { SshConfigOptions } from "./sshConfig";
import { Credentials } from "./credentials";
import type { KeepAlive } from "./sshHandshake";
import type { TransportChoice } from "./transportChoice";

export type BoxTarget = { kind: "local" } | { kind: "ssh"; alias: string; config: SshConfigOptions };

export interface BoxOptions {
  target: BoxTarget;
  agent: AgentFile;
  /** The box's folder from the settings; null: `$RUNSIDE_HOME` or `~/.runside` there. */
  remoteHome: string | null;
  /** The box's folder of GPU locks from the settings. */
  locksFolder?: string | null;
  /** Where a Node.js for boxes without one comes from; none is brought unless given. */
  supply?: NodeSupply | null;
  prompts: ConnectPrompts;
  logger: Logger;
  /** What child processes on this machine see; the editor's own unless given. */
  env?: NodeJS.ProcessEnv;
  /** SSH_AUTH_SOCK unless given; null for none. */
  agentSocket?: string | null;
  handshakeTimeoutMs?: number;
  keepalive?: KeepAlive;
  /** One for all boxes of a window, so that a key's passphrase is asked once; its own unless given. */
  credentials?: Credentials;
  transport?: TransportChoice;
  shared?: boolean;
  backoffMs?: readonly number[];
}

export function connectBox(options: BoxOptions): Connection {
  const { target, agent, remoteHome, locksFolder, supply, prompts, logger, backoffMs } = options;
  const shared = { agent, remoteHome, locksFolder, supply, prompts, logger, backoffMs };
  if (target.kind === "local") {
    return createConnection({
      ...shared,
      label: "This machine",
      open: () => Promise.resolve(new LocalTransport(options.env)),
    });
  }
  const { alias, config } = target;
  const { agentSocket, handshakeTimeoutMs, keepalive, transport, shared: oneLogin } = options;
  const credentials = options.credentials ?? new Credentials();
  const lastRoute = { route: null };
  const how = { lastRoute, alias, config, credentials, logger, agentSocket, handshakeTimeoutMs, keepalive, transport };
  return createConnection({
    ...shared,
    label: alias,
    open: async (context) => {
      // Loaded with the first connection: it would be two thirds of what activating the extension costs.
      const { connectHost } = await import("./transportChoice");
      return connectHost({ ...how, shared: oneLogin, ...context });
    },
  });
}
