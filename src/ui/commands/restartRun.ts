// Another attempt of a run that ended badly. Its secrets come from the editor's storage again, or are asked for: the box keeps none.
import * as vscode from "vscode";
import { RunsideError } from "../../../core/base/errors";
import { mayRestart } from "../../../core/model/run";
import { runs } from "../../../core/protocol/runs";
import type { BoxSession } from "../../runs/boxes";
import type { RunSecrets } from "../../runs/runSecrets";
import { heedWarnings } from "./launchWarnings";
import { askWithoutSecrets } from "./secrets";

/** False where the person decided otherwise. Throws `run/launch-failed` with the reason and the log's last line. */
export async function askAndRestart(session: BoxSession, id: string, kept: RunSecrets): Promise<boolean> {
  const peer = await session.link.peer();
  await session.directory.refresh();
  const run = session.directory.get(id);
  const { manifest } = await peer.request(runs.manifest, { target: id });
  if (!run || !manifest) throw new RunsideError("run/not-found", `${id} is not among the runs of ${session.label}.`);
  if (!mayRestart(run.status.state))
    throw new RunsideError(
      "run/launch-failed",
      `${run.name} is ${run.status.state}: only a run that ended badly restarts.`,
    );
  const restart = vscode.l10n.t("Restart");
  const detail = vscode.l10n.t(
    "It starts again on {0} with the code, config and environment that it had, as attempt {1} of the same run.",
    session.label,
    run.status.attempt + 1,
  );
  const title = vscode.l10n.t("Restart {0}?", run.name);
  if ((await vscode.window.showWarningMessage(title, { modal: true, detail }, restart)) !== restart) return false;
  await heedWarnings(peer);
  const needsAny = manifest.secretNames.length > 0;
  const known = needsAny ? await kept.forLaunch(session.id, askWithoutSecrets) : {};
  const secrets: Record<string, string> = {};
  for (const name of manifest.secretNames) {
    const held = known[name];
    if (held !== undefined) {
      secrets[name] = held;
      continue;
    }
    const value = await vscode.window.showInputBox({
      title: vscode.l10n.t("{0} for {1}", name, run.name),
      prompt: vscode.l10n.t("It reaches the run's environment and no file."),
      password: true,
      ignoreFocusOut: true,
    });
    if (value === undefined) return false;
    secrets[name] = value;
  }
  const outcome = await peer.request(runs.restart, { id, after: run.status.attempt, secrets });
  if (outcome.outcome !== "failed") return true;
  const last = outcome.log[outcome.log.length - 1];
  const log = last === undefined ? "" : ` The log's last line: ${last}`;
  throw new RunsideError("run/launch-failed", `${outcome.reason}${log}`, { data: { id } });
}
