// Above a recognised config: run it, and look at its latest rollouts. Two lenses at most, cheap, switchable.
import * as vscode from "vscode";
import type { Scope } from "../../core/base/disposable";
import type { Boxes } from "../runs/boxes";
import { summaryWords } from "../../core/model/words";
import type { Platform } from "../platform";
import { commands } from "../names";
import { placeOf, type ConfigFiles } from "./configFiles";
import type { BoxChoice } from "./boxChoice";

export class ConfigLenses implements vscode.CodeLensProvider {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.changed.event;

  constructor(
    private readonly configs: ConfigFiles,
    private readonly boxes: Boxes,
    private readonly choice: BoxChoice,
    private readonly platform: Platform,
    scope: Scope,
  ) {
    scope.add(this.changed);
    scope.add(configs.onChange(() => this.changed.fire()));
    scope.add(choice.onChange(() => this.changed.fire()));
    scope.add(boxes.onChange(() => this.changed.fire()));
    scope.add(platform.onSettings(() => this.changed.fire()));
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const place = placeOf(document.uri);
    if (!place || !this.platform.settings()["codeLens.enabled"]) return [];
    if (!this.configs.recognises(document.uri, document.getText())) return [];
    const line = new vscode.Range(firstKeyLine(document), 0, firstKeyLine(document), 0);
    const box = this.choice.current();
    const title =
      box === null ? vscode.l10n.t("$(play) Run Config") : vscode.l10n.t("$(play) Run on {0}", this.choice.label(box));
    const lenses = [new vscode.CodeLens(line, { command: commands.runConfig, title, arguments: [document.uri] })];
    const newest = this.newestRun(place.path);
    if (newest) {
      lenses.push(
        new vscode.CodeLens(line, {
          command: commands.peekRollouts,
          title: vscode.l10n.t("$(search) Latest rollouts · {0}", newest),
          arguments: [document.uri],
        }),
      );
    }
    return lenses;
  }

  private newestRun(configPath: string): string | null {
    const found = this.boxes
      .opened()
      .filter(({ directory }) => directory.loaded)
      .flatMap(({ directory }) => directory.newestOf(configPath) ?? []);
    const [newest] = found.sort((a, b) => (a.id < b.id ? 1 : -1));
    return newest ? summaryWords(newest) : null;
  }
}

/** Below the comments that open a file: where its first key stands. */
export function firstKeyLine(document: vscode.TextDocument): number {
  for (let line = 0; line < Math.min(document.lineCount, 200); line++) {
    const text = document.lineAt(line).text;
    if (text.trim() !== "" && !text.startsWith("#") && !text.startsWith("---")) return line;
  }
  return 0;
}
