// Boxes without Node.js, made of this machine: a login shell in mounts of its own, where no Node is left. Needs root; nothing
// outside the commands of the test sees the mounts, and they end with them.
import { chmodSync, existsSync, mkdirSync, readdirSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { devFolder } from "../../scripts/folders";
import { nodePackages, obtainNode, type NodeSupply } from "../../src/connect/nodeSource";

export interface BareBox {
  /** For `startSshd`. */
  shell: string;
  /** What the box sees as /var/tmp. */
  varTmp: string;
}

export interface BareBoxOptions {
  dir: string;
  /** Mount options for the home folder, such as "noexec". */
  home?: "noexec" | "ro";
  /** The shell that gets each command. */
  inner?: string;
}

export function bareBox({ dir, home, inner = "/bin/sh" }: BareBoxOptions): BareBox {
  const varTmp = join(dir, "var-tmp");
  mkdirSync(varTmp);
  chmodSync(varTmp, 0o1777);
  const nodes = [
    "/usr/local/bin/node",
    "/usr/bin/node",
    "/bin/node",
    ...readdirSync("/opt").map((name) => `/opt/${name}/bin/node`),
  ];
  const hidden = new Set(nodes.filter((path) => existsSync(path)).map((path) => realpathSync(path)));
  const shell = join(dir, "bare-shell");
  const script = [
    "#!/bin/sh",
    // Once outside, once in mounts of its own.
    '[ -n "$RUNSIDE_TEST_BARE" ] || RUNSIDE_TEST_BARE=1 exec unshare --mount "$0" "$@"',
    "unset RUNSIDE_TEST_BARE NVM_DIR CONDA_PREFIX XDG_RUNTIME_DIR",
    ...[...hidden].map((path) => `mount --bind /dev/null '${path}' || exit 99`),
    `mount --bind '${varTmp}' /var/tmp || exit 99`,
    ...(home ? [`mount --bind "$HOME" "$HOME" && mount -o remount,bind,${home} "$HOME" || exit 99`, 'cd "$HOME"'] : []),
    "PATH=/usr/bin:/bin:/usr/sbin:/sbin; export PATH",
    `exec ${inner} "$@"`,
    "",
  ];
  writeFileSync(shell, script.join("\n"), { mode: 0o755 });
  return { shell, varTmp };
}

/** The packed Node as npm gives it, fetched once and kept in the dev folder; null, with the reason printed, without a network. */
export async function packedNode(): Promise<{ file: string; supply: NodeSupply } | null> {
  if (process.platform !== "linux" || process.arch !== "x64") return null;
  const supply = { cache: devFolder("node"), source: "" };
  try {
    return { file: await obtainNode(nodePackages.x64, supply, AbortSignal.timeout(240_000)), supply };
  } catch (error) {
    if (process.env.CI === "true") throw error;
    console.log(`Left out, Node's package could not be fetched: ${String(error)}`);
    return null;
  }
}
