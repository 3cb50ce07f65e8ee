// Host keys that a person accepted where no known_hosts can hold them (/dev/null, a read-only folder): a file of this window
// stands in for it, so that a reconnect asks nothing and a key that differs is noticed.
import { constants } from "node:fs";
import { access, stat, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Credentials } from "./credentials";
import { KnownHosts, knownHostsLine, nameOf } from "./hostKeys";
import type { ResolvedHost } from "./sshConfig";
import type { Route } from "./sshRoute";

export interface OwnKnownHosts {
  file: string;
  /** For the hop's block in the config that ssh reads. */
  linesFor(hop: ResolvedHost): string[];
  /** What ssh wrote into it. */
  keep(): Promise<void>;
}

export async function ownKnownHosts(route: Route, folder: string, credentials: Credentials): Promise<OwnKnownHosts> {
  const file = join(folder, "known_hosts");
  const homeless = new Set<ResolvedHost>();
  const lines = new Set<string>();
  for (const hop of route.hops) {
    if (await canHold(hop.userKnownHostsFiles[0])) continue;
    homeless.add(hop);
    const [name, blob] = [nameOf(hop), credentials.hostKeys.get(nameOf(hop))];
    const known = await KnownHosts.read({ user: hop.userKnownHostsFiles, global: hop.globalKnownHostsFiles });
    if (blob && known.check(name, blob).kind === "unknown") lines.add(knownHostsLine(name, blob));
  }
  if (homeless.size > 0) await writeFile(file, [...lines].join(""), { mode: 0o600 });
  return {
    file,
    linesFor: (hop) => {
      const files = [file, ...hop.userKnownHostsFiles].map((path) => `"${path.replaceAll("%", "%%")}"`);
      return homeless.has(hop) ? [`UserKnownHostsFile ${files.join(" ")}`] : [];
    },
    keep: async () => {
      const held = KnownHosts.parse(await readFile(file, "utf8").catch(() => ""), file);
      for (const name of [...homeless].map(nameOf)) {
        const key = held.first(name);
        if (key) credentials.hostKeys.set(name, key.blob);
      }
    },
  };
}

async function canHold(file: string | undefined): Promise<boolean> {
  for (let path = file, own = true; path !== undefined; path = dirname(path), own = false) {
    const found = await stat(path).catch(() => null);
    if (found === null && path !== dirname(path)) continue;
    const fits = own ? found?.isFile() : found?.isDirectory();
    return (
      fits === true &&
      (await access(path, constants.W_OK).then(
        () => true,
        () => false,
      ))
    );
  }
  return false;
}
