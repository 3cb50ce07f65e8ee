// Set Secret: a name, for which boxes, and its value, into the editor's secret storage; or forgetting one that is there.
import * as vscode from "vscode";
import type { Scope } from "../../../core/base/disposable";
import type { BoxId } from "../../runs/box";
import { boxLabel, type Boxes } from "../../runs/boxes";
import { cancelled } from "../../../core/base/errors";
import {
  badSecretName,
  badSecretValue,
  type RunSecret,
  type RunSecrets,
  type WithoutSecrets,
} from "../../runs/runSecrets";

/** What trainers look for most. */
const usual = ["HF_TOKEN", "WANDB_API_KEY"];

interface NameItem extends vscode.QuickPickItem {
  held?: RunSecret;
  name?: string;
}

/** A run of days must not find out after a night that its token was not to be had. */
export const askWithoutSecrets: WithoutSecrets = async (sentence) => {
  const again = vscode.l10n.t("Try Again");
  const without = vscode.l10n.t("Go On Without");
  const detail = vscode.l10n.t("Unlock this machine's keyring first; a run gets its secrets only when it starts.");
  const chosen = await vscode.window.showWarningMessage(sentence, { modal: true, detail }, again, without);
  if (chosen === undefined) throw cancelled();
  return chosen === again ? "again" : "without";
};

/** Once, and again only after it could be read in between. */
export function tellUnreadable(secrets: RunSecrets, scope: Scope): void {
  const again = vscode.l10n.t("Try Again");
  scope.add(
    secrets.onUnreadable((sentence) => {
      vscode.window.showWarningMessage(sentence, again).then(
        (chosen) => chosen === again && void secrets.reload(),
        () => undefined,
      );
    }),
  );
}

export async function setSecret(secrets: RunSecrets, boxes: Boxes): Promise<void> {
  const held = await secrets.list();
  const item = await vscode.window.showQuickPick<NameItem>(nameItems(held), {
    title: vscode.l10n.t("Which secret?"),
    placeHolder: vscode.l10n.t("Runs get it in their environment; no file, command line or log holds it"),
  });
  if (!item) return;
  if (item.held) return change(secrets, item.held);
  const name = item.name ?? (await askName());
  if (name === undefined) return;
  const box = await askBox(boxes, name);
  if (box === undefined) return;
  await askValue(secrets, { name, box });
}

function nameItems(held: readonly RunSecret[]): NameItem[] {
  const free = usual.filter((name) => !held.some((secret) => secret.name === name));
  return [
    ...held.map((secret) => ({ label: `$(key) ${secret.name}`, description: whereWords(secret.box), held: secret })),
    ...free.map((name) => ({ label: `$(add) ${name}`, name })),
    { label: vscode.l10n.t("$(add) Another name...") },
  ];
}

const whereWords = (box: BoxId | null): string =>
  box === null ? vscode.l10n.t("kept for every box") : vscode.l10n.t("kept for {0}", boxLabel(box));

async function change(secrets: RunSecrets, secret: RunSecret): Promise<void> {
  const replace = { label: vscode.l10n.t("$(edit) Another value...") };
  const forget = { label: vscode.l10n.t("$(trash) Forget it") };
  const title = `${secret.name}: ${whereWords(secret.box)}`;
  const chosen = await vscode.window.showQuickPick([replace, forget], { title });
  if (chosen === replace) await askValue(secrets, secret);
  if (chosen !== forget) return;
  await secrets.delete(secret);
  void vscode.window.showInformationMessage(vscode.l10n.t("{0} was forgotten; later runs do not get it.", secret.name));
}

const askName = (): Thenable<string | undefined> =>
  vscode.window.showInputBox({
    title: vscode.l10n.t("Name of the environment variable"),
    ignoreFocusOut: true,
    validateInput: badSecretName,
  });

/** undefined where the person left it open, null for every box. */
async function askBox(boxes: Boxes, name: string): Promise<BoxId | null | undefined> {
  const every = { label: vscode.l10n.t("$(globe) Every box"), box: null as BoxId | null };
  const one = boxes.ids().map((box) => ({ label: `$(server) ${boxLabel(box)}`, box }));
  const title = vscode.l10n.t("Which boxes may have {0}?", name);
  return (await vscode.window.showQuickPick([every, ...one], { title }))?.box;
}

async function askValue(secrets: RunSecrets, secret: RunSecret): Promise<void> {
  const value = await vscode.window.showInputBox({
    title: vscode.l10n.t("Value of {0}", secret.name),
    password: true,
    ignoreFocusOut: true,
    validateInput: badSecretValue,
  });
  if (value === undefined) return;
  await secrets.set(secret, value.trim());
  void vscode.window.showInformationMessage(
    vscode.l10n.t("{0} is {1}. Runs that start from now on get it.", secret.name, whereWords(secret.box)),
  );
}
