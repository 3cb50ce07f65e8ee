// A secret written into a config travels to the box and into run.json: a warning where it stands, while one edits.
import * as vscode from "vscode";
import type { Scope } from "../../core/base/disposable";
import { findSecrets, type SecretLike } from "../../core/secrets/detect";
import type { ConfigFiles } from "./configFiles";

export const secretWords = ({ what }: Pick<SecretLike, "what">): string =>
  vscode.l10n.t(
    "This looks like a {0}. It would be sent to the box and kept in the run's record: use Runside: Set Secret... instead.",
    what,
  );

export function registerSecretWarnings(configs: ConfigFiles, scope: Scope): void {
  const shown = scope.add(vscode.languages.createDiagnosticCollection("runside-secrets"));
  const check = (document: vscode.TextDocument): void => {
    if (document.languageId !== "yaml" || document.uri.scheme !== "file") return;
    const found = findSecrets(document.getText());
    const ours = found.length > 0 && configs.recognises(document.uri, document.getText());
    shown.set(document.uri, ours ? found.map(diagnosticOf) : []);
  };
  const checkAll = (): void => vscode.workspace.textDocuments.forEach(check);
  checkAll();
  scope.add(configs.onChange(checkAll));
  scope.add(vscode.workspace.onDidOpenTextDocument(check));
  scope.add(vscode.workspace.onDidChangeTextDocument(({ document }) => check(document)));
  scope.add(vscode.workspace.onDidCloseTextDocument(({ uri }) => shown.delete(uri)));
}

function diagnosticOf(place: SecretLike): vscode.Diagnostic {
  const range = new vscode.Range(place.line, place.column, place.line, place.endColumn);
  const diagnostic = new vscode.Diagnostic(range, secretWords(place), vscode.DiagnosticSeverity.Warning);
  diagnostic.source = "Runside";
  diagnostic.code = "secret";
  return diagnostic;
}
