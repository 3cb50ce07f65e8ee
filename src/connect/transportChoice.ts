// Which way to a box: our own SSH, the fastest to connect, or the user's `ssh` for what ours cannot do.
import { existsSync } from "node:fs";
import { isError, messageOf, type RunsideError } from "../../core/base/errors";
import { agentIdentities, needsOpenSsh } from "./agentQuery";
import { sshConfigBroken } from "./configFailures";
import { noSshProgram } from "./failures";
import { KnownHosts, nameOf } from "./hostKeys";
import { connectOpenSsh } from "./openSshClient";
import { connectSsh } from "./sshClient";
import { findSsh, type ResolvedHost } from "./sshConfig";
import { keepAliveNotes, type SshOptions } from "./sshHandshake";
import { defaultAgentSocket, publicTypeOf } from "./sshKeys";
import { resolveRoute, type Route } from "./sshRoute";
import type { Transport } from "./transport";

export type TransportChoice = "auto" | "ssh2" | "openssh";

export interface HostOptions extends SshOptions {
  transport?: TransportChoice;
  /** What the box was last reached by, for a reconnect while the config cannot be read. */
  lastRoute?: { route: Route | null };
  /** For `openssh`: false makes every command log in by itself, as on Windows. */
  shared?: boolean;
}

export async function connectHost(options: HostOptions): Promise<Transport> {
  const { alias, logger, prompts, config, signal, lastRoute } = options;
  let trouble: unknown = null;
  const route = await resolveRoute(alias, { ...config, signal }).catch((error: unknown) => {
    // Who asks for a connection is told about the config.
    if (!lastRoute?.route || prompts !== null || signal?.aborted) throw error;
    logger.log("warn", "connect", `${alias}: by what the SSH config said before, because: ${messageOf(error)}`);
    trouble = error;
    return lastRoute.route;
  });
  try {
    const transport = await connectBy(route, options);
    if (lastRoute) lastRoute.route = route;
    return transport;
  } catch (error) {
    // The user's own ssh reads the config itself.
    throw trouble !== null && isError(error, "connect/bad-config") ? sshConfigBroken(error) : error;
  }
}

async function connectBy(route: Route, options: HostOptions): Promise<Transport> {
  const { alias, logger } = options;
  route.hops.flatMap((hop) => hop.notes).forEach((note) => logger.log("warn", "connect", note));
  keepAliveNotes(route.box, options.keepalive).forEach((note) => logger.log("info", "connect", note));
  const choice = options.transport ?? "auto";
  const reasons = choice === "openssh" ? ["the setting runside.transport"] : await reasonsForOpenSsh(route, options);
  const program = options.config.sshProgram === undefined ? findSsh() : options.config.sshProgram;
  if (choice === "openssh" && program === null) throw noSshProgram(alias, "runside.transport is openssh");
  if (choice !== "ssh2" && reasons.length > 0 && program !== null) {
    logger.log("info", "connect", `${alias}: by the user's own ssh, because of ${reasons.join(", ")}`);
    return connectOpenSsh(route, { ...options, program });
  }
  // What was asked for and cannot be done is said by name.
  const without = choice === "ssh2" ? "runside.transport is ssh2" : "there is no ssh program";
  for (const reason of reasons) logger.log("warn", "connect", `${alias}: ${reason} is not used, because ${without}`);
  try {
    return await connectSsh(route, options);
  } catch (error) {
    if (choice !== "auto" || program === null || !lacksAlgorithm(error)) throw error;
    logger.log("info", "connect", `${alias}: by the user's own ssh, because ${error.message}`);
    return connectOpenSsh(route, { ...options, program });
  }
}

const lacksAlgorithm = (error: unknown): error is RunsideError =>
  isError(error, "connect/unreachable") && error.data["reason"] === "algorithms";

/** In words for the log; empty where our own SSH does. */
export async function reasonsForOpenSsh(route: Route, options: Pick<SshOptions, "agentSocket">): Promise<string[]> {
  const usual = options.agentSocket === undefined ? defaultAgentSocket() : options.agentSocket;
  const all = await Promise.all(route.hops.map((hop) => reasonsOf(hop, usual)));
  return [...new Set(all.flat())];
}

async function reasonsOf(hop: ResolvedHost, usualAgent: string | null): Promise<string[]> {
  const reasons = [...hop.needs];
  const name = nameOf(hop);
  const known = await KnownHosts.read({ user: hop.userKnownHostsFiles, global: hop.globalKnownHostsFiles });
  if (known.hasAuthority(name)) reasons.push(`the certificate authority known for ${hop.alias}`);
  const types = await Promise.all(hop.identityFiles.map(publicTypeOf));
  hop.identityFiles.forEach((file, i) => {
    // ssh takes a certificate that lies beside its key without being told.
    if (existsSync(`${file.replace(/\.pub$/, "")}-cert.pub`)) reasons.push(`the certificate of ${file}`);
    else if (needsOpenSsh(types[i] ?? "")) reasons.push(`the hardware key ${file}`);
  });
  const socket = hop.identityAgent === "none" ? null : (hop.identityAgent ?? usualAgent);
  if (socket !== null && socket !== "pageant" && !hop.identitiesOnly) {
    const special = (await agentIdentities(socket)).filter((key) => needsOpenSsh(key.type));
    if (special.length > 0) reasons.push(`the agent's ${special.map((key) => key.type).join(", ")}`);
  }
  return reasons;
}
