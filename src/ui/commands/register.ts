// Every command, over the services; each error is shown once.
import * as vscode from "vscode";
import path from "node:path";
import { RunsideError } from "../../../core/base/errors";
import type { Scope } from "../../../core/base/disposable";
import { isLive, mayRestart, mayStop, type RunSummary } from "../../../core/model/run";
import { summaryWords } from "../../../core/model/words";
import { runs } from "../../../core/protocol/runs";
import type { App } from "../../app";
import { commands } from "../../names";
import type { BoxSession } from "../../runs/boxes";
import type { BoxChoice } from "../boxChoice";
import { firstKeyLine } from "../configLenses";
import { placeOf } from "../configFiles";
import { showError } from "../errorText";
import type { LogDocs } from "../logDocs";
import type { DialectPanels } from "../panels/dialectPanel";
import type { RunPanels } from "../panels/runPanel";
import type { RecentFolders } from "../recentFolders";
import type { RolloutDocs } from "../rolloutDocs";
import type { RunTree, TreeNode } from "../runTree";
import type { VscodePlatform } from "../vscodePlatform";
import { addBox } from "./addBox";
import { deleteRun } from "./deleteRun";
import { keepAndOpen, registerAutomaticKeep } from "./keepRun";
import { openFolder } from "./openFolder";
import { askAndRestart } from "./restartRun";
import { runAgain } from "./runAgain";
import { runConfig } from "./runConfig";
import { reportProblem } from "./reportProblem";
import { setSecret, tellUnreadable } from "./secrets";
import { openTerminal } from "./terminal";
import { uninstallBox, whichBox } from "./uninstallBox";

export interface CommandParts {
  app: App;
  platform: VscodePlatform;
  choice: BoxChoice;
  panels: RunPanels;
  tryOut: DialectPanels;
  tree: RunTree;
  recent: RecentFolders;
  rolloutDocs: RolloutDocs;
  logDocs: LogDocs;
}

