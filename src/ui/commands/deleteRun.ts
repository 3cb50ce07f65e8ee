// Delete Run: what it takes is measured and shown first, checkpoints by name; a live run is refused by the box.
import * as vscode from "vscode";
import { bytesWords, diskParts, type DiskPart, type DiskUse } from "../../../core/model/diskUse";
import { runs } from "../../../core/protocol/runs";
import type { BoxSession } from "../../runs/boxes";

const SHOWN = 8;

export async function deleteRun(session: BoxSession, id: string): Promise<boolean> {
  const peer = await session.link.peer();
  const use = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: vscode.l10n.t("Measuring {0}", id) },
    () => peer.request(runs.remove, { id, dryRun: true }),
  );
  const name = session.directory.get(id)?.name ?? id;
  const remove = vscode.l10n.t("Delete");
  const question = vscode.l10n.t("Delete {0} from {1}? {2} are freed.", name, session.label, bytesWords(use.total));
  const chosen = await vscode.window.showWarningMessage(question, { modal: true, detail: detailOf(id, use) }, remove);
  if (chosen !== remove) return false;
  await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t("Deleting {0}", name) },
    () => peer.request(runs.remove, { id, dryRun: false }),
  );
  return true;
}

function detailOf(id: string, use: DiskUse): string {
  const words: Record<DiskPart, string> = {
    output: vscode.l10n.t("output"),
    checkpoints: vscode.l10n.t("checkpoints"),
    log: vscode.l10n.t("log"),
    cache: vscode.l10n.t("cache"),
    code: vscode.l10n.t("its copy of the code"),
    record: vscode.l10n.t("record"),
  };
  const parts = diskParts.filter((part) => use.parts[part] > 0);
  const more = use.checkpoints.length - SHOWN;
  return [
    id,
    parts.map((part) => `${words[part]} ${bytesWords(use.parts[part])}`).join(", "),
    ...use.checkpoints.slice(0, SHOWN).map(({ path, bytes }) => `${path} (${bytesWords(bytes)})`),
    ...(more > 0 ? [vscode.l10n.t("and {0} more checkpoints", more)] : []),
    ...(use.outside.length > 0 ? [vscode.l10n.t("What it wrote elsewhere stays: {0}", use.outside.join(", "))] : []),
    vscode.l10n.t("This cannot be undone. Keep Run copies it to this machine first."),
  ].join("\n");
}
