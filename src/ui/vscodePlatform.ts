// The platform over VS Code: settings, prompts, one log channel with levels.
import * as vscode from "vscode";
import { Emitter } from "../../core/base/emitter";
import type { Scope } from "../../core/base/disposable";
import type { Logger, LogLevel } from "../../core/base/logger";
import type { ConnectPrompts } from "../connect/prompts";
import type { Platform } from "../platform";
import { defaultSettings, settingsSchema, type Settings } from "../settings";

export interface VscodePlatform extends Platform {
  channel: vscode.LogOutputChannel;
}

export function createVscodePlatform(context: vscode.ExtensionContext, scope: Scope): VscodePlatform {
  const channel = scope.add(vscode.window.createOutputChannel("Runside", { log: true }));
  const changed = scope.add(new Emitter<void>());
  scope.add(
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("runside")) changed.fire();
    }),
  );
  return {
    extensionFolder: context.extensionUri.fsPath,
    settings: readSettings,
    onSettings: changed.event,
    isTrusted: () => vscode.workspace.isTrusted,
    prompts,
    logger: channelLogger(channel),
    channel,
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

async function secret(title: string, prompt: string): Promise<string | null> {
  const typed = await vscode.window.showInputBox({ title, prompt, password: true, ignoreFocusOut: true });
  return typed ?? null;
}

const prompts: ConnectPrompts = {
  password: (label) => secret(`Runside: ${label}`, vscode.l10n.t("Password for {0}", label)),
  passphrase: (keyPath) => secret("Runside", vscode.l10n.t("Passphrase of the key {0}", keyPath)),
  answers: async (name, instructions, questions) => {
    const answers: string[] = [];
    for (const { prompt, echo } of questions) {
      const typed = await vscode.window.showInputBox({
        title: name ? `Runside: ${name}` : "Runside",
        prompt: [instructions, prompt].filter(Boolean).join(" "),
        password: !echo,
        ignoreFocusOut: true,
      });
      if (typed === undefined) return null;
      answers.push(typed);
    }
    return answers;
  },
  confirmHostKey: async ({ host, port, fingerprint, keyType }) => {
    const trust = vscode.l10n.t("Trust and Connect");
    const where = port === 22 ? host : `${host}:${port}`;
    const chosen = await vscode.window.showWarningMessage(
      vscode.l10n.t("{0} is not known yet. Is this its host key?", where),
      {
        modal: true,
        detail: `${keyType}\n${fingerprint}\n\n${vscode.l10n.t("Compare it with what the box's owner gave you. It will be added to known_hosts.")}`,
      },
      trust,
    );
    return chosen === trust;
  },
};
