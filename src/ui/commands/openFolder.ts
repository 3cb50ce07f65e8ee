// Open Experiment Folder: any folder of training output, on a box or here, walked to with a quick pick.
import * as vscode from "vscode";
import { files } from "../../../core/protocol/files";
import { localBox, type BoxId } from "../../runs/box";
import { boxLabel, type Boxes } from "../../runs/boxes";
import type { RunPanels } from "../panels/runPanel";
import type { RecentFolders } from "../recentFolders";

interface Item extends vscode.QuickPickItem {
  open?: string;
  go?: string;
}

export interface OpenFolderParts {
  boxes: Boxes;
  panels: RunPanels;
  recent: RecentFolders;
}

export async function openFolder(parts: OpenFolderParts, box?: BoxId, path?: string): Promise<void> {
  const chosenBox = box ?? (await chooseBox(parts.boxes));
  if (chosenBox === null) return;
  const session = parts.boxes.open(chosenBox);
  if (session.link.status.state === "failed") session.link.retry();
  const folder = path ?? (chosenBox === localBox ? await chooseHere() : await walk(parts, chosenBox));
  if (!folder) return;
  await parts.recent.add(chosenBox, folder);
  parts.panels.show(session, folder);
}

async function chooseBox(boxes: Boxes): Promise<BoxId | null> {
  await boxes.reload();
  const ids = boxes.ids();
  if (ids.length === 1) return ids[0] ?? null;
  const items = ids.map((id) => ({ label: boxLabel(id), id }));
  const title = vscode.l10n.t("On which box is the folder?");
  return (await vscode.window.showQuickPick(items, { title }))?.id ?? null;
}

async function chooseHere(): Promise<string | null> {
  const [chosen] = (await vscode.window.showOpenDialog({ canSelectFolders: true, canSelectFiles: false })) ?? [];
  return chosen?.fsPath ?? null;
}

/** Newest folders first, because the one that is wanted is usually the one being written. */
async function walk(parts: OpenFolderParts, box: BoxId): Promise<string | null> {
  const peer = await parts.boxes.open(box).link.peer();
  let at = "";
  for (;;) {
    const listed = await peer.request(files.list, { path: at });
    const items: Item[] = [
      { label: vscode.l10n.t("$(folder-opened) Open this folder"), description: listed.path, open: listed.path },
      ...(listed.parent === null ? [] : [{ label: "$(arrow-up) ..", go: listed.parent }]),
      ...listed.folders.map(({ name, modifiedAt }) => ({
        label: `$(folder) ${name}`,
        description: new Date(modifiedAt).toLocaleString(),
        go: `${listed.path.replace(/\/$/, "")}/${name}`,
      })),
    ];
    const pick = await pickOrType(items, boxLabel(box));
    if (pick === null) return null;
    if (pick.open !== undefined) return pick.open;
    at = pick.go ?? at;
  }
}

/** A path can be typed or pasted instead of chosen. */
function pickOrType(items: Item[], box: string): Promise<Item | null> {
  const picker = vscode.window.createQuickPick<Item>();
  picker.title = vscode.l10n.t("Open Experiment Folder on {0}", box);
  picker.placeholder = vscode.l10n.t("Choose a folder, or paste its path");
  picker.items = items;
  return new Promise((resolve) => {
    picker.onDidChangeValue((value) => {
      const typed = /^[/~]/.test(value) ? [{ label: `$(folder-opened) ${value}`, open: value, alwaysShow: true }] : [];
      picker.items = [...typed, ...items];
    });
    picker.onDidAccept(() => {
      resolve(picker.selectedItems[0] ?? null);
      picker.dispose();
    });
    picker.onDidHide(() => {
      resolve(null);
      picker.dispose();
    });
    picker.show();
  });
}
