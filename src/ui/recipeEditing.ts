// .runside/recipes.yaml while one edits it: problems where they stand, and completions, without another extension.
import * as vscode from "vscode";
import type { Scope } from "../../core/base/disposable";
import { userRecipesPath } from "../../core/recipes/userRecipes";
import { recipeCompletions, recipeDiagnostics } from "../launch/recipeDiagnostics";

const selector: vscode.DocumentSelector = { pattern: `**/${userRecipesPath}` };

export function registerRecipeEditing(scope: Scope): void {
  const problems = scope.add(vscode.languages.createDiagnosticCollection("runside"));
  const check = (document: vscode.TextDocument): void => {
    if (vscode.languages.match(selector, document) > 0) problems.set(document.uri, diagnosticsOf(document));
  };
  vscode.workspace.textDocuments.forEach(check);
  scope.add(vscode.workspace.onDidOpenTextDocument(check));
  scope.add(vscode.workspace.onDidChangeTextDocument(({ document }) => check(document)));
  scope.add(vscode.workspace.onDidCloseTextDocument(({ uri }) => problems.delete(uri)));
  scope.add(vscode.languages.registerCompletionItemProvider(selector, { provideCompletionItems }, "{", " ", "-"));
}

function diagnosticsOf(document: vscode.TextDocument): vscode.Diagnostic[] {
  return recipeDiagnostics(document.getText()).map(({ severity, line, column, endColumn, message }) => {
    const range = new vscode.Range(line, column, line, Math.max(endColumn, column + 1));
    const kind = severity === "error" ? vscode.DiagnosticSeverity.Error : vscode.DiagnosticSeverity.Warning;
    const diagnostic = new vscode.Diagnostic(range, message, kind);
    diagnostic.source = "Runside";
    diagnostic.code = "recipe";
    return diagnostic;
  });
}

function provideCompletionItems(document: vscode.TextDocument, at: vscode.Position): vscode.CompletionItem[] {
  return recipeCompletions(document.getText(), at.line, at.character).map(({ label, insert, from, detail, kind }) => {
    const shape = kind === "key" ? vscode.CompletionItemKind.Property : vscode.CompletionItemKind.Variable;
    const item = new vscode.CompletionItem(label, shape);
    item.insertText = insert;
    item.detail = detail;
    item.range = new vscode.Range(at.line, from, at.line, at.character);
    return item;
  });
}
