// The first look around on a box: what machine it is and which Node.js it has. One command, in sh that every box has.
import { randomBytes } from "node:crypto";
import { cancelled } from "../../core/base/errors";
import { agentNeedsNode, connectionLost, probeFailed } from "./failures";
import { collect, shellLine, type Transport } from "./transport";

export interface BoxFacts {
  os: string;
  arch: string;
  home: string;
  uid: number;
  runsideHome: string;
  /** Every Node.js that answered, in the order of preference. */
  nodes: { path: string; version: string }[];
}

export const MIN_NODE = 20;

// In this order: our own, the user's choice, version managers, and an editor's, which an update may take away.
const places = [
  ["our own", '"$h"/node/*/bin/node'],
  ["PATH", '"$(command -v node)"'],
  ["~/.nvm", '"$HOME"/.nvm/versions/node/*/bin/node'],
  [
    "~/.volta, fnm, asdf and mise",
    '"$HOME"/.volta/bin/node "$HOME"/.local/share/fnm/node-versions/*/installation/bin/node "$HOME"/.asdf/installs/nodejs/*/bin/node "$HOME"/.local/share/mise/installs/node/*/bin/node',
  ],
  [
    "conda",
    '"$CONDA_PREFIX"/bin/node "$HOME"/miniconda3/bin/node "$HOME"/miniforge3/bin/node "$HOME"/anaconda3/bin/node /opt/conda/bin/node',
  ],
  ["/usr/local and /opt", "/usr/local/bin/node /usr/bin/node /opt/*/bin/node"],
  [
    "VS Code's server",
    '"$HOME"/.vscode-server/cli/servers/*/server/node "$HOME"/.vscode-server/bin/*/node "$HOME"/.cursor-server/bin/*/node "$HOME"/.cursor-server/cli/servers/*/server/node',
  ],
] as const;

/** Sets `h` to the folder that holds everything of ours on the box. */
export function homeScript(remoteHome: string | null): { script: string; values: Record<string, string> } {
  // A folder from the settings wins over the box's own environment; "~/" means the home folder there.
  const script = 'h="${o:-${RUNSIDE_HOME:-$HOME/.runside}}"; case "$h" in "~/"*) h="$HOME/${h#??}";; esac; ';
  return { script, values: { o: remoteHome ?? "" } };
}

export async function probeBox(
  transport: Transport,
  remoteHome: string | null,
  signal?: AbortSignal,
): Promise<BoxFacts> {
  const marker = randomBytes(8).toString("hex");
  const { script, values } = homeScript(remoteHome);
  const look = [
    script,
    `echo; echo ${marker}-start; `,
    // Not echo: some turn backslashes in a path into something else.
    'uname -s; uname -m; printf "%s\\n" "$HOME"; id -u; printf "%s\\n" "$h"; ',
    `for n in ${places.map(([, glob]) => glob).join(" ")}; do `,
    // A node that hangs or is for another machine must not stop the search.
    '[ -f "$n" ] && [ -x "$n" ] && v="$("$n" -v </dev/null 2>/dev/null)" && printf "node %s %s\\n" "$v" "$n"; ',
    `done; echo ${marker}-end`,
  ].join("");
  const channel = await transport.exec(shellLine(look, values), signal);
  const { stdout, stderr, code } = await collect(channel, null, signal);
  if (signal?.aborted) throw cancelled();
  if (transport.closed) throw connectionLost(transport.label, "at the first look around");
  const framed = new RegExp(`(?:^|\\n)${marker}-start\\n([\\s\\S]*?)\\n?${marker}-end`).exec(stdout)?.[1];
  const [os, arch, home, uid, runsideHome, ...rest] = framed?.split("\n") ?? [];
  if (!os || !arch || !home || !runsideHome) {
    throw probeFailed(
      transport.label,
      ` (exit code ${code ?? "none"}${stderr.trim() ? `: ${stderr.trim().slice(0, 200)}` : ""})`,
    );
  }
  const seen = new Set<string>();
  const nodes = rest.flatMap((line) => {
    const match = /^node (v\d+\.\d+\.\d+\S*) (.+)$/.exec(line);
    if (!match?.[1] || !match[2] || seen.has(match[2])) return [];
    seen.add(match[2]);
    return [{ version: match[1], path: match[2] }];
  });
  return { os, arch, home, uid: Number(uid), runsideHome, nodes };
}

export function chooseNode(label: string, facts: BoxFacts): { path: string; version: string } {
  const fits = facts.nodes.find((node) => Number(/^v(\d+)/.exec(node.version)?.[1]) >= MIN_NODE);
  if (fits) return fits;
  const found = facts.nodes.map((node) => `${node.version} at ${node.path}`);
  throw agentNeedsNode(
    label,
    found,
    places.map(([name]) => (name === "our own" ? `${facts.runsideHome}/node` : name)),
  );
}
