// What connecting asks, as the editor's dialogs; one at a time, because a second input box would close the first.
import * as vscode from "vscode";
import type { ConnectPrompts } from "../connect/prompts";

let last: Promise<unknown> = Promise.resolve();

function inTurn<T>(question: () => Promise<T>): Promise<T> {
  const asked = last.then(question, question);
  last = asked.catch(() => undefined);
  return asked;
}

async function secret(title: string, prompt: string): Promise<string | null> {
  const typed = await vscode.window.showInputBox({ title, prompt, password: true, ignoreFocusOut: true });
  return typed ?? null;
}

const answers: ConnectPrompts["answers"] = async (name, instructions, questions) => {
  const given: string[] = [];
  for (const { prompt, echo } of questions) {
    const typed = await vscode.window.showInputBox({
      title: name ? `Runside: ${name}` : "Runside",
      prompt: [instructions, prompt].filter(Boolean).join(" "),
      password: !echo,
      ignoreFocusOut: true,
    });
    if (typed === undefined) return null;
    given.push(typed);
  }
  return given;
};

const confirmHostKey: ConnectPrompts["confirmHostKey"] = async ({ host, port, fingerprint, keyType }) => {
  const trust = vscode.l10n.t("Trust and Connect");
  const where = port === 22 ? host : `${host}:${port}`;
  const detail = vscode.l10n.t("Compare it with what the box's owner gave you. It will be added to known_hosts.");
  const chosen = await vscode.window.showWarningMessage(
    vscode.l10n.t("{0} is not known yet. Is this its host key?", where),
    { modal: true, detail: `${keyType}\n${fingerprint}\n\n${detail}` },
    trust,
  );
  return chosen === trust;
};

const bringNode: ConnectPrompts["bringNode"] = async ({ label, version, megabytes, from, to }) => {
  const bring = vscode.l10n.t("Bring It");
  const detail = vscode.l10n.t(
    "{0} MB from {1} to {2}, through the connection; checked by its hash on both sides. It lies in that folder alone.",
    megabytes,
    from,
    to,
  );
  const question = vscode.l10n.t("{0} has no Node.js 20 or later. Bring Node {1} there?", label, version);
  return (await vscode.window.showInformationMessage(question, { modal: true, detail }, bring)) === bring;
};

const withProgress: ConnectPrompts["withProgress"] = async (title, work) =>
  vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    async (progress, token) => {
      const stop = new AbortController();
      token.onCancellationRequested(() => stop.abort());
      return work((message) => progress.report({ message }), stop.signal);
    },
  );

/** A notification, not a dialog: the connection is there already and waits for nothing. */
const keepSecret: ConnectPrompts["keepSecret"] = async (kind, name) => {
  const keep = vscode.l10n.t("Keep");
  const question =
    kind === "password"
      ? vscode.l10n.t("Keep the password of {0} in the editor's secret storage?", name)
      : vscode.l10n.t("Keep the passphrase of {0} in the editor's secret storage?", name);
  return (await vscode.window.showInformationMessage(question, keep, vscode.l10n.t("Not Now"))) === keep;
};

export const connectPrompts: ConnectPrompts = {
  password: (label) => inTurn(() => secret(`Runside: ${label}`, vscode.l10n.t("Password for {0}", label))),
  passphrase: (path) => inTurn(() => secret("Runside", vscode.l10n.t("Passphrase of the key {0}", path))),
  answers: (name, instructions, questions) => inTurn(() => answers(name, instructions, questions)),
  confirmHostKey: (question) => inTurn(() => confirmHostKey(question)),
  bringNode: (question) => inTurn(() => bringNode(question)),
  withProgress,
  keepSecret,
};
