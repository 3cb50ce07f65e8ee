// Which kinds of keys an ssh agent holds, over its own protocol (draft-ietf-sshm-ssh-agent): ssh2 passes over those it does
// not know, certificates and hardware keys, without a word.
import { connect } from "node:net";
import { typeOfBlob } from "./hostKeys";

const REQUEST_IDENTITIES = 11;
const IDENTITIES_ANSWER = 12;
const MAX_ANSWER = 1 << 20;
const AGENT_MS = 2000;

export interface AgentIdentity {
  blob: Buffer;
  type: string;
}

/** Empty where nothing answers. `socketPath` is a Unix socket or a Windows pipe. */
export function agentIdentities(socketPath: string): Promise<AgentIdentity[]> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    let answer = Buffer.alloc(0);
    const finish = (found: AgentIdentity[]): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(found);
    };
    // A locked password manager may leave the question open for ever.
    const timer = setTimeout(() => finish([]), AGENT_MS);
    socket.on("error", () => finish([]));
    socket.on("close", () => finish([]));
    socket.on("connect", () => socket.write(Buffer.from([0, 0, 0, 1, REQUEST_IDENTITIES])));
    socket.on("data", (piece) => {
      answer = Buffer.concat([answer, piece]);
      const length = answer.length < 4 ? Infinity : answer.readUInt32BE(0);
      if (answer.length > MAX_ANSWER) finish([]);
      else if (answer.length >= 4 + length) finish(parseIdentities(answer.subarray(4, 4 + length)));
    });
  });
}

/** The answer without its length: type, number of keys, then blob and comment of each. */
function parseIdentities(body: Buffer): AgentIdentity[] {
  if (body[0] !== IDENTITIES_ANSWER || body.length < 5) return [];
  const found: AgentIdentity[] = [];
  let at = 5;
  const next = (): Buffer | null => {
    if (at + 4 > body.length) return null;
    const end = at + 4 + body.readUInt32BE(at);
    if (end > body.length) return null;
    const bytes = body.subarray(at + 4, end);
    at = end;
    return bytes;
  };
  for (let left = body.readUInt32BE(1); left > 0; left--) {
    const blob = next();
    if (!blob || !next()) break;
    found.push({ blob: Buffer.from(blob), type: typeOfBlob(blob) });
  }
  return found;
}

/** Certificates and hardware keys: what only the user's own ssh can log in with. */
export const needsOpenSsh = (type: string): boolean => /^sk-|-cert-v\d\d@openssh\.com$/.test(type);
