// Uninstall from Box: what goes is measured and shown first, the runs are a choice of their own; the box refuses while it is needed.
import * as vscode from "vscode";
import { bytesWords } from "../../../core/model/diskUse";
import { footprintLines, partOf, type Footprint } from "../../../core/model/footprint";
import { store } from "../../../core/protocol/store";
import type { BoxId } from "../../runs/box";
import { boxLabel, type Boxes } from "../../runs/boxes";
import type { RunPanels } from "../panels/runPanel";

const SHOWN = 8;

interface Parts {
  boxes: Boxes;
  panels: RunPanels;
  /** A box that is remembered is connected to by itself, which would install it again. */
  forget: (box: BoxId) => Promise<void>;
}

export async function uninstallBox({ boxes, panels, forget }: Parts, box: BoxId): Promise<boolean> {
  const label = boxLabel(box);
  const found = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t("Looking at what Runside has on {0}", label),
    },
    async () => (await boxes.open(box).link.peer()).request(store.footprint, {}),
  );
  const choice = await ask(label, found);
  if (choice === null) return false;
  const { bytes, left } = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t("Uninstalling Runside from {0}", label) },
    () => boxes.uninstall(box, choice, () => panels.closeOf(box)),
  );
  await forget(box);
  const done = vscode.l10n.t("Runside is uninstalled from {0}; {1} are free again.", label, bytesWords(bytes));
  const rest = left.length > 0 ? ` ${vscode.l10n.t("Left there: {0}.", some(left, SHOWN).join(", "))}` : "";
  void vscode.window.showInformationMessage(done + rest);
  return true;
}

/** Not remembered as the workspace's box, as other choices are. */
export async function whichBox(boxes: Boxes): Promise<BoxId | null> {
  await boxes.reload();
  const items = boxes.ids().map((box) => ({ label: boxLabel(box), box }));
  const title = vscode.l10n.t("Uninstall Runside from which box?");
  return (await vscode.window.showQuickPick(items, { title }))?.box ?? null;
}

async function ask(label: string, found: Footprint): Promise<"keep" | "delete" | null> {
  const runs = partOf(found, "runs")?.count ?? 0;
  const keep = vscode.l10n.t("Keep the Runs");
  const all = runs > 0 ? vscode.l10n.t("Delete the Runs Too") : vscode.l10n.t("Uninstall");
  const detail = [
    ...footprintLines(found),
    ...some(found.stays, SHOWN).map((line) => vscode.l10n.t("Stays: {0}", line)),
    ...found.live.map(({ id, state }) => vscode.l10n.t("Must be stopped first: {0} ({1})", id, state)),
    ...found.elsewhere.map((id) =>
      vscode.l10n.t("May live on another machine, so that the runs can only be kept for now: {0}", id),
    ),
    ...(runs > 0
      ? [
          vscode.l10n.t(
            "Keep the Runs keeps the code they were started from, too. Deleted runs cannot be had back. Keep Run copies one to this machine first.",
          ),
        ]
      : []),
  ].join("\n");
  const question = vscode.l10n.t("Uninstall Runside from {0}? This is deleted there:", label);
  const buttons = runs > 0 ? [keep, all] : [all];
  const chosen = await vscode.window.showWarningMessage(question, { modal: true, detail }, ...buttons);
  if (chosen === undefined) return null;
  return chosen === keep ? "keep" : "delete";
}

/** A store that is set to a home folder has a hundred neighbours. */
function some(lines: readonly string[], most: number): string[] {
  if (lines.length <= most) return [...lines];
  return [...lines.slice(0, most), vscode.l10n.t("{0} more", lines.length - most)];
}