export function registerCommands(scope: Scope, parts: CommandParts): void {
  const { app, platform, choice, panels, tryOut, tree, recent, rolloutDocs, logDocs } = parts;
  const { boxes } = app;
  const register = (id: string, run: (...args: never[]) => unknown): void => {
    const shown = async (...args: unknown[]): Promise<unknown> => {
      try {
        return await run(...(args as never[]));
      } catch (error) {
        platform.logger.log("warn", "view", `${id}: ${String(error)}`);
        void showError(error);
        return undefined;
      }
    };
    scope.add(vscode.commands.registerCommand(id, shown));
  };
  const runNode = async (node?: TreeNode, suits?: Suits): Promise<{ session: BoxSession; id: string } | null> =>
    node?.kind === "run" ? { session: boxes.open(node.box), id: node.id } : pickRun(parts, suits);

  const running = { boxes, choice, panels, platform, secrets: app.secrets };
  register(commands.runConfig, (uri?: vscode.Uri) => runConfig(running, uri));
  register(commands.runConfigInFolder, (uri?: vscode.Uri) => runConfig(running, uri, true));
  register(commands.runAgain, async (node?: TreeNode) => {
    const run = await runNode(node);
    return run ? runAgain(running, run.session, run.id) : undefined;
  });
  register(commands.openRun, async (node?: TreeNode) => {
    if (node?.kind === "folder") panels.show(boxes.open(node.box), node.path);
    else {
      const run = await runNode(node);
      if (run) panels.show(run.session, run.id);
    }
  });
  register(commands.stopRun, async (node?: TreeNode) => {
    const run = await runNode(node, live);
    if (run) await askAndStop(run.session, run.id);
  });
  register(commands.restartRun, async (node?: TreeNode) => {
    const run = await runNode(node, broken);
    if (run && (await askAndRestart(run.session, run.id, app.secrets))) panels.show(run.session, run.id);
  });
  register(commands.showLog, async (node?: TreeNode) => {
    const run = await runNode(node);
    if (run) await logDocs.show(run.session.id, run.id, run.session.directory.get(run.id)?.name ?? run.id);
  });
  register(commands.openFolder, (node?: TreeNode | string, path?: string) =>
    typeof node === "string"
      ? openFolder({ boxes, panels, recent }, node, path)
      : openFolder({ boxes, panels, recent }, node?.kind === "box" ? node.id : undefined),
  );
  register(commands.addBox, () => addBox(boxes, platform));
  register(commands.connectBox, async (node?: TreeNode) => {
    const id = node?.kind === "box" ? node.id : await choice.ask(vscode.l10n.t("Connect to which box?"));
    if (id === null) return;
    const session = boxes.open(id);
    if (session.link.status.state === "failed") session.link.retry();
    await session.link.peer();
  });
  register(commands.chooseBox, () => choice.ask());
  register(commands.peekRollouts, (uri?: vscode.Uri) => peekRollouts(parts, uri, rolloutDocs));
  register(commands.tryDialect, (file?: vscode.Uri, dialect?: unknown) =>
    // From a menu the second argument is the editor's, from a lens the dialect's id.
    tryOut.show({ ...(file ? { file } : {}), ...(typeof dialect === "string" ? { dialect } : {}) }),
  );
  const keep = { boxes, platform, secrets: app.secrets, panels, recent };
  registerAutomaticKeep(keep, scope);
  tellUnreadable(app.secrets, scope);
  register(commands.keepRun, async (node?: TreeNode) => {
    const run = await runNode(node);
    return run ? keepAndOpen(keep, run.session, run.id) : undefined;
  });
  register(commands.deleteRun, async (node?: TreeNode) => {
    const run = await runNode(node, ended);
    if (run) await deleteRun(run.session, run.id);
  });
  register(commands.openTerminal, async (node?: TreeNode) => {
    if (node?.kind === "run") return openTerminal(platform, boxes.open(node.box), node.id);
    const id = node?.kind === "box" ? node.id : await choice.ask(vscode.l10n.t("A terminal on which box?"));
    return id === null ? undefined : openTerminal(platform, boxes.open(id), null);
  });
  register(commands.uninstallBox, async (node?: TreeNode) => {
    const id = node?.kind === "box" ? node.id : await whichBox(boxes);
    const forget = (box: string): Promise<void> => choice.forget(box);
    return id === null ? false : uninstallBox({ boxes, panels, forget }, id);
  });
  register(commands.copyRunId, async (node?: TreeNode) => {
    const run = await runNode(node);
    if (run) await vscode.env.clipboard.writeText(run.id);
  });
  register(commands.openRunConfig, async (node?: TreeNode) => {
    const run = await runNode(node);
    if (run) await openConfigOf(run.session, run.id);
  });
  register(commands.refresh, async () => {
    await boxes.reload();
    await Promise.all(boxes.opened().map((session) => session.directory.refresh()));
    tree.refresh();
  });
  register(commands.setSecret, () => setSecret(app.secrets, boxes));
  register(commands.forgetPasswords, async () => {
    const count = await app.credentials.forgetAll();
    const words =
      count === 0
        ? vscode.l10n.t("Runside had no saved passwords.")
        : vscode.l10n.t("Runside forgot its saved passwords and passphrases ({0}).", count);
    void vscode.window.showInformationMessage(words);
  });
  register(commands.reportProblem, () => reportProblem(app, platform));
  register(commands.showOutput, () => platform.channel.show());
}

/** Which runs a command is for, and what it says where there is none. */
interface Suits {
  fits(run: RunSummary): boolean;
  none: string;
}

const live: Suits = {
  fits: ({ status }) => mayStop(status),
  none: "No run of the connected boxes is live.",
};
const ended: Suits = {
  fits: ({ status }) => !isLive(status.state),
  none: "No run of the connected boxes has ended; a live one is stopped first.",
};
const broken: Suits = {
  fits: ({ status }) => mayRestart(status.state),
  none: "Only a run that ended badly restarts, and none of the connected boxes did; Run Again is for the others.",
};

