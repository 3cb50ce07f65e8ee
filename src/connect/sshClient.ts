// An SSH connection to a host of the SSH config: every jump on the way, its host key checked before anything is sent, a login.
import type { Client } from "ssh2";
import type { Disposable } from "../../core/base/disposable";
import { cancelled, messageOf } from "../../core/base/errors";
import { withDeadline } from "./connectDeadline";
import {
  hostKeyChanged,
  hostKeyChangedSince,
  hostKeyDeclined,
  hostKeyRevoked,
  hostKeyUnknown,
  needsPrompt,
} from "./failures";
import { fingerprintOf, forgetLine, KnownHosts, nameOf, rememberHostKey, typeOfBlob } from "./hostKeys";
import type { ResolvedHost } from "./sshConfig";
import { handshake, type OfferedKey, type SshOptions } from "./sshHandshake";
import { defaultAgentSocket } from "./sshKeys";
import { Login } from "./sshLogin";
import type { Route } from "./sshRoute";
import { openStream } from "./sshStream";
import { SshTransport } from "./sshTransport";

export async function connectSsh(route: Route, options: SshOptions): Promise<SshTransport> {
  const signal = options.signal ?? new AbortController().signal;
  const opened: Disposable[] = [];
  const disposeAll = (): void =>
    opened
      .splice(0)
      .reverse()
      .forEach((one) => one.dispose());
  try {
    let through: Client | null = null;
    for (const host of route.hops) {
      options.onProgress?.(`Connecting to ${host.alias}`);
      const hop: Hop = await connectHop(host, through, options, signal);
      opened.push(hop);
      through = hop.client;
    }
    if (!through) throw cancelled();
    return new SshTransport(options.alias, through, disposeAll);
  } catch (error) {
    disposeAll();
    throw signal.aborted ? cancelled() : error;
  }
}

interface Hop extends Disposable {
  client: Client;
}

async function connectHop(
  host: ResolvedHost,
  through: Client | null,
  options: SshOptions,
  outer: AbortSignal,
): Promise<Hop> {
  const name = nameOf(host);
  const files = { user: host.userKnownHostsFiles, global: host.globalKnownHostsFiles };
  const agentSocket = options.agentSocket === undefined ? defaultAgentSocket() : options.agentSocket;
  const { credentials, logger } = options;
  const prompts = host.batchMode ? null : options.prompts;
  const login = await Login.prepare({ host, prompts, credentials, logger, agentSocket });
  let known = await KnownHosts.read(files, credentials.hostKeys);
  // A second round follows when a person has said yes to an unknown key. Asking inside the handshake would let the box
  // wait with its timer running, and an answer that comes as a promise would be taken for a yes.
  for (let round = 1; ; round++) {
    const result = await withDeadline(host, options, outer, async (timer, signal) => {
      const stream = await openStream(host, through, signal);
      try {
        login.timer = timer;
        const outcome = await handshake({ host, stream, known, name, login, options, signal });
        if (outcome.kind === "stopped") stream.dispose();
        return { ...outcome, stream };
      } catch (error) {
        stream.dispose();
        throw error;
      }
    });
    if (result.kind === "ready") return { client: result.client, dispose: () => endOf(result.client, result.stream) };
    const blob = await unlessAborted(outer, decide(host, name, result.key, { ...options, prompts }, round));
    known = await KnownHosts.read(files);
    // Where known_hosts could not be written, the yes holds for this window.
    if (known.check(name, blob).kind === "unknown") credentials.hostKeys.set(name, blob);
    known = await KnownHosts.read(files, credentials.hostKeys);
  }
}

/** A question that stays open does not hold up a cancelled attempt; what is answered later is not used. */
function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(cancelled());
    signal.addEventListener("abort", abort);
    if (signal.aborted) abort();
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

function endOf(client: Client, stream: Disposable): void {
  client.end();
  // A link that no longer carries anything would never close by itself.
  setTimeout(() => stream.dispose(), 500).unref();
}

/** Throws what refuses the key, or returns the key that is trusted from now on. */
async function decide(
  host: ResolvedHost,
  name: string,
  key: OfferedKey,
  options: SshOptions,
  round: number,
): Promise<Buffer> {
  const { verdict, blob } = key;
  const label = host.alias;
  const fingerprint = fingerprintOf(blob);
  if (verdict.kind === "revoked") throw hostKeyRevoked(label, verdict.file, verdict.line, fingerprint);
  if (verdict.kind === "changed") {
    const { file, line, known } = verdict;
    if (file === "") throw hostKeyChangedSince(label, known, `${typeOfBlob(blob)} ${fingerprint}`);
    throw hostKeyChanged({
      label,
      file,
      line,
      keyType: typeOfBlob(blob),
      known,
      offered: fingerprint,
      forget: forgetLine(name, file),
    });
  }
  if (verdict.kind === "unknown" && verdict.hasAuthority) {
    throw hostKeyUnknown(label, fingerprint, "its certificate authority cannot be checked by Runside's SSH");
  }
  if (round > 1) throw hostKeyDeclined(label, fingerprint);
  if (host.strictHostKeyChecking === "yes") throw hostKeyUnknown(label, fingerprint, "StrictHostKeyChecking is on");
  if (host.strictHostKeyChecking === "ask") {
    if (!options.prompts) throw needsPrompt(label, "your word on its host key");
    const { hostname, port } = host;
    const question = { host: host.hostKeyAlias ?? hostname, port, fingerprint, keyType: typeOfBlob(blob) };
    if (!(await options.prompts.confirmHostKey(question))) throw hostKeyDeclined(label, fingerprint);
  }
  const file = host.userKnownHostsFiles[0];
  try {
    if (file !== undefined) await rememberHostKey(file, name, blob, host.hashKnownHosts);
  } catch (error) {
    options.logger.log(
      "warn",
      "connect",
      `${file} could not be written, so ${label} will be asked about again: ${messageOf(error)}`,
    );
  }
  return blob;
}
