// A box's GPUs in the sidebar: how busy each is, and who holds it.
import * as vscode from "vscode";
import { gpuLabel, gpuName, holderWords, isFree, usageWords, type Gpu } from "../../core/model/gpu";
import type { BoxSession } from "../runs/boxes";

export function gpuItem(session: BoxSession, gpu: Gpu): vscode.TreeItem {
  const item = new vscode.TreeItem(gpuLabel(gpu));
  const holder = holderWords(gpu, (run) => session.directory.get(run)?.name ?? run);
  item.id = `gpu:${session.id}:${gpu.uuid}`;
  item.description = [usageWords(gpu), holder].filter(Boolean).join(" · ");
  item.contextValue = "gpu";
  item.iconPath = gpuIcon(gpu);
  item.tooltip = tooltip(gpu, holder);
  item.accessibilityInformation = { label: `${gpuLabel(gpu)}, ${item.description}` };
  return item;
}

function gpuIcon(gpu: Gpu): vscode.ThemeIcon {
  const color = isFree(gpu)
    ? "charts.green"
    : gpu.holders.some(({ kind }) => kind === "run")
      ? "charts.blue"
      : "charts.yellow";
  return new vscode.ThemeIcon("circuit-board", new vscode.ThemeColor(color));
}

/** Names of processes come from the box: appended as text, never as Markdown. */
function tooltip(gpu: Gpu, holder: string): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  const figures = [
    gpu.temperature === null ? null : `${gpu.temperature} °C`,
    gpu.power === null
      ? null
      : `${Math.round(gpu.power)}${gpu.powerLimit === null ? "" : `/${Math.round(gpu.powerLimit)}`} W`,
    gpu.slice === null ? null : vscode.l10n.t("utilisation is not told for slices"),
  ].filter((part) => part !== null);
  text.appendText(`${gpuName(gpu)}\n${gpu.uuid}\n${holder}`);
  if (figures.length > 0) text.appendText(`\n${figures.join(" · ")}`);
  for (const { pid, name, user, memory } of gpu.processes)
    text.appendText(
      `\n${[pid, name, user, memory === null ? null : `${(memory / 1024).toFixed(1)} GB`].filter((part) => part !== null).join(" ")}`,
    );
  return text;
}
