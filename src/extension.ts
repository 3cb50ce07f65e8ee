// Builds the app and registers the UI; ends both. Nothing connects before the user has run something here once.
import type * as vscode from "vscode";
import { Scope } from "../core/base/disposable";
import { createApp, type App } from "./app";
import { registerUi } from "./ui/register";
import { createVscodePlatform } from "./ui/vscodePlatform";

/** How long the editor's shutdown waits for links to close; runs go on either way. */
const CLOSE_MS = 2000;

let running: { app: App; scope: Scope } | null = null;

/** What tests inside the extension host use; people use the commands. */
export interface RunsideApi {
  app: App;
  activationMs: number;
}

export function activate(context: vscode.ExtensionContext): RunsideApi {
  const began = performance.now();
  const scope = new Scope("extension", (error, where) => console.error(`Runside: ${where}`, error));
  const platform = createVscodePlatform(context, scope);
  const app = createApp(platform);
  registerUi(context, scope, app, platform);
  running = { app, scope };
  const activationMs = performance.now() - began;
  platform.logger.log("info", "view", `activated in ${activationMs.toFixed(1)} ms`);
  return { app, activationMs };
}

export async function deactivate(): Promise<void> {
  const ending = running;
  running = null;
  if (!ending) return;
  ending.scope.dispose();
  await Promise.race([ending.app.close(), new Promise((resolve) => setTimeout(resolve, CLOSE_MS))]);
}
