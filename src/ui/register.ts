// What Runside contributes to the editor: views, lenses, documents, commands. Built once by activate().
import * as vscode from "vscode";
import type { Scope } from "../../core/base/disposable";
import * as z from "zod/mini";
import type { App } from "../app";
import { contextKeys, schemes, views } from "../names";
import { BoxChoice } from "./boxChoice";
import { askAndStop, openConfigOf, registerCommands } from "./commands/register";
import { askAndRestart } from "./commands/restartRun";
import { runAgain } from "./commands/runAgain";
import { ConfigFiles } from "./configFiles";
import { ConfigLenses } from "./configLenses";
import { dialectFiles } from "./dialectFile";
import { DialectLenses } from "./dialectLenses";
import { LogDocs } from "./logDocs";
import { DialectPanels } from "./panels/dialectPanel";
import { RunPanels } from "./panels/runPanel";
import { RecentFolders } from "./recentFolders";
import { RolloutDocs } from "./rolloutDocs";
import { RunTree } from "./runTree";
import { registerProjectFileEditing } from "./projectFileEditing";
import { registerSecretWarnings } from "./secretWarnings";
import { registerStatusItem } from "./statusItem";
import type { VscodePlatform } from "./vscodePlatform";

const yaml: vscode.DocumentSelector = { language: "yaml", scheme: "file" };
const panelState = z.object({ target: z.string(), box: z.string() });

export function registerUi(context: vscode.ExtensionContext, scope: Scope, app: App, platform: VscodePlatform): void {
  const { boxes } = app;
  const choice = new BoxChoice(context.workspaceState, boxes);
  const recent = new RecentFolders(context.workspaceState);
  const rolloutDocs = new RolloutDocs(boxes);
  const logDocs = new LogDocs(boxes, scope);
  const tryOut = scope.add(new DialectPanels({ extension: context.extensionUri, logger: platform.logger }));
  const panels = scope.add(
    new RunPanels({
      extension: context.extensionUri,
      logger: platform.logger,
      acts: {
        openConfig: (session, target) => openConfigOf(session, target),
        stop: askAndStop,
        runAgain: async (session, target) => void (await runAgain({ panels, secrets: app.secrets }, session, target)),
        restart: (session, target) => askAndRestart(session, target, app.secrets),
        tryDialect: (text) => tryOut.show({ text }),
        openLog: (session, target) => logDocs.show(session.id, target, session.directory.get(target)?.name ?? target),
      },
    }),
  );
  const tree = new RunTree(boxes, recent, () => platform.settings()["runs.limit"], scope);
  scope.add(recent.onChange(() => tree.refresh()));
  const shown = new Set<string>();
  // An item keeps the state it first had, so a box that was idle stays closed until it is revealed.
  scope.add(
    boxes.onChange((session) => {
      if (session?.link.status.state !== "connected" || shown.has(session.id) || !treeView.visible) return;
      shown.add(session.id);
      void treeView.reveal(tree.nodeOf(session.id), { expand: true, select: false, focus: false });
    }),
  );
  const treeView = scope.add(
    vscode.window.createTreeView(views.runs, { treeDataProvider: tree, showCollapseAll: true }),
  );
  registerCommands(scope, { app, platform, choice, panels, tryOut, tree, recent, rolloutDocs, logDocs });
  registerStatusItem(boxes, scope);
  registerProjectFileEditing(scope);
  scope.add(vscode.workspace.registerTextDocumentContentProvider(schemes.rollout, rolloutDocs));
  scope.add(vscode.workspace.registerTextDocumentContentProvider(schemes.log, logDocs));

  const configs = new ConfigFiles(scope);
  scope.add(vscode.languages.registerCodeLensProvider(yaml, new ConfigLenses(configs, boxes, choice, platform, scope)));
  registerSecretWarnings(configs, scope);
  void configs.start();
  scope.add(vscode.languages.registerCodeLensProvider(dialectFiles, new DialectLenses(platform, scope)));

  scope.add(
    vscode.window.registerWebviewPanelSerializer(views.runPanel, {
      deserializeWebviewPanel: (panel, state) => {
        const saved = panelState.safeParse(state);
        if (saved.success && vscode.workspace.isTrusted)
          panels.adopt(panel, boxes.open(saved.data.box), saved.data.target);
        else panel.dispose();
        return Promise.resolve();
      },
    }),
  );

  scope.add(
    vscode.window.registerWebviewPanelSerializer(views.dialectPanel, {
      deserializeWebviewPanel: (panel, state) => Promise.resolve(tryOut.restore(panel, state)),
    }),
  );

  const publishBoxes = (): void => {
    void vscode.commands.executeCommand("setContext", contextKeys.hasBoxes, boxes.ids().length > 0);
    void vscode.commands.executeCommand("setContext", contextKeys.ready, true);
  };
  scope.add(boxes.onChange((session) => session ?? publishBoxes()));
  scope.add(platform.onSettings(() => void boxes.reload()));
  void boxes.reload();
  // Whoever looks at the sidebar wants to see the runs of the box this workspace ran on last. Never in an untrusted workspace.
  const connectLast = (): void => {
    const last = choice.current();
    if (last === null || !treeView.visible || !vscode.workspace.isTrusted) return;
    // Where Runside was taken away, connecting would bring it back, and nobody asked for that.
    if (boxes.seen(last)?.installed === false) return;
    void boxes
      .open(last)
      .link.peer()
      .catch(() => undefined);
  };
  scope.add(
    vscode.window.onDidChangeWindowState(({ focused }) => {
      if (focused) boxes.opened().forEach((session) => session.link.check());
    }),
  );
  scope.add(treeView.onDidChangeVisibility(connectLast));
  scope.add(
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      tree.refresh();
      connectLast();
    }),
  );
  scope.add(treeView.onDidChangeVisibility(({ visible }) => boxes.showGpus(visible)));
  boxes.showGpus(treeView.visible);
}
