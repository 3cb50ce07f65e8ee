// Puts the agent on a box and starts it. Files are named by their content and moved into place, so that any number of
// windows may install at once without a lock; the Node that was found is noted beside the agent, so a start needs one command.
import { createHash, randomBytes } from "node:crypto";
import { cancelled, messageOf } from "../../core/base/errors";
import type { Logger } from "../../core/base/logger";
import { agentNeedsNode, connectionLost, uploadFailed } from "./failures";
import { bringNode, nodeFor } from "./nodeInstall";
import { chooseNode, foundWords, homeScript, lookedAt, probeBox, type BoxFacts, type FoundNode } from "./nodeSearch";
import type { NodeSupply } from "./nodeSource";
import type { ConnectPrompts } from "./prompts";
import { collect, shellLine, type ExecChannel, type Transport } from "./transport";

export interface AgentFile {
  bytes: Uint8Array;
  sha256: string;
}

export function agentFile(bytes: Uint8Array): AgentFile {
  return { bytes, sha256: createHash("sha256").update(bytes).digest("hex") };
}

export interface InstallOptions {
  transport: Transport;
  agent: AgentFile;
  /** A folder from the box's settings instead of `$RUNSIDE_HOME` or `~/.runside` there. */
  remoteHome: string | null;
  /** The folder of GPU locks there, from the settings; as it was there unless given. */
  locksFolder?: string | null;
  logger: Logger;
  /** What a box without Node.js can be given, and who is asked; without both it is refused. */
  supply?: NodeSupply | null;
  prompts?: ConnectPrompts | null;
  signal?: AbortSignal;
  onProgress?: (message: string) => void;
}

/** Printed in place of the ready line where this agent is not installed. */
export const absentLine = (token: string): string => `runside-agent-absent ${token}`;

/** Starts the installed agent, or has the box print `absentLine`. */
export function startAgent(options: InstallOptions, token: string): Promise<ExecChannel> {
  const { script, values } = homeScript(options.remoteHome);
  const locks: Record<string, string> = options.locksFolder ? { k: options.locksFolder } : {};
  const line = [
    script,
    `d="$h/agent/${options.agent.sha256}"; `,
    'if { read -r n < "$d/node"; } 2>/dev/null; then ',
    // Ours outside the home folder may have been cleared away, and somebody else's be in its place.
    'case "$n" in /var/tmp/*) w="/var/tmp/runside-$(id -u)"; [ -h "$w" ] && n=; [ -O "$w" ] || n=;; esac; fi; ',
    // The shim too: one that is missing or empty is written again with the rest.
    'if [ -x "$n" ] && [ -s "$d/agent.js" ] && [ -s "$h/bin/runside" ]; then ',
    `RUNSIDE_HOME="$h"; export RUNSIDE_HOME; exec "$n" "$d/agent.js" serve --token ${token}${options.locksFolder ? ' --locks "$k"' : ""}; fi; `,
    `echo; echo "${absentLine(token)}"; exit 127`,
  ].join("");
  return options.transport.exec(shellLine(line, { ...values, ...locks }), options.signal);
}

/** Looks for a Node, sends the agent if it is not there whole, and writes the shim for people. */
export async function installAgent(options: InstallOptions): Promise<void> {
  const { transport, agent, remoteHome, signal } = options;
  options.onProgress?.(`Looking for Node.js on ${transport.label}`);
  const facts = await probeBox(transport, remoteHome, signal);
  const node = chooseNode(facts) ?? (await missingNode(options, facts));
  options.logger.log(
    "info",
    "connect",
    `${transport.label}: ${facts.os} ${facts.arch}, Node ${node.version} at ${node.path}`,
  );
  options.onProgress?.(`Installing the agent on ${transport.label}`);
  const folder = `${facts.runsideHome}/agent/${agent.sha256}`;
  const values = { h: facts.runsideHome, d: folder, n: node.path };
  await run(options, `${folder}/agent.js`, values, uploadScript(agent), agent.bytes);
  const write = (path: string, file: string, mode: string, text: string): Promise<void> => {
    const bytes = Buffer.from(text);
    return run(options, path, values, writeScript(file, mode, bytes.length), bytes);
  };
  await write(`${facts.runsideHome}/bin/runside`, "$h/bin/runside", "700", shim);
  // Last, because a start looks for this one: whatever was cut before it is written again.
  await write(`${folder}/node`, "$d/node", "600", `${node.path}\n`);
}

