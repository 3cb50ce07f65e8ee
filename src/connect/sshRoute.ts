// The way to a box: every jump host before it, each resolved by its own part of the SSH config.
import { jumpLoop } from "./configFailures";
import { resolveHost, type HostOverride, type ResolvedHost, type SshConfigOptions } from "./sshConfig";

const MAX_HOPS = 8;

export interface Route {
  /** As the person named it. */
  alias: string;
  /** From the first jump host to the box itself; never empty. */
  hops: readonly ResolvedHost[];
  box: ResolvedHost;
}

export async function resolveRoute(alias: string, config: SshConfigOptions): Promise<Route> {
  const hops = await resolveChain(alias, config);
  const box = hops.at(-1);
  if (!box) throw new Error(`no host for ${alias}`);
  return { alias, hops, box };
}

/** From the first jump host to the box itself. */
async function resolveChain(alias: string, config: SshConfigOptions): Promise<ResolvedHost[]> {
  const resolve = async (
    name: string,
    over: HostOverride,
    jumps: boolean,
    path: readonly string[],
  ): Promise<ResolvedHost[]> => {
    if (path.includes(name) || path.length >= MAX_HOPS) throw jumpLoop(alias, [...path, name]);
    const host = await resolveHost(name, config, over);
    if (!jumps || host.proxyJump === null) return [host];
    const chain: ResolvedHost[] = [];
    // As in ssh: only the first jump follows its own ProxyJump, the others are reached through the one before.
    for (const [i, hop] of host.proxyJump.split(",").entries()) {
      const { name: hopName, over: hopOver } = parseJump(hop.trim());
      chain.push(...(await resolve(hopName, hopOver, i === 0, [...path, name])));
    }
    if (chain.length >= MAX_HOPS)
      throw jumpLoop(
        alias,
        chain.map((hop) => hop.alias),
      );
    return [...chain, host];
  };
  return resolve(alias, {}, true, []);
}

function parseJump(text: string): { name: string; over: HostOverride } {
  const match = /^(?:ssh:\/\/)?(?:(.+)@)?(\[[^\]]+\]|[^:]+|[^@]*::[^@]*)(?::(\d+))?\/?$/.exec(text);
  const name = (match?.[2] ?? text).replace(/^\[(.*)\]$/, "$1");
  return { name, over: { user: match?.[1], port: match?.[3] === undefined ? undefined : Number(match[3]) } };
}
