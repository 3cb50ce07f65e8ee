// The sidebar: boxes, and under each its runs, newest first, live. Only the element that changed is redrawn.
import * as vscode from "vscode";
import type { Scope } from "../../core/base/disposable";
import { factValueWords, factWords } from "../../core/model/fact";
import { isLive, mayRestart, mayStop, type RunSummary } from "../../core/model/run";
import { commands } from "../names";
import { localBox, type BoxId, type LinkStatus } from "../runs/box";
import { boxLabel, NOT_INSTALLED, type Boxes } from "../runs/boxes";
import { gpuItem } from "./gpuItems";
import { agoWords, stateWords, summaryWords } from "../../core/model/words";

export type TreeNode =
  | { kind: "box"; id: BoxId }
  | { kind: "run"; box: BoxId; id: string }
  | { kind: "folder"; box: BoxId; path: string }
  | { kind: "note"; box: BoxId; text: string }
  | { kind: "gpu"; box: BoxId; uuid: string }
  /** Why nothing connects here. */
  | { kind: "untrusted" };

/** Folders that people opened, kept by the workspace. */
export interface FolderList {
  of(box: BoxId): string[];
}

const AGEING_MS = 60_000;

export class RunTree implements vscode.TreeDataProvider<TreeNode> {
  private readonly changed = new vscode.EventEmitter<TreeNode | undefined>();
  private readonly nodes = new Map<string, TreeNode>();
  readonly onDidChangeTreeData = this.changed.event;

  constructor(
    private readonly boxes: Boxes,
    private readonly folders: FolderList,
    private readonly limit: () => number,
    scope: Scope,
  ) {
    scope.add(this.changed);
    // "Last seen 2 h ago" ages while nothing else happens.
    const ageing = setInterval(() => {
      for (const { id, link } of boxes.opened()) if (link.status.seenAt !== null) this.changed.fire(this.box(id));
    }, AGEING_MS);
    scope.onDispose(() => clearInterval(ageing));
    scope.add(boxes.onChange((session) => this.changed.fire(session ? this.box(session.id) : undefined)));
  }

  /** The tree's own node of a box, for revealing it. */
  nodeOf(id: BoxId): TreeNode {
    return this.box(id);
  }

  refresh(): void {
    this.changed.fire(undefined);
  }

  getChildren(node?: TreeNode): TreeNode[] {
    if (!node) {
      const boxes = this.boxes.ids().map((id) => this.box(id));
      return vscode.workspace.isTrusted || boxes.length === 0 ? boxes : [this.keep({ kind: "untrusted" }), ...boxes];
    }
    if (node.kind !== "box") return [];
    const session = this.boxes.get(node.id);
    const folders = this.folders.of(node.id).map((path) => this.keep({ kind: "folder", box: node.id, path }));
    if (!session || session.link.status.state === "idle") return folders;
    const runs = session.directory.list().slice(0, this.limit());
    const shown = runs.map((run) => this.keep({ kind: "run", box: node.id, id: run.id }));
    const gpus = session.gpus.report.gpus.map(({ uuid }) => this.keep({ kind: "gpu", box: node.id, uuid }));
    const { state, message } = session.link.status;
    const note =
      state === "failed"
        ? (message ?? vscode.l10n.t("could not connect"))
        : !session.directory.loaded
          ? vscode.l10n.t("connecting…")
          : runs.length === 0
            ? vscode.l10n.t("no runs yet")
            : null;
    const notes = note === null ? [] : [this.keep({ kind: "note", box: node.id, text: note })];
    return [...gpus, ...notes, ...shown, ...folders];
  }

  getParent(node: TreeNode): TreeNode | undefined {
    return node.kind === "box" || node.kind === "untrusted" ? undefined : this.box(node.box);
  }

  getTreeItem(node: TreeNode): vscode.TreeItem {
    switch (node.kind) {
      case "box":
        return this.boxItem(node.id);
      case "run":
        return this.runItem(node.box, node.id);
      case "folder":
        return folderItem(node.box, node.path);
      case "untrusted":
        return untrustedItem();
      case "gpu": {
        const session = this.boxes.get(node.box);
        const gpu = session?.gpus.get(node.uuid);
        return session && gpu ? gpuItem(session, gpu) : new vscode.TreeItem(node.uuid);
      }
      case "note": {
        const item = new vscode.TreeItem(node.text);
        item.id = `note:${node.box}`;
        item.tooltip = node.text;
        return item;
      }
    }
  }

  private box(id: BoxId): TreeNode {
    return this.keep({ kind: "box", id });
  }

  /** The same object for the same thing, so that selection and expansion survive. */
  private keep(node: TreeNode): TreeNode {
    const key = JSON.stringify(node);
    const held = this.nodes.get(key);
    if (held) return held;
    this.nodes.set(key, node);
    return node;
  }

  private boxItem(id: BoxId): vscode.TreeItem {
    const session = this.boxes.get(id);
    const status = session?.link.status ?? this.statusOfUnopened(id);
    const hasChildren = status.state !== "idle" || this.folders.of(id).length > 0;
    const item = new vscode.TreeItem(
      boxLabel(id),
      hasChildren ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.None,
    );
    item.id = `box:${id}`;
    item.contextValue = `box.${status.state}`;
    item.description = linkDescription(status);
    item.iconPath = boxIcon(id, status);
    item.tooltip = status.message ?? `${boxLabel(id)}: ${item.description || "not connected"}`;
    item.accessibilityInformation = { label: `${boxLabel(id)}, ${item.description || "not connected"}` };
    if (status.state === "idle" || status.state === "failed") {
      item.command = { command: commands.connectBox, title: "", arguments: [{ kind: "box", id } satisfies TreeNode] };
    }
    return item;
  }