/** Of the runs that the command is for, the newest first. */
async function pickRun({ app }: CommandParts, suits?: Suits): Promise<{ session: BoxSession; id: string } | null> {
  const known = app.boxes.opened().flatMap((session) => session.directory.list().map((run) => ({ session, run })));
  if (known.length === 0)
    throw new RunsideError(
      "run/not-found",
      "No run is known yet: connect to a box in the Runside view, or run a config.",
    );
  const items = known
    .filter(({ run }) => suits?.fits(run) ?? true)
    .map(({ session, run }) => ({
      label: run.name,
      description: run.id,
      detail: `${session.label} · ${summaryWords(run)}`,
      session,
      id: run.id,
    }))
    .sort((a, b) => (a.id < b.id ? 1 : -1));
  if (suits && items.length === 0) throw new RunsideError("run/not-found", suits.none);
  return (await vscode.window.showQuickPick(items, { title: vscode.l10n.t("Which run?") })) ?? null;
}

/** A native peek under the config's first line with the newest run's latest rollouts. */
async function peekRollouts(
  { app, choice }: CommandParts,
  given: vscode.Uri | undefined,
  docs: RolloutDocs,
): Promise<void> {
  const uri = given ?? vscode.window.activeTextEditor?.document.uri;
  const place = uri ? placeOf(uri) : null;
  if (!uri || !place) return;
  const box = choice.current();
  if (box !== null) await app.boxes.open(box).link.peer();
  const [newest] = app.boxes
    .opened()
    .flatMap((session) => {
      const run = session.directory.newestOf(place.path);
      return run ? [{ session, run }] : [];
    })
    .sort((a, b) => (a.run.id < b.run.id ? 1 : -1));
  if (!newest)
    throw new RunsideError(
      "run/not-found",
      `${path.basename(place.path)} has not run on a connected box yet: run it first.`,
    );
  const locations = await docs.latest(newest.session.id, newest.run.id);
  if (locations.length === 0)
    throw new RunsideError("run/not-found", `${newest.run.name} has written no rollouts yet.`);
  const document = await vscode.workspace.openTextDocument(uri);
  const at = new vscode.Position(firstKeyLine(document), 0);
  await vscode.commands.executeCommand("editor.action.peekLocations", uri, at, locations, "peek");
}

/** The file in the workspace where it still exists, else the text as it was run. */
export async function openConfigOf(session: BoxSession, id: string): Promise<void> {
  const peer = await session.link.peer();
  const { manifest } = await peer.request(runs.manifest, { target: id });
  if (!manifest)
    throw new RunsideError("run/not-found", "Runside did not launch this folder, so it knows no config of it.");
  for (const folder of vscode.workspace.workspaceFolders ?? []) {
    const uri = vscode.Uri.joinPath(folder.uri, manifest.config.path);
    const found = await vscode.workspace.fs.stat(uri).then(
      () => true,
      () => false,
    );
    if (!found) continue;
    await vscode.window.showTextDocument(uri, { viewColumn: vscode.ViewColumn.One });
    return;
  }
  const document = await vscode.workspace.openTextDocument({ language: "yaml", content: manifest.config.text });
  await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.One });
}

/** Ends somebody's hours of training, so it asks, wherever the wish came from. */
export async function askAndStop(session: BoxSession, id: string): Promise<boolean> {
  const name = session.directory.get(id)?.name ?? id;
  const stop = vscode.l10n.t("Stop");
  const detail = vscode.l10n.t(
    "It is asked to end with SIGINT, then SIGTERM, then SIGKILL. What it has written stays.",
  );
  const asked = await vscode.window.showWarningMessage(vscode.l10n.t("Stop {0}?", name), { modal: true, detail }, stop);
  if (asked !== stop) return false;
  return (await (await session.link.peer()).request(runs.stop, { id })).accepted;
}
