// Brings Node.js to a Linux box that has none: asks, gets the packed program, and pours it through an exec channel into tar,
// for which the box needs neither SFTP nor a network. Checked by hash there, tried, and only then moved into place.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { cancelled, isError, messageOf } from "../../core/base/errors";
import type { InstallOptions } from "./agentInstall";
import { connectionLost, nodeDeclined, nodeNotBrought, nodeUnobtainable, nodeUnfit, uploadFailed } from "./failures";
import type { BoxFacts, FoundNode } from "./nodeSearch";
import { nodePackages, obtainNode, sourceWords, type NodePackage } from "./nodeSource";
import { collect, shellLine, type Collected, type ExecChannel, type Feed } from "./transport";

const PIECE = 256 * 1024;
const done = "runside-done";

/** The build for this box; null where there is none for its system. Throws, by name, where it would not run. */
export function nodeFor(label: string, facts: BoxFacts): NodePackage | null {
  if (facts.os !== "Linux") return null;
  const archs: Record<string, "x64" | "arm64"> = { x86_64: "x64", amd64: "x64", aarch64: "arm64", arm64: "arm64" };
  const arch = archs[facts.arch];
  if (!arch) throw nodeUnfit(label, `its processor is ${facts.arch}, and Node.js is built for x86_64 and aarch64`);
  if (facts.libc === "musl") throw nodeUnfit(label, "its C library is musl, for which no official build is made");
  const glibc = /^glibc (\d+)\.(\d+)/.exec(facts.libc);
  if (glibc && Number(glibc[1]) * 1000 + Number(glibc[2]) < 2028)
    throw nodeUnfit(label, `its C library is ${facts.libc}, and the official builds need glibc 2.28`);
  return nodePackages[arch];
}

/** Asks once, then brings it. */
export async function bringNode(options: InstallOptions, facts: BoxFacts, node: NodePackage): Promise<FoundNode> {
  const { transport, supply, prompts } = options;
  const { label } = transport;
  if (!supply || !prompts) throw nodeNotBrought(label);
  const base = await findPlace(options, facts);
  const question = {
    label,
    version: node.version,
    megabytes: Math.round(node.packedBytes / 1e6),
    from: sourceWords(node, supply),
    to: base,
  };
  if (!(await prompts.bringNode(question))) throw nodeDeclined(label, node.version);
  if (options.signal?.aborted) throw cancelled();
  const title = `Node.js ${node.version} for ${label}`;
  return prompts.withProgress(title, async (report, stop) => {
    const signal = options.signal ? AbortSignal.any([options.signal, stop]) : stop;
    const tell = (message: string): void => {
      report(message);
      options.onProgress?.(`${title}: ${message}`);
    };
    try {
      tell("getting it");
      const file = await obtainNode(node, supply, signal).catch((error: unknown) => {
        if (isError(error, "cancelled") || signal.aborted) throw cancelled();
        throw nodeUnobtainable(label, node, messageOf(error));
      });
      return await push({ ...options, signal }, { node, file, base, uid: facts.uid }, tell);
    } catch (error) {
      // The person's wish, not the end of this attempt: it is said with what to do next.
      if (stop.aborted && !options.signal?.aborted) throw nodeDeclined(label, node.version);
      throw error;
    }
  });
}

/** Somebody else may have made a folder of that name where everybody can write: then it is passed over. */
const ownFolder = [
  'case "$b" in "/var/tmp/runside-$u"|"${XDG_RUNTIME_DIR:-/nowhere}/runside") ',
  'mkdir "$b" 2>/dev/null; if [ -h "$b" ]; then continue; fi; [ -d "$b" ] && [ -O "$b" ] && chmod 700 "$b" || continue;; esac; ',
].join("");

/**
 * The first folder from which a program can be started: ours, else (home folders may be mounted noexec) one of this user
 * alone. /var/tmp comes before the login session's own folder, which is gone after a logout.
 */
async function findPlace(options: InstallOptions, facts: BoxFacts): Promise<string> {
  const t = temporary();
  const script = [
    'umask 077; p=""; ',
    // What cannot be written at all is the user's to change, before anything large is brought.
    `mkdir -p "$h" && : > "$h/${t}" || exit 3; rm -f "$h/${t}"; `,
    'for b in "$h" "/var/tmp/runside-$u" "${XDG_RUNTIME_DIR:-/nowhere}/runside"; do ',
    ownFolder,
    `t="$b/${t}"; printf "#\\041/bin/sh\\nexit 0\\n" > "$t" && chmod 700 "$t" && "$t" && p="$b"; rm -f "$t"; `,
    'rmdir "$b"; [ -n "$p" ] && break; done 2>/dev/null; ',
    '[ -n "$p" ] || { echo "no folder was found from which programs may be started (noexec)" >&2; exit 4; }; ',
    `echo; echo ${done}; printf "%s\\n" "$p"`,
  ].join("");
  const result = await run(options, script, { h: facts.runsideHome, u: String(facts.uid) }, null);
  const place = result.stdout.split(`${done}\n`)[1]?.split("\n")[0];
  if (result.code !== 0 || !place) throw refused(options, facts.runsideHome, result);
  return place;
}

