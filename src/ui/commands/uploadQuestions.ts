// What a launch asks on its way: about files that the config names and the upload leaves out, and about its size.
import * as vscode from "vscode";
import { shownName } from "../../../core/base/byteName";
import { includeOf } from "../../launch/leftOut";
import { megabytes } from "../../launch/uploadLimits";
import type { LaunchQuestions } from "../../runs/launchConfig";
import type { Settings } from "../../settings";

const LISTED = 12;

export function uploadQuestions(workspace: vscode.Uri, settings: Settings): LaunchQuestions {
  return {
    async leftOut(paths) {
      const lines = paths
        .slice(0, LISTED)
        .map(({ path, files, bytes, key }) =>
          [shownName(path), key === "" ? "" : `(${key})`, files > 1 ? `${files} files,` : "", megabytes(bytes)]
            .filter(Boolean)
            .join(" "),
        );
      if (paths.length > LISTED) lines.push(vscode.l10n.t("and {0} more", paths.length - LISTED));
      const once = vscode.l10n.t("Include Once");
      const always = vscode.l10n.t("Include Always");
      const anyway = vscode.l10n.t("Run Anyway");
      const chosen = await vscode.window.showWarningMessage(
        vscode.l10n.t("The config names files that are not sent to the box, because git ignores them."),
        { modal: true, detail: lines.join("\n") },
        once,
        always,
        anyway,
      );
      if (chosen === undefined) return null;
      if (chosen === anyway) return [];
      const globs = paths.map(includeOf);
      if (chosen === always) await addToSetting(workspace, globs);
      return globs;
    },
    async mayUpload({ bytes, files, largest, total }) {
      if (bytes <= settings["upload.askAboveMB"] * 1e6) return true;
      const send = vscode.l10n.t("Send");
      const list = largest.map(({ path, size }) => `${shownName(path)}  ${megabytes(size)}`).join("\n");
      const chosen = await vscode.window.showInformationMessage(
        vscode.l10n.t("Send {0} in {1} files to the box?", megabytes(bytes), files),
        {
          modal: true,
          detail: vscode.l10n.t(
            "The workspace has {0}; the box lacks these. The largest:\n{1}\nWhat a run does not need can be left out in .runsideignore.",
            megabytes(total),
            list,
          ),
        },
        send,
      );
      return chosen === send;
    },
  };
}

async function addToSetting(workspace: vscode.Uri, globs: readonly string[]): Promise<void> {
  const configuration = vscode.workspace.getConfiguration("runside", workspace);
  const own = configuration.inspect<string[]>("include")?.workspaceFolderValue ?? [];
  const target = vscode.ConfigurationTarget.WorkspaceFolder;
  await configuration.update("include", [...new Set([...own, ...globs])], target);
}
