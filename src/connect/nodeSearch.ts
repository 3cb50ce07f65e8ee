// The first look around on a box: what machine it is and which Node.js it has. One command, in sh that every box has.
import { randomBytes } from "node:crypto";
import { cancelled } from "../../core/base/errors";
import { connectionLost, probeFailed } from "./failures";
import { collect, shellLine, type Transport } from "./transport";

export interface FoundNode {
  path: string;
  version: string;
}

export interface BoxFacts {
  os: string;
  arch: string;
  home: string;
  uid: number;
  runsideHome: string;
  /** "glibc 2.36", "musl", or empty where the box does not say. */
  libc: string;
  /** Every Node.js that answered, in the order of preference. */
  nodes: FoundNode[];
}

export const MIN_NODE = 20;

// In this order: our own, the user's choice, version managers, and an editor's, which an update may take away.
const places = [
  ["our own", '"$h"/node/*/bin/node $w/node/*/bin/node "${XDG_RUNTIME_DIR:-/nowhere}"/runside/node/*/bin/node'],
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

// Five seconds for one `node -v`, which may hang or leave a child that holds its output. A script of its own, because no
// "!" may stand in a line for a login shell.
const askNode = [
  '{ "$1" -v </dev/null & n=$!',
  // Ends its own sleep with it, and kills nobody when it is no longer needed.
  '{ trap "kill \\$s; exit" TERM; sleep 5 & s=$!; wait $s && kill -9 $n; } >/dev/null & w=$!',
  'wait $n; kill $w; echo; } 2>/dev/null | { read -r v; printf %s "$v"; }',
].join("\n");

const PROBE_MS = 60_000;

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
  limitMs = PROBE_MS,
): Promise<BoxFacts> {
  const marker = randomBytes(8).toString("hex");
  const { script, values } = homeScript(remoteHome);
  const look = [
    script,
    `echo; echo ${marker}-start; `,
    // Not echo: some turn backslashes in a path into something else.
    'uname -s; uname -m; printf "%s\\n" "$HOME"; id -u; printf "%s\\n" "$h"; ',
    // No getconf or an answer of its own: musl is known by its loader.
    'l="$(getconf GNU_LIBC_VERSION 2>/dev/null)"; for m in /lib/ld-musl-*; do [ -z "$l" ] && [ -e "$m" ] && l=musl; done; printf "%s\\n" "$l"; ',
    // Where a home folder may not start programs, ours lie here; somebody else's folder of that name is not looked into.
    'w="/var/tmp/runside-$(id -u)"; { [ -O "$w" ] && [ -d "$w" ]; } || w=/nowhere; [ -h "$w" ] && w=/nowhere; ',
    `for n in ${places.map(([, glob]) => glob).join(" ")}; do `,
    // A node that hangs or is for another machine must not stop the search.
    '[ -f "$n" ] && [ -x "$n" ] && v="$(/bin/sh -c "$a" sh "$n")" && printf "node %s %s\\n" "$v" "$n"; ',
    `done; echo ${marker}-end`,
  ].join("");
  const line = shellLine(look, { ...values, a: askNode });
  const limit = AbortSignal.timeout(limitMs);
  const ended = signal ? AbortSignal.any([signal, limit]) : limit;
  // A home folder on a file server that went away lets no command end, so its end is not waited for.
  const over = new Promise<null>((resolve) => ended.addEventListener("abort", () => resolve(null)));
  const answer = await Promise.race([over, transport.exec(line, ended).then((one) => collect(one, null, ended))]);
  if (signal?.aborted) throw cancelled();
  if (answer === null) throw probeFailed(transport.label, ` within ${limitMs / 1000} s`);
  const { stdout, stderr, code } = answer;
  if (transport.closed) throw connectionLost(transport.label, "at the first look around");
  const framed = new RegExp(`(?:^|\\n)${marker}-start\\n([\\s\\S]*?)\\n?${marker}-end`).exec(stdout)?.[1];
  const [os, arch, home, uid, runsideHome, libc, ...rest] = framed?.split("\n") ?? [];
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
  return { os, arch, home, uid: Number(uid), runsideHome, libc: libc ?? "", nodes };
}

export function chooseNode(facts: BoxFacts): FoundNode | null {
  return facts.nodes.find((node) => Number(/^v(\d+)/.exec(node.version)?.[1]) >= MIN_NODE) ?? null;
}

/** Where the search looked, in words. */
export const lookedAt = (facts: BoxFacts): string[] =>
  places.map(([name]) => (name === "our own" ? `${facts.runsideHome}/node` : name));

export const foundWords = (facts: BoxFacts): string[] => facts.nodes.map((node) => `${node.version} at ${node.path}`);
