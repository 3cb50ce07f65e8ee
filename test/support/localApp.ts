// The host's services over this machine's agent, as the extension builds them: a store of its own, nobody to ask.
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { MemoryLogger } from "../../core/base/logger";
import { createApp, type App } from "../../src/app";
import type { SecretStore } from "../../src/connect/credentials";
import type { Platform } from "../../src/platform";
import { unattended } from "../../src/unattended";
import { defaultSettings, type Settings } from "../../src/settings";
import { builtAgent } from "./builtAgent";
import { atEnd, tempFolder } from "./tempFolder";

/** As the editor's: what is in it outlives the window. */
export function memorySecrets(): SecretStore & { held: Map<string, string> } {
  const held = new Map<string, string>();
  return {
    held,
    get: (key) => Promise.resolve(held.get(key)),
    set: (key, value) => Promise.resolve(void held.set(key, value)),
    delete: (key) => Promise.resolve(void held.delete(key)),
    keys: () => Promise.resolve([...held.keys()]),
  };
}

export interface LocalApp {
  app: App;
  home: string;
  logger: MemoryLogger;
  secrets: ReturnType<typeof memorySecrets>;
  platform: Platform;
}

export interface LocalAppOptions {
  settings?: Partial<Settings>;
  trusted?: boolean;
  home?: string;
}

export async function localApp({ settings = {}, trusted = true, home }: LocalAppOptions = {}): Promise<LocalApp> {
  const extensionFolder = tempFolder("extension");
  mkdirSync(join(extensionFolder, "dist"));
  copyFileSync(await builtAgent(), join(extensionFolder, "dist", "agent.js"));
  const store = home ?? tempFolder("home");
  const logger = new MemoryLogger();
  const secrets = memorySecrets();
  const platform = unattended({
    extensionFolder,
    cacheFolder: join(extensionFolder, "cache"),
    settings: () => ({ ...defaultSettings, "local.store": store, ...settings }),
    isTrusted: () => trusted,
    secrets,
    logger,
  });
  const app = createApp(platform);
  atEnd(() => app.close());
  return { app, home: store, logger, secrets, platform };
}