interface Push {
  node: NodePackage;
  /** The packed file here. */
  file: string;
  /** The folder there. */
  base: string;
  uid: number;
}

async function push(options: InstallOptions, what: Push, tell: (message: string) => void): Promise<FoundNode> {
  const { node, file, base, uid } = what;
  const folder = `${base}/node/${node.name}-${node.version}-${node.binarySha256.slice(0, 12)}/bin`;
  const byItself =
    'process.stdout.write(require(\\"crypto\\").createHash(\\"sha256\\").update(require(\\"fs\\").readFileSync(0)).digest(\\"hex\\"))';
  // By stdin, because sha256sum marks odd file names in its answer.
  const sum = (path: string): string =>
    `"$({ sha256sum < "${path}" || shasum -a 256 < "${path}" || "${path}" -e "${byItself}" < "${path}"; } 2>/dev/null | cut -c1-64)"`;
  const script = [
    'umask 077; for b in "$b"; do ',
    ownFolder,
    'mkdir -p "$d" || exit 3; ',
    // Another window may have been faster.
    `if [ -x "$d/node" ] && [ ${sum("$d/node")} = ${node.binarySha256} ]; then cat >/dev/null; echo ${done}; exit 0; fi; `,
    `t="$d/${temporary()}"; trap "rm -f \\"$t\\"" EXIT; trap "exit 9" HUP INT TERM PIPE; `,
    'tar xzOf - package/bin/node > "$t" || exit 4; chmod 700 "$t"; ',
    `[ ${sum("$t")} = ${node.binarySha256} ] || { echo "the program arrived damaged" >&2; exit 6; }; `,
    `v="$("$t" -v 2>&1)"; [ "$v" = v${node.version} ] || { echo "it does not run there: $v" >&2; exit 7; }; `,
    `mv -f "$t" "$d/node" && echo ${done}; exit; done; echo "the folder belongs to somebody else" >&2; exit 5`,
  ].join("");
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);
  const feed = (channel: ExecChannel): Promise<void> =>
    pour(channel, file, (sent) => tell(`${megabytes(sent)} of ${megabytes(node.packedBytes)} MB sent`));
  const result = await run(options, script, { b: base, d: folder, u: String(uid) }, feed);
  if (result.code !== 0 || !result.stdout.includes(done)) throw refused(options, `${folder}/node`, result);
  return { path: `${folder}/node`, version: `v${node.version}` };
}

/** A piece at a time, as fast as the box takes them, until all are sent or the command is gone. */
async function pour(channel: ExecChannel, file: string, tell: (sent: number) => void): Promise<void> {
  let ended = false;
  const gone = channel.exit.then(() => (ended = true));
  let sent = 0;
  let told = 0;
  for await (const piece of createReadStream(file, { highWaterMark: PIECE }) as AsyncIterable<Buffer>) {
    if (ended || channel.stdin.destroyed) return;
    if (!channel.stdin.write(piece)) await Promise.race([once(channel.stdin, "drain").catch(() => undefined), gone]);
    sent += piece.length;
    if (sent - told >= 1e6) tell((told = sent));
  }
}

async function run(
  options: InstallOptions,
  script: string,
  values: Record<string, string>,
  feed: Feed | null,
): Promise<Collected> {
  const { transport, signal } = options;
  const channel = await transport.exec(shellLine(script, values), signal);
  const result = await collect(channel, feed, signal);
  if (signal?.aborted) throw cancelled();
  if (transport.closed) throw connectionLost(transport.label, "while Node.js was installed");
  return result;
}

function refused({ transport }: InstallOptions, path: string, result: Collected): Error {
  const said = result.stderr.trim().split("\n").filter(Boolean);
  // tar has the last word, the system the first.
  const words = said.find((line) => /No space left|Read-only|Permission denied|damaged/.test(line)) ?? said.at(-1);
  const how = words ?? `the command ended with ${result.code ?? result.signal ?? "no code"}`;
  return uploadFailed(transport.label, path, how);
}

const temporary = (): string => `.tmp-${randomBytes(6).toString("hex")}`;
