// The programs that npm cannot bring: what is there, what can be installed, and what goes without otherwise.
import { accessSync, constants, existsSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { runQuiet } from "./processes";

export type Need = "openssh-server" | "openssh-client" | "shells" | "chromium" | "compiler" | "faketime" | "rsync";

export interface Missing {
  need: Need;
  sentence: string;
}

interface NeedFacts {
  found(): boolean;
  packages: readonly string[];
  /** What is missing, and which tests that leaves out. */
  without: string;
}

const facts: Record<Need, NeedFacts> = {
  "openssh-server": {
    found: () => findSshd() !== undefined,
    packages: ["openssh-server"],
    without: "OpenSSH's server (sshd) was not found: the tests against a real sshd are left out.",
  },
  "openssh-client": {
    found: () => ["ssh", "ssh-keygen", "ssh-agent"].every((name) => findProgram(name) !== undefined),
    packages: ["openssh-client"],
    without: "OpenSSH's client (ssh, ssh-keygen, ssh-agent) was not found: the tests that log in with it are left out.",
  },
  shells: {
    found: () => ["zsh", "fish", "tcsh"].every((name) => findProgram(name) !== undefined),
    packages: ["zsh", "fish", "tcsh"],
    without: "zsh, fish or tcsh was not found: the tests with them as login shells are left out.",
  },
  chromium: {
    found: () => findChromium() !== undefined,
    // Letters, a monospace face for the editor, CJK and emoji: what rollouts are written in.
    packages: ["chromium", "fonts-dejavu-core", "fonts-liberation", "fonts-noto-color-emoji", "fonts-wqy-zenhei"],
    without: "Chromium or Chrome was not found: the tests in a browser and in the real editor are left out.",
  },
  faketime: {
    found: () => findFaketime() !== undefined,
    packages: ["libfaketime"],
    without: "libfaketime was not found: the faults in which a clock moves are left out.",
  },
  rsync: {
    found: () => findProgram("rsync") !== undefined,
    packages: ["rsync"],
    without: "rsync was not found: the benchmark of uploads has nothing beside it.",
  },
  compiler: {
    found: () => ["g++", "make", "python3"].every((name) => findProgram(name) !== undefined),
    packages: ["g++", "make", "python3"],
    without:
      "A C++ compiler (g++, make, python3) was not found: the real editor cannot be built, its tests are left out.",
  },
};

/** Installs what is missing where that is possible, and says what remains missing. Under CI nothing may be. */
export async function ensureSystem(needs: readonly Need[]): Promise<Missing[]> {
  const lacking = () => needs.filter((need) => !facts[need].found());
  let installError = "";
  if (lacking().length > 0 && canInstall()) {
    try {
      await aptInstall(lacking().flatMap((need) => facts[need].packages));
    } catch (error) {
      installError = ` Installing it failed: ${String(error)}`;
    }
  }
  const missing = lacking().map((need) => ({ need, sentence: facts[need].without + installError }));
  if (missing.length > 0 && process.env.CI === "true") {
    throw new Error(`On CI nothing may be left out. ${missing.map((one) => one.sentence).join(" ")}`);
  }
  return missing;
}

export function findChromium(): string | undefined {
  const named = process.env.CHROME_PATH;
  if (named && isExecutable(named)) return named;
  if (process.platform === "darwin") {
    const apps = ["Google Chrome", "Chromium"].map((name) => `Applications/${name}.app/Contents/MacOS/${name}`);
    const homes = ["/", process.env.HOME ?? "/"];
    return homes.flatMap((home) => apps.map((app) => join(home, app))).find(isExecutable);
  }
  for (const name of ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]) {
    const path = findProgram(name);
    if (path) return path;
  }
  return undefined;
}

/** sshd lies outside an ordinary user's PATH, and starts itself again by its absolute path. */
export function findSshd(): string | undefined {
  return findProgram("sshd", ["/usr/sbin", "/usr/local/sbin", "/sbin"]);
}

/** The library that a program is started with, so that its clock is another. */
export function findFaketime(): string | undefined {
  const folders = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"];
  return folders.map((folder) => join(folder, "faketime", "libfaketime.so.1")).find((path) => existsSync(path));
}

export function findProgram(name: string, furtherFolders: readonly string[] = []): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(delimiter), ...furtherFolders];
  return folders
    .filter(Boolean)
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function canInstall(): boolean {
  return process.platform === "linux" && process.getuid?.() === 0 && findProgram("apt-get") !== undefined;
}

async function aptInstall(packages: readonly string[]): Promise<void> {
  console.log(`Installing ${packages.join(", ")} with apt-get ...`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const wait = ["-o", "DPkg::Lock::Timeout=300"];
  await runQuiet("apt-get", ["update", "-qq", ...wait], { env });
  const allowServices = forbidServices();
  try {
    const install = ["install", "-y", "-qq", "--no-install-recommends", ...wait, ...packages];
    try {
      await runQuiet("apt-get", install, { env });
    } catch {
      // A download that breaks off, or files that a cleaner took away, leave packages half unpacked: once more mends both.
      await runQuiet("dpkg", ["--configure", "-a"], { env });
      await runQuiet("apt-get", ["--fix-broken", ...install], { env });
    }
  } finally {
    allowServices();
  }
}

/** Debian starts a service as it installs it; a test run must not open port 22 to the world. */
function forbidServices(): () => void {
  const policy = "/usr/sbin/policy-rc.d";
  try {
    writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755, flag: "wx" });
  } catch {
    return () => undefined;
  }
  return () => rmSync(policy, { force: true });
}
