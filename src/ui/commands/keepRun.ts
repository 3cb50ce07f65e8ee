// Keep Run: which checkpoints, then the copy with progress; it opens as an experiment folder of this machine.
import * as vscode from "vscode";
import path from "node:path";
import { bytesWords } from "../../../core/model/diskUse";
import { keeping } from "../../../core/protocol/keeping";
import type { Scope } from "../../../core/base/disposable";
import { keepAutomatically, keptFolder } from "../../keep/automaticKeep";
import { keepRun, type Kept } from "../../keep/keepRun";
import { moveKept } from "../../keep/moveKept";
import { localBox } from "../../runs/box";
import type { Boxes, BoxSession } from "../../runs/boxes";
import type { RunSecrets } from "../../runs/runSecrets";
import { commands } from "../../names";
import { showError } from "../errorText";
import type { RunPanel, RunPanels } from "../panels/runPanel";
import type { RecentFolders } from "../recentFolders";
import type { VscodePlatform } from "../vscodePlatform";

export interface KeepParts {
  boxes: Boxes;
  platform: VscodePlatform;
  secrets: RunSecrets;
  panels: RunPanels;
  recent: RecentFolders;
}

export async function keepAndOpen(parts: KeepParts, session: BoxSession, id: string): Promise<string | undefined> {
  const checkpoints = await chooseCheckpoints(session, id);
  if (!checkpoints) return undefined;
  const name = session.directory.get(id)?.name ?? id;
  const folder = keptFolder(rootOf(parts.platform), session.id, id);
  const kept = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t("Keep {0}", name), cancellable: true },
    async (progress, token) => {
      const stop = new AbortController();
      token.onCancellationRequested(() => stop.abort());
      let shown = 0;
      const report = (done: number, total: number): void => {
        const share = total === 0 ? 100 : (done / total) * 100;
        progress.report({ increment: share - shown, message: `${bytesWords(done)} / ${bytesWords(total)}` });
        shown = share;
      };
      const peer = await session.link.peer(stop.signal);
      const secrets = await parts.secrets.knownForCopy();
      const onWait = (): void => progress.report({ message: vscode.l10n.t("another window keeps it just now") });
      const asked = { peer, id, box: session.label, folder, checkpoints, secrets };
      return keepRun({ ...asked, report, onWait, signal: stop.signal });
    },
  );
  await parts.recent.add(localBox, folder);
  const panel = parts.panels.show(parts.boxes.open(localBox), folder);
  void tellKept(parts, kept, folder, panel);
  return folder;
}

/** Where no folder was chosen yet, it can be now: this run goes there, and the next ones. */
async function tellKept(parts: KeepParts, kept: Kept, folder: string, panel: RunPanel): Promise<void> {
  const elsewhere = vscode.l10n.t("Keep Elsewhere...");
  const isChosen = parts.platform.settings()["keep.folder"] !== "";
  const words = keptWords(kept, folder);
  if ((await vscode.window.showInformationMessage(words, ...(isChosen ? [] : [elsewhere]))) !== elsewhere) return;
  const [root] =
    (await vscode.window.showOpenDialog({
      canSelectFiles: false,
      canSelectFolders: true,
      title: vscode.l10n.t("Where are runs to be kept?"),
      openLabel: vscode.l10n.t("Keep Runs Here"),
    })) ?? [];
  if (!root) return;
  try {
    const moved = await moveKept(folder, root.fsPath);
    await vscode.workspace
      .getConfiguration("runside")
      .update("keep.folder", root.fsPath, vscode.ConfigurationTarget.Global);
    panel.dispose();
    await parts.recent.remove(localBox, folder);
    await parts.recent.add(localBox, moved);
    parts.panels.show(parts.boxes.open(localBox), moved);
  } catch (error) {
    void showError(error);
  }
}

/** Off until chosen: they are most of the bytes. undefined where the person left it open. */
async function chooseCheckpoints(session: BoxSession, id: string): Promise<string[] | undefined> {
  const peer = await session.link.peer();
  const { files } = await peer.request(keeping.list, { id });
  const sizes = new Map<string, number>();
  let without = 0;
  for (const { checkpoint, bytes } of files) {
    if (checkpoint === null) without += bytes;
    else sizes.set(checkpoint, (sizes.get(checkpoint) ?? 0) + bytes);
  }
  if (sizes.size === 0) return [];
  const items = [...sizes]
    .map(([label, bytes]) => ({ label, description: bytesWords(bytes) }))
    .sort((a, b) => a.label.localeCompare(b.label, undefined, { numeric: true }));
  const chosen = await vscode.window.showQuickPick(items, {
    canPickMany: true,
    title: vscode.l10n.t("Which checkpoints too? Without them it is {0}", bytesWords(without)),
    placeHolder: vscode.l10n.t("Enter keeps the run without checkpoints"),
  });
  return chosen?.map(({ label }) => label);
}

function rootOf(platform: VscodePlatform): string {
  const chosen = platform.settings()["keep.folder"];
  return chosen === "" ? path.join(platform.storage.fsPath, "kept") : chosen;
}

function keptWords({ files, copied, skipped }: Kept, folder: string): string {
  const words = vscode.l10n.t("{0} files are kept in {1} ({2} copied now).", files, folder, bytesWords(copied));
  if (skipped.length === 0) return words;
  const named = skipped.slice(0, 3).map((each) => `${each.path} (${each.why})`);
  const more = skipped.length > named.length ? [vscode.l10n.t("{0} more", skipped.length - named.length)] : [];
  return `${words} ${vscode.l10n.t("Not copied: {0}.", [...named, ...more].join("; "))}`;
}

/** As the setting `runside.keep.automatically` says. */
export function registerAutomaticKeep(parts: KeepParts, scope: Scope): void {
  const { boxes, secrets, platform, recent } = parts;
  const showLog = vscode.l10n.t("Show Log");
  keepAutomatically(
    {
      boxes,
      secrets,
      logger: platform.logger,
      isOn: () => platform.settings()["keep.automatically"],
      root: () => rootOf(platform),
      onKept: (folder) => recent.add(localBox, folder),
      onFailed: (sentence) =>
        void vscode.window
          .showWarningMessage(sentence, showLog)
          .then((chosen) => chosen === showLog && vscode.commands.executeCommand(commands.showOutput)),
    },
    scope,
  );
}
