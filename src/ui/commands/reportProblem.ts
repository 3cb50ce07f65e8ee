// Report Problem: one redacted file, opened for the person to read before anything is sent. Nothing is sent by Runside.
import * as vscode from "vscode";
import type { App } from "../../app";
import { problemReport } from "../../report/problemReport";
import type { VscodePlatform } from "../vscodePlatform";

export async function reportProblem(app: App, platform: VscodePlatform): Promise<vscode.Uri> {
  const text = await problemReport(app, {
    versions: [
      ["Runside", platform.version],
      ["VS Code", `${vscode.version} (${vscode.env.appName}, ${vscode.env.appHost})`],
      ["remote", vscode.env.remoteName ?? "none"],
      ["language", vscode.env.language],
    ],
    settings: platform.settings(),
    isTrusted: platform.isTrusted(),
    extensionFolder: platform.extensionFolder,
    workspaces: (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath),
    log: platform.recent,
  });
  const folder = vscode.Uri.joinPath(platform.storage, "reports");
  await vscode.workspace.fs.createDirectory(folder);
  const stamp = new Date().toISOString().slice(0, 19).replace(/[:T]/g, "-");
  const uri = vscode.Uri.joinPath(folder, `runside-report-${stamp}.md`);
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  await vscode.window.showTextDocument(uri, { preview: false });
  return uri;
}
