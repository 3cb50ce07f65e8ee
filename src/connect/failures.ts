// One function per way in which reaching a box can fail: what happened, to what, and what to do next.
import { messageOf, RunsideError } from "../../core/base/errors";

const networkReasons: Record<string, string> = {
  ECONNREFUSED: "nothing listens there (connection refused)",
  ENOTFOUND: "the name is not known (no DNS entry)",
  EAI_AGAIN: "the name could not be looked up",
  ETIMEDOUT: "it did not answer in time",
  EHOSTUNREACH: "there is no route to it",
  ENETUNREACH: "the network is unreachable",
  ECONNRESET: "it cut the connection",
};

export function unreachable(label: string, address: string, cause: unknown): RunsideError {
  const code = (cause as { code?: unknown } | null)?.code;
  const reason = (typeof code === "string" && networkReasons[code]) || messageOf(cause);
  return new RunsideError(
    "connect/unreachable",
    `${label} (${address}) cannot be reached: ${reason}; check that the box is on and that the address is right.`,
    { data: { label, address, reason: typeof code === "string" ? code : reason }, cause },
  );
}

/** Both ends speak SSH and no algorithm is known to both; the user's own ssh may know a newer one. */
export const noCommonAlgorithm = (label: string, detail: string): RunsideError =>
  new RunsideError(
    "connect/unreachable",
    `${label} and Runside's own SSH have no algorithm in common (${detail}): set "runside.transport" to "openssh", or update the SSH server.`,
    { data: { label, reason: "algorithms" } },
  );

/** Never taken for what it is not: a setting asks for the user's ssh, and there is none. */
export const noSshProgram = (label: string, why: string): RunsideError =>
  new RunsideError(
    "connect/bad-config",
    `${label} needs the ssh program (${why}) and none was found on PATH: install OpenSSH's client, then retry.`,
    { data: { label } },
  );

export const tooSlow = (label: string, address: string, seconds: number): RunsideError =>
  new RunsideError(
    "connect/unreachable",
    `${label} (${address}) did not finish its SSH handshake within ${seconds} s: check the box and the network, then retry.`,
    { data: { label, address, reason: "timeout" } },
  );

export const proxyFailed = (label: string, detail: string): RunsideError =>
  new RunsideError(
    "connect/unreachable",
    `The ProxyCommand for ${label} ended before the box answered${detail ? `: ${detail}` : ""}; try it by hand with \`ssh ${label}\`.`,
    { data: { label, reason: "proxy" } },
  );

export interface AuthStory {
  /** What was offered, in order, in words. */
  tried: readonly string[];
  /** What the box would still have taken. */
  left: readonly string[];
  /** Something that ssh can do and Runside cannot, or that stood in the way. */
  hints: readonly string[];
}

export const authFailed = (login: string, label: string, story: AuthStory): RunsideError =>
  new RunsideError(
    "connect/auth-failed",
    `${label} did not accept the login of ${login} (tried: ${story.tried.join(", ") || "nothing, there was nothing to offer"}${
      story.left.length > 0 ? `; it takes: ${story.left.join(", ")}` : ""
    })${story.hints.map((hint) => `; ${hint}`).join("")}; check the user name and the keys in the SSH config.`,
    { data: { label, login, ...story } },
  );

export const tooManyKeys = (login: string, label: string): RunsideError =>
  new RunsideError(
    "connect/auth-failed",
    `${label} hung up on the login of ${login} after too many keys: name the right one with IdentityFile and "IdentitiesOnly yes" in the SSH config, then retry.`,
    { data: { label, login } },
  );

export const promptDeclined = (label: string, what: string): RunsideError =>
  new RunsideError(
    "connect/auth-failed",
    `The login to ${label} stopped because ${what} was not given; retry to be asked again.`,
    {
      data: { label, declined: true },
    },
  );

/** A question would be needed and nobody may be asked now: a reconnect never repeats one by itself. */
export const needsPrompt = (label: string, what: string): RunsideError =>
  new RunsideError("connect/auth-failed", `${label} asks for ${what} again: press Retry to log in.`, {
    data: { label, needsPrompt: true },
  });

export interface ChangedKey {
  label: string;
  file: string;
  line: number;
  keyType: string;
  known: string;
  offered: string;
  /** The exact ssh-keygen line that forgets the old key. */
  forget: string;
}

export const hostKeyChanged = (key: ChangedKey): RunsideError =>
  new RunsideError(
    "connect/host-key-changed",
    `The host key of ${key.label} is not the one known from ${key.file}:${key.line} (known ${key.known}, offered ${key.keyType} ${key.offered}), so nothing was sent: ` +
      `if the box was reinstalled, run \`${key.forget}\` and connect again, else somebody may be listening in.`,
    { data: { ...key } },
  );

/** Where no known_hosts holds the key that a person accepted. */
export const hostKeyChangedSince = (label: string, known: string, offered: string): RunsideError =>
  new RunsideError(
    "connect/host-key-changed",
    `The host key of ${label} is not the one accepted in this window (accepted ${known}, offered ${offered}), so nothing was sent: ` +
      `if the box was reinstalled, reload the window and connect again, else somebody may be listening in.`,
    { data: { label, known, offered } },
  );

