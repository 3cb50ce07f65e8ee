// What speaks against a launch on a box is said before it: the person decides.
import * as vscode from "vscode";
import { RunsideError } from "../../../core/base/errors";
import { runs } from "../../../core/protocol/runs";
import type { Peer } from "../../../core/rpc/peer";

/** Throws `cancelled` where the person would rather not. */
export async function heedWarnings(peer: Peer, signal?: AbortSignal): Promise<void> {
  const { warnings } = await peer.request(runs.warnings, {}, signal);
  if (warnings.length === 0) return;
  const anyway = vscode.l10n.t("Launch Anyway");
  const asked = await vscode.window.showWarningMessage(warnings.join("\n"), { modal: true }, anyway);
  if (asked !== anyway) throw new RunsideError("cancelled", "Cancelled.");
}
