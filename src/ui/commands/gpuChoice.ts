// Which GPUs a launch takes, asked only where the box has several and neither config nor recipe says it. The list is live: what is
// free changes while a person reads.
import * as vscode from "vscode";
import { gpuLabel, gpuName, holderWords, isFree, usageWords, type Gpu, type GpuRequest } from "../../../core/model/gpu";
import { gpus } from "../../../core/protocol/gpus";
import type { Peer } from "../../../core/rpc/peer";
import type { BoxSession } from "../../runs/boxes";

interface Choice extends vscode.QuickPickItem {
  request: GpuRequest;
}

/** undefined: the box has none, and there is no queue. null: given up. */
export async function chooseGpus(session: BoxSession, peer: Peer): Promise<GpuRequest | null | undefined> {
  const { gpus: found } = await peer.request(gpus.list, {});
  if (found.length === 0) return undefined;
  return found.length === 1 ? { count: 1 } : ask(session, found);
}

function ask(session: BoxSession, found: readonly Gpu[]): Promise<GpuRequest | null> {
  const pick = vscode.window.createQuickPick<Choice>();
  pick.title = vscode.l10n.t("GPUs of this run on {0}", session.label);
  pick.placeholder = vscode.l10n.t("It waits its turn where they are not free");
  pick.matchOnDescription = true;
  pick.items = choices(session, found);
  const watch = session.gpus.watch();
  const changes = session.gpus.onChange(() => {
    const now = session.gpus.report.gpus;
    if (now.length < 2) return;
    const active = pick.activeItems[0]?.label;
    pick.items = choices(session, now);
    pick.activeItems = pick.items.filter(({ label }) => label === active);
  });
  return new Promise((resolve) => {
    let chosen: GpuRequest | null = null;
    pick.onDidAccept(() => {
      chosen = pick.selectedItems[0]?.request ?? null;
      pick.hide();
    });
    pick.onDidHide(() => {
      changes.dispose();
      watch.dispose();
      pick.dispose();
      resolve(chosen);
    });
    pick.show();
  });
}

function choices(session: BoxSession, found: readonly Gpu[]): Choice[] {
  const free = found.filter(isFree).length;
  const counts = found.map((_gpu, at) => at + 1).filter((n) => n === found.length || Number.isInteger(Math.log2(n)));
  const nameOf = (run: string): string => session.directory.get(run)?.name ?? run;
  return [
    ...counts.map((count) => ({
      label: count === 1 ? vscode.l10n.t("1 GPU") : vscode.l10n.t("{0} GPUs", count),
      description:
        count <= free ? vscode.l10n.t("free now") : vscode.l10n.t("waits: {0} of {1} are free", free, found.length),
      request: { count },
    })),
    ...found.map((gpu) => ({
      label: `$(circuit-board) ${gpuLabel(gpu)}`,
      description: [holderWords(gpu, nameOf), usageWords(gpu)].join(" · "),
      detail: gpuName(gpu),
      request: { ids: [gpu.uuid] },
    })),
    {
      label: vscode.l10n.t("No GPU of the queue"),
      description: vscode.l10n.t("takes no turn and sees them all"),
      request: "none" as const,
    },
  ];
}
