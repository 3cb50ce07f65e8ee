// From what a person chose (a host of the SSH config, or this machine) to a connection. The one door for the rest of the host.
import type { Logger } from "../../core/base/logger";
import type { AgentFile } from "./agentInstall";
import { createConnection, type Connection } from "./connection";
import { LocalTransport } from "./localTransport";
import type { ConnectPrompts } from "./prompts";
import type { SshConfigOptions } from "./sshConfig";
import type { Credentials } from "./sshLogin";

export type BoxTarget = { kind: "local" } | { kind: "ssh"; alias: string; config: SshConfigOptions };

export interface BoxOptions {
  target: BoxTarget;
  agent: AgentFile;
  /** The box's folder from the settings; null: `$RUNSIDE_HOME` or `~/.runside` there. */
  remoteHome: string | null;
  prompts: ConnectPrompts;
  logger: Logger;
  /** What child processes on this machine see; the editor's own unless given. */
  env?: NodeJS.ProcessEnv;
  /** SSH_AUTH_SOCK unless given; null for none. */
  agentSocket?: string | null;
  handshakeTimeoutMs?: number;
  keepalive?: { intervalMs: number; count: number };
  backoffMs?: readonly number[];
}

export function connectBox(options: BoxOptions): Connection {
  const { target, agent, remoteHome, prompts, logger, backoffMs } = options;
  const shared = { agent, remoteHome, prompts, logger, backoffMs };
  if (target.kind === "local") {
    return createConnection({
      ...shared,
      label: "This machine",
      open: () => Promise.resolve(new LocalTransport(options.env)),
    });
  }
  const { alias, config } = target;
  const { agentSocket, handshakeTimeoutMs, keepalive } = options;
  let credentials: Credentials | null = null;
  return createConnection({
    ...shared,
    label: alias,
    open: async (context) => {
      // Loaded with the first connection: it would be two thirds of what activating the extension costs.
      const [{ connectSsh }, login] = await Promise.all([import("./sshClient"), import("./sshLogin")]);
      credentials ??= new login.Credentials();
      return connectSsh({ alias, config, credentials, logger, agentSocket, handshakeTimeoutMs, keepalive, ...context });
    },
  });
}
