// One status bar item: how many runs are live, or that a link was lost. Hidden when there is nothing to say.
import * as vscode from "vscode";
import type { Scope } from "../../core/base/disposable";
import { isLive } from "../../core/model/run";
import { views } from "../names";
import type { Boxes } from "../runs/boxes";
import { summaryWords } from "../../core/model/words";

export function registerStatusItem(boxes: Boxes, scope: Scope): void {
  const item = scope.add(vscode.window.createStatusBarItem("runside.status", vscode.StatusBarAlignment.Left, 0));
  item.name = "Runside";
  item.command = `${views.runs}.focus`;
  const update = (): void => {
    // What an earlier window remembered says nothing of now.
    const sessions = boxes.opened().filter((session) => session.directory.loaded);
    const live = sessions.flatMap((s) => s.directory.list().filter((run) => isLive(run.status.state)));
    const lost = sessions.filter((s) => s.link.status.state === "lost");
    if (lost.length > 0) item.text = vscode.l10n.t("$(debug-disconnect) {0}: reconnecting", lost[0]?.label ?? "");
    else if (live.length === 1 && live[0]) item.text = `$(sync~spin) ${live[0].name}: ${summaryWords(live[0])}`;
    else item.text = vscode.l10n.t("$(sync~spin) {0} runs", live.length);
    item.tooltip = live.map((run) => `${run.name}: ${summaryWords(run)}`).join("\n");
    if (live.length > 0 || lost.length > 0) item.show();
    else item.hide();
  };
  scope.add(boxes.onChange(update));
  update();
}
