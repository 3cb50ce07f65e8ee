// .runside/recipes.yaml, dialects.yaml and sources.yaml while one edits them: problems where they stand, without another extension.
import * as vscode from "vscode";
import { parseUserDialects, userDialectsPath } from "../../core/actions/userDialects";
import type { Scope } from "../../core/base/disposable";
import { userRecipesPath } from "../../core/recipes/userRecipes";
import type { FileProblem } from "../../core/base/projectFile";
import { parseUserSources, userSourcesPath } from "../../core/trace/userSources";
import { recipeCompletions, recipeDiagnostics } from "../launch/recipeDiagnostics";

/** Lines and columns count from 0. */
interface Problem {
  severity: "error" | "warning";
  line: number;
  column: number;
  endColumn: number;
  message: string;
}

const recipes: vscode.DocumentSelector = { pattern: `**/${userRecipesPath}` };
const dialects: vscode.DocumentSelector = { pattern: `**/${userDialectsPath}` };

const sources: vscode.DocumentSelector = { pattern: `**/${userSourcesPath}` };

const fromZero = (problems: readonly FileProblem[]): Problem[] =>
  problems.map((p) => ({ ...p, line: p.line - 1, column: p.column - 1, endColumn: p.endColumn - 1 }));

const checks: { selector: vscode.DocumentSelector; code: string; problems: (text: string) => Problem[] }[] = [
  { selector: recipes, code: "recipe", problems: recipeDiagnostics },
  { selector: dialects, code: "dialect", problems: (text) => fromZero(parseUserDialects(text).problems) },
  { selector: sources, code: "source", problems: (text) => fromZero(parseUserSources(text).problems) },
];

export function registerProjectFileEditing(scope: Scope): void {
  const shown = scope.add(vscode.languages.createDiagnosticCollection("runside"));
  const check = (document: vscode.TextDocument): void => {
    const found = checks.find(({ selector }) => vscode.languages.match(selector, document) > 0);
    if (found)
      shown.set(
        document.uri,
        found.problems(document.getText()).map((p) => diagnosticOf(p, found.code)),
      );
  };
  vscode.workspace.textDocuments.forEach(check);
  scope.add(vscode.workspace.onDidOpenTextDocument(check));
  scope.add(vscode.workspace.onDidChangeTextDocument(({ document }) => check(document)));
  scope.add(vscode.workspace.onDidCloseTextDocument(({ uri }) => shown.delete(uri)));
  scope.add(vscode.languages.registerCompletionItemProvider(recipes, { provideCompletionItems }, "{", " ", "-"));
}

function diagnosticOf({ severity, line, column, endColumn, message }: Problem, code: string): vscode.Diagnostic {
  const range = new vscode.Range(line, column, line, Math.max(endColumn, column + 1));
  const kind = severity === "error" ? vscode.DiagnosticSeverity.Error : vscode.DiagnosticSeverity.Warning;
  const diagnostic = new vscode.Diagnostic(range, message, kind);
  diagnostic.source = "Runside";
  diagnostic.code = code;
  return diagnostic;
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
