// One .runside/dialects.yaml as it stands in the editor, saved or not; says when it, or the trust in its workspace, changes.
import * as vscode from "vscode";
import { parseUserDialects, userDialectsPath } from "../../core/actions/userDialects";
import { Scope, type Disposable } from "../../core/base/disposable";
import { Emitter } from "../../core/base/emitter";
import type { Declared } from "../../core/protocol/dialects";

export const dialectFiles: vscode.DocumentSelector = { pattern: `**/${userDialectsPath}` };

/** The one given, else the one being edited, else the first of the workspace; null where there is none. */
export async function findDialectFile(given?: vscode.Uri): Promise<vscode.Uri | null> {
  const editing = vscode.window.activeTextEditor?.document;
  const open = editing && vscode.languages.match(dialectFiles, editing) > 0 ? editing.uri : undefined;
  if (given ?? open) return given ?? open ?? null;
  for (const folder of vscode.workspace.workspaceFolders ?? []) {
    const uri = vscode.Uri.joinPath(folder.uri, userDialectsPath);
    const there = await vscode.workspace.fs.stat(uri).then(
      () => true,
      () => false,
    );
    if (there) return uri;
  }
  return null;
}

export class DialectFile implements Disposable {
  private readonly scope = new Scope("dialectFile");
  private readonly changed = this.scope.add(new Emitter<void>());
  readonly onChange = this.changed.event;

  constructor(readonly uri: vscode.Uri | null) {
    const fire = (): void => this.changed.fire();
    this.scope.add(vscode.workspace.onDidGrantWorkspaceTrust(fire));
    if (!uri) return;
    const isOurs = (document: vscode.TextDocument): void => {
      if (document.uri.toString() === uri.toString()) fire();
    };
    this.scope.add(vscode.workspace.onDidChangeTextDocument(({ document }) => isOurs(document)));
    this.scope.add(vscode.workspace.onDidCloseTextDocument(isOurs));
    const pattern = new vscode.RelativePattern(vscode.Uri.joinPath(uri, ".."), "dialects.yaml");
    const watcher = this.scope.add(vscode.workspace.createFileSystemWatcher(pattern));
    this.scope.add(watcher.onDidCreate(fire));
    this.scope.add(watcher.onDidChange(fire));
    this.scope.add(watcher.onDidDelete(fire));
  }

  async text(): Promise<string | null> {
    const { uri } = this;
    if (!uri) return null;
    const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
    if (open) return open.getText();
    return vscode.workspace.fs.readFile(uri).then(
      (bytes) => new TextDecoder().decode(bytes),
      () => null,
    );
  }

  /** What may be run: nothing of a workspace that is not trusted. */
  async runnable(): Promise<string | null> {
    return vscode.workspace.isTrusted ? this.text() : null;
  }

  async declared(): Promise<Declared> {
    const text = await this.text();
    if (!this.uri || text === null) return { path: null, problems: [], restricted: null };
    return {
      path: vscode.workspace.asRelativePath(this.uri, false),
      problems: parseUserDialects(text).problems.map(({ severity, line, column, message }) => ({
        severity,
        line,
        column,
        message,
      })),
      restricted: vscode.workspace.isTrusted
        ? null
        : vscode.l10n.t(
            "This workspace is not trusted, so the patterns it declares are not run; the built-in dialects are.",
          ),
    };
  }

  dispose(): void {
    this.scope.dispose();
  }
}
