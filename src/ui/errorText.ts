// What a person can do about each failure: one button, or none. A new code without an entry here does not compile.
import * as vscode from "vscode";
import { asRunsideError, type ErrorCode } from "../../core/base/errors";
import { commands } from "../names";

type Data = Readonly<Record<string, unknown>>;
/** `needs`: without it in the error's data there is no button. */
type Remedy = { label: string; needs?: string; run: (data: Data) => Thenable<unknown> } | null;

const showLog: Remedy = {
  label: vscode.l10n.t("Show Log"),
  run: () => vscode.commands.executeCommand(commands.showOutput),
};

const copyFix: Remedy = {
  label: vscode.l10n.t("Copy the Command"),
  needs: "forget",
  run: (data) => vscode.env.clipboard.writeText(typeof data["forget"] === "string" ? data["forget"] : ""),
};

const openConfig: Remedy = {
  label: vscode.l10n.t("Open SSH Config"),
  needs: "path",
  run: ({ path }) => vscode.window.showTextDocument(vscode.Uri.file(String(path))),
};

const remedies: Record<ErrorCode, Remedy> = {
  "connect/unreachable": showLog,
  "connect/auth-failed": showLog,
  "connect/host-key-changed": copyFix,
  "connect/host-key-declined": null,
  "connect/bad-config": openConfig,
  "connect/untrusted": {
    label: vscode.l10n.t("Manage Trust"),
    run: () => vscode.commands.executeCommand("workbench.trust.manage"),
  },
  "connect/lost": showLog,
  "agent/no-node": null,
  "agent/upload-failed": showLog,
  "agent/version-mismatch": showLog,
  "agent/crashed": showLog,
  "agent/in-use": null,
  "run/not-found": null,
  "run/bad-config": null,
  "run/bad-recipe": null,
  "run/launch-failed": null,
  "run/live": null,
  "trace/unreadable": null,
  "trace/not-found": null,
  usage: null,
  "rpc/bad-params": showLog,
  "rpc/bad-result": showLog,
  "rpc/unknown-method": showLog,
  "rpc/timeout": showLog,
  "rpc/closed": showLog,
  cancelled: null,
  internal: showLog,
};

/** Shown once, with one button at most; a cancelled act shows nothing. */
export async function showError(error: unknown): Promise<void> {
  const { code, message, data } = asRunsideError(error);
  if (code === "cancelled") return;
  const known = remedies[code];
  const remedy = known?.needs !== undefined && typeof data[known.needs] !== "string" ? null : known;
  const chosen = await vscode.window.showErrorMessage(message, ...(remedy ? [remedy.label] : []));
  if (remedy && chosen === remedy.label) await remedy.run(data);
}
