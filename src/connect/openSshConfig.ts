// The config that a child `ssh` reads: what Runside insists on for this one connection, then the user's own, unchanged.
import { homedir } from "node:os";
import type { OwnKnownHosts } from "./openSshKnownHosts";
import { defaultConfigFile } from "./sshConfigFile";
import { systemConfigFile, type ResolvedHost } from "./sshConfig";
import type { Route } from "./sshRoute";
import type { KeepAlive } from "./sshHandshake";

/** The first value that ssh reads wins, so ours stand before the user's; jump hosts read the same file. */
export function openSshConfig(
  route: Route,
  configFile: string | null,
  keepalive: KeepAlive,
  mayAsk: boolean,
  known: OwnKnownHosts,
): string {
  const everywhere = (hop: ResolvedHost): string[] => [
    ...strictLines(hop),
    ...known.linesFor(hop),
    ...hop.sessionKeywords.map((key) => `${key} ${key === "SessionType" ? "default" : "no"}`),
  ];
  const jumps = route.hops.slice(0, -1).flatMap((hop) => block(hop, everywhere(hop)));
  const seconds = Math.max(1, Math.round(keepalive.intervalMs / 1000));
  const box = [
    ...everywhere(route.box),
    `ServerAliveInterval ${seconds}`,
    // ssh gives up when one more than this many are unanswered.
    `ServerAliveCountMax ${Math.max(1, keepalive.count - 1)}`,
    "TCPKeepAlive yes",
    "RemoteCommand none",
    "RequestTTY no",
    "PermitLocalCommand no",
    "ForwardAgent no",
    "ForwardX11 no",
    "Tunnel no",
    // Ports forwarded in the config belong to the user's own terminal, which may hold them already.
    "ClearAllForwardings yes",
    "ControlPersist no",
    ...(mayAsk ? [] : ["BatchMode yes"]),
  ];
  const system = systemConfigFile();
  const own = configFile !== null ? [configFile] : [defaultConfigFile(homedir()), ...(system ? [system] : [])];
  return [
    "# Written by Runside for one connection.",
    ...jumps,
    ...block(route.box, box),
    "Match all",
    ...own.map((file) => `Include "${file}"`),
    "",
  ].join("\n");
}

/** A changed host key is refused whatever the config says; unknown ones may be taken unasked. */
function strictLines(host: ResolvedHost): string[] {
  return host.strictHostKeyChecking === "no" ? ["StrictHostKeyChecking accept-new"] : [];
}

function block(host: ResolvedHost, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  // ssh matches what stands behind the "@".
  return [`Host ${host.alias.slice(host.alias.lastIndexOf("@") + 1)}`, ...lines.map((line) => `  ${line}`)];
}
