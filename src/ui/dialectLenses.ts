// "Try" above each dialect that a file declares, also above one that is wrong: the try-out says what is wrong with it.
import * as vscode from "vscode";
import { declaredPlaces } from "../../core/actions/userDialects";
import type { Scope } from "../../core/base/disposable";
import { commands } from "../names";
import type { Platform } from "../platform";

export class DialectLenses implements vscode.CodeLensProvider {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.changed.event;

  constructor(
    private readonly platform: Platform,
    scope: Scope,
  ) {
    scope.add(this.changed);
    scope.add(platform.onSettings(() => this.changed.fire()));
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    if (!this.platform.settings()["codeLens.enabled"]) return [];
    return declaredPlaces(document.getText()).map(({ id, line }) => {
      const range = new vscode.Range(line - 1, 0, line - 1, 0);
      const title = vscode.l10n.t("$(beaker) Try {0}", id);
      return new vscode.CodeLens(range, { command: commands.tryDialect, title, arguments: [document.uri, id] });
    });
  }
}