export const hostKeyRevoked = (label: string, file: string, line: number, fingerprint: string): RunsideError =>
  new RunsideError(
    "connect/host-key-changed",
    `The host key of ${label} (${fingerprint}) is marked as revoked in ${file}:${line}, so nothing was sent: ask whoever runs the box for its new key.`,
    { data: { label, file, line, fingerprint, revoked: true } },
  );

export const hostKeyDeclined = (label: string, fingerprint: string): RunsideError =>
  new RunsideError(
    "connect/host-key-declined",
    `The host key of ${label} (${fingerprint}) was not accepted, so nothing was sent; retry to be asked again.`,
    { data: { label, fingerprint } },
  );

export const hostKeyUnknown = (label: string, fingerprint: string, reason: string): RunsideError =>
  new RunsideError(
    "connect/host-key-declined",
    `The host key of ${label} (${fingerprint}) is not in known_hosts and ${reason}, so nothing was sent; add it with \`ssh ${label}\` or change StrictHostKeyChecking.`,
    { data: { label, fingerprint } },
  );

export const connectionLost = (label: string, reason: string): RunsideError =>
  new RunsideError(
    "connect/lost",
    `The connection to ${label} was lost (${reason}); what runs there goes on, Runside reconnects.`,
    {
      data: { label, reason },
    },
  );

/** Not where the box is there and refuses. */
export const isCut = (error: RunsideError): boolean => error.code === "connect/lost" && error.data["refused"] !== true;

/** Where nothing is tried by itself any more. */
export const cutAgain = (label: string, reason: string): RunsideError =>
  new RunsideError(
    "connect/lost",
    `The connection to ${label} was lost again (${reason}); what runs there goes on: press Retry to connect.`,
    { data: { label, reason } },
  );

export const execFailed = (label: string, reason: string): RunsideError =>
  new RunsideError(
    "connect/lost",
    `${label} refused to start a command (${reason}); close other sessions to it, then retry.`,
    {
      data: { label, reason, refused: true },
    },
  );

export const agentNeedsNode = (label: string, found: readonly string[], looked: readonly string[]): RunsideError =>
  new RunsideError(
    "agent/no-node",
    `${label} has no Node.js 20 or later: looked in ${looked.join(", ")}${
      found.length > 0 ? ` and found only ${found.join(", ")}` : ""
    }; install Node 20 or later there, for example with nvm.`,
    { data: { label, found, looked } },
  );

const orInstall = "or install Node 20 or later there, for example with nvm";

export const nodeUnfit = (label: string, why: string): RunsideError =>
  new RunsideError(
    "agent/no-node",
    `${label} has no Node.js 20 or later, and Runside cannot bring it there: ${why}; install it from the box's own packages or conda.`,
    { data: { label, why } },
  );

export const nodeNotBrought = (label: string): RunsideError =>
  new RunsideError(
    "agent/no-node",
    `${label} has no Node.js 20 or later: press Retry to have it brought, ${orInstall}.`,
    {
      data: { label },
    },
  );

export const nodeDeclined = (label: string, version: string): RunsideError =>
  new RunsideError(
    "agent/no-node",
    `${label} has no Node.js 20 or later, and Node ${version} was not brought there: retry to be asked again, ${orInstall}.`,
    { data: { label, declined: true } },
  );

export const nodeUnobtainable = (label: string, node: { name: string; version: string }, why: string): RunsideError =>
  new RunsideError(
    "agent/no-node",
    `${label} has no Node.js 20 or later, and ${node.name} ${node.version} could not be got here: ${why}; name a URL or a file of it in the setting "runside.node.source", ${orInstall}.`,
    { data: { label, why } },
  );

export const probeFailed = (label: string, detail: string): RunsideError =>
  new RunsideError(
    "agent/upload-failed",
    `${label} did not answer the first look around${detail}; try \`ssh ${label} true\` by hand.`,
    {
      data: { label },
    },
  );

export const uploadFailed = (label: string, path: string, detail: string): RunsideError =>
  new RunsideError(
    "agent/upload-failed",
    `Runside could not be written to ${path} on ${label}: ${detail}; free some space there, or name another folder for this box in the setting "runside.remoteDir".`,
    { data: { label, path } },
  );

export const agentMismatch = (label: string, theirs: number, ours: number): RunsideError =>
  new RunsideError(
    "agent/version-mismatch",
    `The agent on ${label} speaks protocol ${theirs} and this Runside ${ours}: reload the window so that both come from one version.`,
    { data: { label, theirs, ours } },
  );

export const agentSilent = (label: string, seconds: number): RunsideError =>
  new RunsideError(
    "rpc/timeout",
    `The agent on ${label} did not answer within ${seconds} s: check the link, then retry.`,
    {
      data: { label },
    },
  );

export const agentCrashed = (label: string, detail: string): RunsideError =>
  new RunsideError(
    "agent/crashed",
    `The agent on ${label} did not stay up${detail ? `: ${detail}` : ""}; see the Runside log, then retry.`,
    {
      data: { label },
    },
  );
