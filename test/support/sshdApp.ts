// The host's services as the extension builds them, over a real sshd: windows of one editor, which share its storage.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { MemoryLogger } from "../../core/base/logger";
import { createApp, type App } from "../../src/app";
import type { BoxSession } from "../../src/runs/boxes";
import { defaultSettings, type Settings } from "../../src/settings";
import { unattended } from "../../src/unattended";
import { builtAgent } from "./builtAgent";
import { endRuns } from "./runsOfAgent";
import { startSshd, type Sshd } from "./sshd";
import { atEnd, tempFolder } from "./tempFolder";

export interface SshdWorld {
  dir: string;
  sshd: Sshd;
  /** RUNSIDE_HOME on the box. */
  store: string;
  /** The folder of GPU locks there. */
  locks: string;
  /** What windows remember of their boxes. */
  memory: string;
  window(more?: { settings?: Partial<Settings>; trusted?: boolean }): SshdWindow;
}

export interface SshdWindow {
  app: App;
  session: BoxSession;
  log: MemoryLogger;
  close(): Promise<void>;
}

export async function sshdWorld(login: readonly string[] = []): Promise<SshdWorld> {
  const dir = tempFolder("sshd");
  const locks = join(dir, "locks");
  const own = [`export RUNSIDE_LOCKS='${locks}' RUNSIDE_MIN_FREE=0 RUNSIDE_STOP_GRACE_MS=1000,1000`];
  const sshd = await startSshd({ dir, login: [...own, ...login] });
  atEnd(() => sshd.stop());
  atEnd(() => endRuns(sshd.runsideHome));
  const memory = join(dir, "memory");
  const product = join(dir, "product");
  mkdirSync(join(product, "dist"), { recursive: true });
  copyFileSync(await builtAgent(), join(product, "dist", "agent.js"));
  const window: SshdWorld["window"] = ({ settings = {}, trusted = true } = {}) => {
    const log = new MemoryLogger();
    const app = createApp(
      unattended({
        extensionFolder: product,
        cacheFolder: join(dir, "cache"),
        memoryFolder: memory,
        settings: () => ({
          ...defaultSettings,
          transport: "ssh2",
          "ssh.configFile": sshd.configFile,
          "local.enabled": false,
          ...settings,
        }),
        isTrusted: () => trusted,
        logger: log,
      }),
    );
    let open = true;
    const close = async (): Promise<void> => {
      if (open) await app.close();
      open = false;
    };
    atEnd(close);
    return { app, session: app.boxes.open(sshd.host), log, close };
  };
  return { dir, sshd, store: sshd.runsideHome, locks, memory, window };
}

/** Everything under a folder, as find(1) tells it. */
export const find = (folder: string): string[] =>
  execFileSync("find", [folder], { encoding: "utf8" }).split("\n").filter(Boolean).sort();
