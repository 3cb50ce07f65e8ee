// Who we are.
import { cpus, homedir, hostname, userInfo } from "node:os";
import type { agent } from "../../core/protocol/agent";
import { protocolVersion } from "../../core/protocol/catalogue";
import type { Handlers } from "../../core/protocol/define";
import type { Home } from "../disk/home";
import { agentVersion } from "../version";

export function agentHandlers(home: Home): Handlers<typeof agent> {
  return {
    hello: () => ({
      protocol: protocolVersion,
      version: agentVersion,
      pid: process.pid,
      node: process.version,
      platform: process.platform,
      arch: process.arch,
      hostname: hostname(),
      user: userName(),
      home: homedir(),
      runsideHome: home.root,
      cpus: cpus().length,
    }),
    ping: () => ({ at: Date.now() }),
  };
}

/** A container's uid may have no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "");
  }
}