  private statusOfUnopened(id: BoxId): LinkStatus {
    const seen = this.boxes.seen(id);
    const message = seen?.installed === false ? NOT_INSTALLED : null;
    return { state: "idle", since: 0, seenAt: message === null ? (seen?.seenAt ?? null) : null, message };
  }

  private runItem(box: BoxId, id: string): vscode.TreeItem {
    const session = this.boxes.get(box);
    const run = session?.directory.get(id);
    const item = new vscode.TreeItem(run?.name ?? id);
    item.id = `run:${box}:${id}`;
    if (!run) return item;
    const live = isLive(run.status.state);
    // Whether it still runs is not known before the box answers.
    const seenAt = live ? (session?.link.status.seenAt ?? null) : null;
    item.description = [summaryWords(run), ...(seenAt === null ? [] : [seenWords(seenAt)])].join(" · ");
    item.contextValue =
      seenAt !== null
        ? "run.seen"
        : mayStop(run.status)
          ? "run.live"
          : mayRestart(run.status.state)
            ? "run.broken"
            : "run.ended";
    item.iconPath = seenAt === null ? runIcon(run) : new vscode.ThemeIcon("history");
    item.tooltip = runTooltip(run);
    item.accessibilityInformation = { label: `${run.name}, ${item.description}` };
    item.command = { command: commands.openRun, title: "", arguments: [{ kind: "run", box, id } satisfies TreeNode] };
    return item;
  }
}

/** In restricted mode the boxes are listed and none is reached; what is on this machine can be looked at. */
function untrustedItem(): vscode.TreeItem {
  const item = new vscode.TreeItem(vscode.l10n.t("Restricted mode: no box is connected to"));
  item.id = "untrusted";
  item.description = vscode.l10n.t("trust this workspace first");
  item.tooltip = vscode.l10n.t(
    "This workspace is not trusted, so Runside connects to no box and launches nothing. Output on this machine can be looked at.",
  );
  item.iconPath = new vscode.ThemeIcon("workspace-untrusted");
  item.contextValue = "untrusted";
  item.command = { command: "workbench.trust.manage", title: "" };
  return item;
}

function folderItem(box: BoxId, path: string): vscode.TreeItem {
  const name = path.replace(/\/+$/, "").split("/").pop() ?? path;
  const item = new vscode.TreeItem(name);
  item.id = `folder:${box}:${path}`;
  item.description = path.slice(0, -name.length - 1);
  item.tooltip = path;
  item.contextValue = "folder";
  item.iconPath = new vscode.ThemeIcon("folder-opened");
  item.command = {
    command: commands.openRun,
    title: "",
    arguments: [{ kind: "folder", box, path } satisfies TreeNode],
  };
  return item;
}

const seenWords = (seenAt: number): string => vscode.l10n.t("last seen {0}", agoWords(Date.now() - seenAt));

function linkDescription({ state, since, seenAt, message }: LinkStatus): string {
  const seen = seenAt === null ? [] : [seenWords(seenAt)];
  switch (state) {
    case "idle":
      return [...(message === null ? [] : [message]), ...seen].join(" · ");
    case "connecting":
      return [vscode.l10n.t("connecting…"), ...seen].join(" · ");
    case "connected":
      return vscode.l10n.t("connected");
    case "lost":
      return vscode.l10n.t("link lost {0}, reconnecting…", agoWords(Date.now() - (seenAt ?? since)));
    case "failed":
      return [vscode.l10n.t("not connected"), ...seen].join(" · ");
  }
}

function boxIcon(id: BoxId, { state }: LinkStatus): vscode.ThemeIcon {
  if (state === "connecting" || state === "lost") return new vscode.ThemeIcon("loading~spin");
  if (state === "failed") return new vscode.ThemeIcon("error", new vscode.ThemeColor("list.errorForeground"));
  const name = id === localBox ? "device-desktop" : "server";
  return new vscode.ThemeIcon(name, state === "connected" ? new vscode.ThemeColor("charts.green") : undefined);
}

function runIcon(run: RunSummary): vscode.ThemeIcon {
  const color = (name: string): vscode.ThemeColor => new vscode.ThemeColor(name);
  if (run.status.but || run.status.health?.verdict === "hung")
    return new vscode.ThemeIcon("warning", color("list.warningForeground"));
  switch (run.status.state) {
    case "queued":
      return new vscode.ThemeIcon("watch");
    case "starting":
      return new vscode.ThemeIcon("loading~spin");
    case "running":
    case "unsupervised":
      return new vscode.ThemeIcon("sync~spin", color("charts.blue"));
    case "succeeded":
      return new vscode.ThemeIcon("pass", color("testing.iconPassed"));
    case "failed":
      return new vscode.ThemeIcon("error", color("testing.iconFailed"));
    case "cancelled":
      return new vscode.ThemeIcon("circle-slash");
    case "lost":
      return new vscode.ThemeIcon("question", color("list.warningForeground"));
  }
}

function runTooltip(run: RunSummary): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  // Names and reasons come from files: appended as text, never as Markdown.
  text.appendText(`${run.id}\n${stateWords(run.status)}${run.status.but ? ` ${run.status.but}` : ""}\n`);
  if (run.status.reason) text.appendText(`${run.status.reason}\n`);
  else if (run.status.health?.sentence) text.appendText(`${run.status.health.sentence}\n`);
  text.appendText(`${run.configPath} · ${run.recipe} · ${new Date(run.createdAt).toLocaleString()}`);
  for (const { name, value } of run.facts) text.appendText(`\n${factWords(name)}: ${factValueWords(value)}`);
  return text;
}
