// Why a child `ssh` ended, from its own words (openssh-portable: sshconnect.c, clientloop.c), as the same failures that our SSH reports.
import { readFile } from "node:fs/promises";
import type { RunsideError } from "../../core/base/errors";
import { badSshConfig } from "./configFailures";
import {
  authFailed,
  hostKeyChanged,
  hostKeyChangedSince,
  hostKeyDeclined,
  hostKeyRevoked,
  hostKeyUnknown,
  noCommonAlgorithm,
  proxyFailed,
  tooManyKeys,
  unreachable,
} from "./failures";
import { forgetLine, KnownHosts, nameOf } from "./hostKeys";
import type { ResolvedHost } from "./sshConfig";
import { loginNameOf } from "./sshLogin";
import type { Route } from "./sshRoute";

/** `said` is its log with debug lines, then its stderr, which holds what jump hosts and a ProxyCommand wrote. */
export async function openSshFailure(
  route: Route,
  said: string,
  hints: readonly string[],
  ownKnownHosts: string,
): Promise<RunsideError> {
  const { box, alias } = route;
  const lines = plainLines(said);
  const text = lines.join("\n");
  const address = `${box.hostname}:${box.port}`;
  const hostKey = await hostKeyFailure(route, said, text, ownKnownHosts);
  if (hostKey) return hostKey;

  const config =
    /^.*(?:Bad configuration option|terminating, \d+ bad|line \d+: .*(?:argument|missing|unsupported|Bad)).*$/im.exec(
      text,
    );
  if (config) return badSshConfig(config[0].trim(), /^\s*(.+?):? line \d+/.exec(config[0])?.[1]);
  const negotiate = /Unable to negotiate with .*?: (no matching .*)$/m.exec(text)?.[1];
  if (negotiate) return noCommonAlgorithm(alias, negotiate);
  const name = /Could not resolve hostname (\S+): (.*)$/m.exec(text);
  if (name) return unreachable(alias, name[1] ?? address, codedError("ENOTFOUND", name[2] ?? ""));
  const network = /connect to (?:host|address) (\S+) port (\d+): (.*)$/m.exec(text);
  if (network)
    return unreachable(alias, `${network[1]}:${network[2]}`, codedError(codeOf(network[3] ?? ""), network[3] ?? ""));
  const forward = /channel \d+: open failed: (.*)$/m.exec(text)?.[1];
  if (forward && /stdio forwarding failed/.test(text)) {
    return unreachable(alias, `${address}, through its jump host`, codedError(codeOf(forward), forward));
  }
  if (/Too many authentication failures/.test(text)) return tooManyKeys(loginNameOf(box), alias);
  const denied = /^(\S+@\S+): Permission denied \(([^)]*)\)/m.exec(text);
  if (denied) {
    const host = hopWith(route, (hop) => `${hop.user}@${hop.hostname}` === denied[1]);
    const left = (denied[2] ?? "").split(",").filter(Boolean);
    return authFailed(loginNameOf(host), host.alias, {
      tried: triedIn(said),
      left,
      hints: [...hints, ...hintsIn(lines)],
    });
  }
  const last = lines.filter((line) => !/^(kex_exchange_identification|Connection closed by UNKNOWN)/.test(line)).at(-1);
  if (box.proxyCommand !== null && /UNKNOWN port 65535|kex_exchange_identification/.test(text)) {
    return proxyFailed(alias, last ?? "");
  }
  const cause = last ?? lines.at(-1) ?? "it ended without a word";
  return unreachable(alias, address, new Error(cause.replace(/\.$/, "")));
}

/** Without debug lines and what is printed for every connection. */
export function plainLines(said: string): string[] {
  const noise =
    /^(debug\d: |OpenSSH_|Authenticated (to|using) |Transferred: |Bytes per second: |Warning: Permanently added|Pseudo-terminal )/;
  return said
    .split(/\r?\n/)
    .map((line) => line.trimEnd())
    .filter((line) => line !== "" && !noise.test(line));
}

