// The platform over VS Code: settings, prompts, one log channel with levels.
import * as vscode from "vscode";
import { join } from "node:path";
import { Emitter } from "../../core/base/emitter";
import type { Scope } from "../../core/base/disposable";
import type { Logger, LogLevel } from "../../core/base/logger";
import type { Platform } from "../platform";
import { RecentLog } from "../report/recentLog";
import { defaultSettings, settingsSchema, type Settings } from "../settings";
import { connectPrompts } from "./connectPrompts";
import { secretStore } from "./secretStore";

export interface VscodePlatform extends Platform {
  channel: vscode.LogOutputChannel;
  /** What the channel was given last. */
  recent: RecentLog;
  /** Where this extension may keep files of its own. */
  storage: vscode.Uri;
  version: string;
}

export function createVscodePlatform(context: vscode.ExtensionContext, scope: Scope): VscodePlatform {
  const channel = scope.add(vscode.window.createOutputChannel("Runside", { log: true }));
  const changed = scope.add(new Emitter<void>());
  const recent = new RecentLog();
  scope.add(
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("runside")) changed.fire();
    }),
  );
  return {
    extensionFolder: context.extensionUri.fsPath,
    cacheFolder: join(context.globalStorageUri.fsPath, "node"),
    memoryFolder: join(context.globalStorageUri.fsPath, "boxes"),
    settings: readSettings,
    onSettings: changed.event,
    isTrusted: () => vscode.workspace.isTrusted,
    prompts: connectPrompts,
    secrets: secretStore(context.secrets, scope),
    logger: recent.over(channelLogger(channel)),
    channel,
    recent,
    storage: context.globalStorageUri,
    version: String((context.extension.packageJSON as { version?: unknown }).version),
  };
}

function readSettings(): Settings {
  const configuration = vscode.workspace.getConfiguration("runside");
  const values = Object.fromEntries(
    Object.entries(defaultSettings).map(([name, otherwise]) => [name, configuration.get<unknown>(name, otherwise)]),
  );
  const parsed = settingsSchema.safeParse(values);
  // A value of the wrong type is shown as a problem by the settings editor; we go on with the defaults.
  return parsed.success ? parsed.data : defaultSettings;
}

function channelLogger(channel: vscode.LogOutputChannel): Logger {
  const write: Record<LogLevel, (message: string) => void> = {
    trace: (m) => channel.trace(m),
    debug: (m) => channel.debug(m),
    info: (m) => channel.info(m),
    warn: (m) => channel.warn(m),
    error: (m) => channel.error(m),
  };
  return {
    log: (level, tag, message, detail) => {
      const more = detail === undefined ? "" : ` ${typeof detail === "string" ? detail : JSON.stringify(detail)}`;
      write[level](`[${tag}] ${message}${more}`);
    },
  };
}