/** Says what was found, where nothing can be brought. */
async function missingNode(options: InstallOptions, facts: BoxFacts): Promise<FoundNode> {
  const node = options.supply && nodeFor(options.transport.label, facts);
  if (!node) throw agentNeedsNode(options.transport.label, foundWords(facts), lookedAt(facts));
  return bringNode(options, facts, node);
}

const temporary = (): string => `.tmp-${randomBytes(6).toString("hex")}`;
const done = "runside-done";

// `t` is a name of this attempt alone: with a shared one, seven of eight parallel installs failed (measured).
const begin = (): string =>
  `umask 077; mkdir -p "$h" && chmod 700 "$h" && mkdir -p "$d" "$h/bin" || exit 3; t="$d/${temporary()}"; `;

function hashScript(file: string): string {
  // Not every box has sha256sum; Node can always do it. By stdin, because sha256sum marks odd file names in its answer.
  const byNode =
    '"$n" -e "process.stdout.write(require(\\"crypto\\").createHash(\\"sha256\\").update(require(\\"fs\\").readFileSync(0)).digest(\\"hex\\"))"';
  const ways = ["sha256sum", "shasum -a 256", byNode].map((way) => `${way} < "${file}" 2>/dev/null`);
  return `{ ${ways.join(" || ")}; } | cut -c1-64`;
}

function uploadScript(agent: AgentFile): string {
  return [
    begin(),
    // What is there already may have been cut short by a full disk or a crash, so its content is checked, not its name.
    `if [ -s "$d/agent.js" ] && [ "$(${hashScript("$d/agent.js")})" = ${agent.sha256} ]; then cat >/dev/null; echo ${done}; exit 0; fi; `,
    receive(agent.bytes.length),
    `[ "$(${hashScript("$t")})" = ${agent.sha256} ] || { rm -f "$t"; echo "the bytes arrived damaged" >&2; exit 6; }; `,
    `chmod 600 "$t" && mv -f "$t" "$d/agent.js" && echo ${done}`,
  ].join("");
}

/** To a link that is cut, `cat` says that all came. */
const receive = (length: number): string =>
  [
    'cat > "$t" || { rm -f "$t"; exit 4; }; ',
    `s="$(wc -c < "$t" | tr -d " ")"; [ "$s" = ${length} ] || { rm -f "$t"; echo "only $s of ${length} bytes arrived" >&2; exit 5; }; `,
  ].join("");

function writeScript(file: string, mode: string, length: number): string {
  return `${begin()}${receive(length)}chmod ${mode} "$t" && mv -f "$t" "${file}" && echo ${done}; s=$?; rm -f "$t"; exit $s`;
}

/** For people in tmux: the newest agent under the Node it was installed with. It finds its own folder, so it may be moved. */
const shim = `#!/bin/sh
# Written by Runside. Runs the newest agent in this folder under its Node.
s=$0
[ -L "$s" ] && s=$(readlink -f "$s")
h=$(CDPATH= cd -- "$(dirname -- "$s")/.." && pwd) || exit 1
for f in $(ls -t "$h/agent" 2>/dev/null); do
  d="$h/agent/$f"
  [ -s "$d/agent.js" ] && [ -s "$d/node" ] || continue
  read -r n < "$d/node"
  case $n in /var/tmp/*) [ -O "/var/tmp/runside-$(id -u)" ] && [ ! -h "/var/tmp/runside-$(id -u)" ] || continue ;; esac
  [ -x "$n" ] || continue
  RUNSIDE_HOME="$h"
  export RUNSIDE_HOME
  exec "$n" "$d/agent.js" "$@"
done
echo "runside: no agent with a working Node.js is installed in $h; connect once from the editor." >&2
exit 1
`;

async function run(
  options: InstallOptions,
  path: string,
  values: Record<string, string>,
  script: string,
  input: Uint8Array,
): Promise<void> {
  const { transport, signal } = options;
  const channel = await transport.exec(shellLine(script, values), signal);
  const result = await collect(channel, input, signal);
  if (signal?.aborted) throw cancelled();
  if (result.code === 0 && result.stdout.includes(done)) return;
  if (transport.closed) throw connectionLost(transport.label, "while the agent was installed");
  const said = result.stderr.trim().split("\n").pop();
  throw uploadFailed(
    transport.label,
    path,
    said ? messageOf(said) : `the command ended with ${result.code ?? result.signal ?? "no code"}`,
  );
}
