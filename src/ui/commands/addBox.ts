// Add a box: takes the line a provider gives ("ssh -p 31234 root@1.2.3.4"), shows the Host block, writes it to the SSH config.
import * as vscode from "vscode";
import { messageOf, untrusted } from "../../../core/base/errors";
import { parseSshCommandLine } from "../../connect/sshCommandLine";
import { findSsh } from "../../connect/sshConfig";
import { defaultConfigFile } from "../../connect/sshConfigFile";
import { checkHostBlock, insertHostBlock } from "../../connect/sshHostBlock";
import type { Platform } from "../../platform";
import type { Boxes } from "../../runs/boxes";

export async function addBox(boxes: Boxes, platform: Platform): Promise<string | undefined> {
  if (!platform.isTrusted()) throw untrusted("any box");
  const line = await vscode.window.showInputBox({
    title: vscode.l10n.t("Add a box"),
    prompt: vscode.l10n.t("The ssh command that reaches it, as your provider gives it"),
    placeHolder: "ssh -p 31234 root@203.0.113.7",
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() === "" ? null : problemOf(text)),
  });
  if (!line) return undefined;
  const suggested = parseSshCommandLine(line).alias;
  const name = await vscode.window.showInputBox({
    title: vscode.l10n.t("Add a box"),
    prompt: vscode.l10n.t("What to call it, here and in a terminal (ssh NAME)"),
    value: suggested,
    ignoreFocusOut: true,
    validateInput: (text) =>
      /^[A-Za-z0-9][\w.-]*$/.test(text) ? null : vscode.l10n.t("Letters, digits, dots and dashes."),
  });
  if (!name) return undefined;
  const parsed = parseSshCommandLine(line, name);
  const configured = platform.settings()["ssh.configFile"];
  const file = configured === "" ? defaultConfigFile() : configured;
  const add = vscode.l10n.t("Add");
  const checked = await checkHostBlock(file, parsed.hostBlock, findSsh());
  const notes = [...parsed.notes, ...checked.notes].map((note) => `\n${note}`).join("");
  const chosen = await vscode.window.showInformationMessage(
    vscode.l10n.t("Add this to {0}?", file),
    { modal: true, detail: `${checked.block.trim()}\n${notes}` },
    add,
  );
  if (chosen !== add) return undefined;
  await insertHostBlock(file, checked.block);
  await boxes.reload();
  return name;
}

function problemOf(line: string): string | null {
  try {
    parseSshCommandLine(line);
    return null;
  } catch (error) {
    return messageOf(error);
  }
}