async function hostKeyFailure(
  route: Route,
  said: string,
  text: string,
  ownKnownHosts: string,
): Promise<RunsideError | null> {
  if (!text.includes("Host key verification failed")) return null;
  const name =
    /(?:Host key|host key) for (\S+) (?:has changed|is marked|was revoked)/.exec(text)?.[1] ??
    /host key is known for (\S+) and/.exec(text)?.[1];
  const host = hopWith(route, (hop) => nameOf(hop) === name?.toLowerCase());
  const offered = [...said.matchAll(/Server host key: (\S+) (SHA256:[\w+/]+)/g)].at(-1);
  const [, keyType = "", fingerprint = "SHA256:?"] = offered ?? [];
  if (text.includes("REVOKED HOST KEY")) {
    const line = await revokedLine(host, fingerprint);
    return hostKeyRevoked(host.alias, line.file, line.line, fingerprint);
  }
  const [, knownType, file, line] = /^Offending (\S+) key in (.+):(\d+)$/m.exec(text) ?? [];
  if (file && line) {
    const known = await KnownHosts.read({ user: [file], global: [] });
    const [, sent = fingerprint] = /sent by the remote host is\n(SHA256:[\w+/]+)/.exec(text) ?? [];
    const type = keyType || (knownType ?? "");
    const before = known.fingerprintAt(Number(line)) ?? "unreadable";
    if (file === ownKnownHosts) return hostKeyChangedSince(host.alias, before, `${type} ${sent}`);
    return hostKeyChanged({
      label: host.alias,
      file,
      line: Number(line),
      keyType: type,
      known: before,
      offered: sent,
      forget: forgetLine(name ?? nameOf(host), file),
    });
  }
  if (/requested strict checking/.test(text)) {
    return hostKeyUnknown(host.alias, fingerprint, "StrictHostKeyChecking is on");
  }
  return hostKeyDeclined(host.alias, fingerprint);
}

/** ssh does not say where the key is revoked; its files do. */
async function revokedLine(host: ResolvedHost, fingerprint: string): Promise<{ file: string; line: number }> {
  for (const file of [...host.userKnownHostsFiles, ...host.globalKnownHostsFiles]) {
    const text = await readFile(file, "utf8").catch(() => "");
    const line = KnownHosts.parse(text, file).revokedLine(fingerprint);
    if (line !== null) return { file, line };
  }
  return { file: host.userKnownHostsFiles[0] ?? "known_hosts", line: 1 };
}

function hopWith(route: Route, test: (hop: ResolvedHost) => boolean): ResolvedHost {
  return route.hops.find(test) ?? route.box;
}

function triedIn(said: string): string[] {
  const keys = [...said.matchAll(/^debug1: Offering public key: (\S+)/gm)].map((found) => `key ${found[1]}`);
  const others = [...said.matchAll(/^debug1: Next authentication method: (\S+)/gm)].map((found) => found[1] ?? "");
  return [...new Set([...keys, ...others.filter((one) => one !== "publickey")])];
}

/** Sentences of ssh about a key that it could not use. */
function hintsIn(lines: readonly string[]): string[] {
  const odd = lines.filter((line) =>
    /UNPROTECTED|bad permissions|invalid format|error in libcrypto|sign_and_send_pubkey/.test(line),
  );
  return [...new Set(odd.map((line) => line.replace(/[@\s]+$|^[@\s]+/g, "").replace(/\.$/, "")))];
}

const codes: readonly (readonly [RegExp, string])[] = [
  [/refused/i, "ECONNREFUSED"],
  [/timed out|did not answer/i, "ETIMEDOUT"],
  [/no route/i, "EHOSTUNREACH"],
  [/network is unreachable/i, "ENETUNREACH"],
  [/reset/i, "ECONNRESET"],
];

const codeOf = (words: string): string | null => codes.find(([pattern]) => pattern.test(words))?.[1] ?? null;

function codedError(code: string | null, words: string): Error {
  const error = new Error(words);
  return code === null ? error : Object.assign(error, { code });
}
