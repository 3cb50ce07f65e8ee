// Run Again: the same files and config as a run of the box had, or the config with other values. Works without the workspace.
import * as vscode from "vscode";
import { launchFailed, messageOf, untrusted } from "../../../core/base/errors";
import type { LaunchSpec } from "../../../core/model/run";
import { parseAssignment, type Assignment } from "../../../core/recipes/overrides";
import type { Peer } from "../../../core/rpc/peer";
import { changedSpec, launchAgain, recordedLaunch, restoreSnapshot, type Recorded } from "../../launch/relaunch";
import type { BoxSession } from "../../runs/boxes";
import type { RunSecrets } from "../../runs/runSecrets";
import type { RunPanels } from "../panels/runPanel";
import { heedWarnings } from "./launchWarnings";
import { askWithoutSecrets } from "./secrets";

export interface RunAgainParts {
  panels: RunPanels;
  secrets: RunSecrets;
}

interface Choice extends vscode.QuickPickItem {
  act: "same" | "set" | "edit";
}

export async function runAgain(parts: RunAgainParts, session: BoxSession, id: string): Promise<string | undefined> {
  if (!vscode.workspace.isTrusted) throw untrusted(session.label);
  const peer = await session.link.peer();
  const recorded = await recordedLaunch(peer, id);
  const restored = recorded.isThere ? recorded : await restore(peer, recorded, session.label);
  if (!restored) return undefined;
  const spec = await chooseSpec(peer, restored);
  if (!spec) return undefined;
  await heedWarnings(peer);
  const secrets = await parts.secrets.forLaunch(session.id, askWithoutSecrets);
  if (!(await mayGoWithout(recorded.secretNames.filter((name) => !(name in secrets))))) return undefined;
  const again = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t("Run {0} again on {1}", spec.config.path, session.label),
    },
    () => launchAgain(peer, spec, secrets),
  );
  parts.panels.show(session, again.id);
  return again.id;
}

async function chooseSpec(peer: Peer, recorded: Recorded): Promise<LaunchSpec | null> {
  const { config, git, place } = recorded.spec;
  const from =
    "folder" in place ? place.folder : `${place.snapshot.slice(0, 10)}${git ? `, ${git.commit.slice(0, 10)}` : ""}`;
  const chosen = await vscode.window.showQuickPick<Choice>(
    [
      { act: "same", label: vscode.l10n.t("$(debug-rerun) The same files and config"), description: from },
      {
        act: "set",
        label: vscode.l10n.t("$(symbol-numeric) Change values..."),
        description: "training.lr=1e-5, seed=3",
      },
      { act: "edit", label: vscode.l10n.t("$(edit) Edit the config...") },
    ],
    { title: vscode.l10n.t("Run {0} again", config.path) },
  );
  if (!chosen) return null;
  if (chosen.act === "same") return changedSpec(peer, recorded, {});
  if (chosen.act === "set") {
    const set = await askAssignments();
    return set && changedSpec(peer, recorded, { set });
  }
  const text = await editConfig(config.path, config.text);
  return text === null ? null : changedSpec(peer, recorded, { text });
}

async function askAssignments(): Promise<Assignment[] | null> {
  const split = (text: string): Assignment[] =>
    text
      .split(/[,\s]+(?=[^,\s=]+=)/)
      .map((each) => each.trim())
      .filter(Boolean)
      .map(parseAssignment);
  const typed = await vscode.window.showInputBox({
    title: vscode.l10n.t("Values of this run"),
    prompt: vscode.l10n.t("key=value, several with commas; the config's comments and order stay."),
    ignoreFocusOut: true,
    validateInput: (text) => {
      try {
        split(text);
        return null;
      } catch (error) {
        return messageOf(error);
      }
    },
  });
  return typed === undefined ? null : split(typed);
}

/** The recorded text in an editor of its own; a button there takes it as it is then. */
async function editConfig(path: string, content: string): Promise<string | null> {
  const language = path.endsWith(".json") ? "json" : "yaml";
  const document = await vscode.workspace.openTextDocument({ language, content });
  await vscode.window.showTextDocument(document);
  const run = vscode.l10n.t("Run");
  const chosen = await vscode.window.showInformationMessage(
    vscode.l10n.t("Edit the config of {0}, then run it.", path),
    run,
  );
  return chosen === run ? document.getText() : null;
}

/** Looks for the run's commit in the open folders; asks before it runs what is not quite the same. */
async function restore(peer: Peer, recorded: Recorded, box: string): Promise<Recorded | null> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  let failure: unknown = launchFailed(
    "The box no longer has this run's files; open the folder it was launched from, so that they can be made again.",
  );
  for (const { uri } of folders) {
    try {
      const { snapshot, same } = await vscode.window.withProgress(
        {
          location: vscode.ProgressLocation.Notification,
          title: vscode.l10n.t("{0} no longer has the run's files: making them again from its commit", box),
        },
        () => restoreSnapshot(peer, uri.fsPath, recorded),
      );
      const spec = { ...recorded.spec, place: { snapshot } };
      if (same || (await agrees())) return { ...recorded, spec, isThere: true };
      return null;
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

async function agrees(): Promise<boolean> {
  const run = vscode.l10n.t("Run Anyway");
  const detail = vscode.l10n.t(
    "Its commit and patch were found, but it was sent files besides, which git ignored: those are not in what was made again.",
  );
  const text = vscode.l10n.t("The run's files could not all be made again.");
  return (await vscode.window.showWarningMessage(text, { modal: true, detail }, run)) === run;
}

/** Secrets are kept on no box: those that the run had and this window has not. */
async function mayGoWithout(missing: readonly string[]): Promise<boolean> {
  if (missing.length === 0) return true;
  const run = vscode.l10n.t("Run Anyway");
  const text = vscode.l10n.t("The run had secrets that are not set here: {0}.", missing.join(", "));
  const detail = vscode.l10n.t("Runside: Set Secret... keeps them in VS Code's secret storage.");
  return (await vscode.window.showWarningMessage(text, { modal: true, detail }, run)) === run;
}
