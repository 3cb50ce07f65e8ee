// One panel per target: the webview, its wire, and a lease on the mirror that feeds it.
import type { Message } from "vscode-jsonrpc";
import * as vscode from "vscode";
import { Scope } from "../../../core/base/disposable";
import type { Logger } from "../../../core/base/logger";
import { view } from "../../../core/protocol/view";
import { PortReader, PortWriter } from "../../../core/rpc/memory";
import { Peer } from "../../../core/rpc/peer";
import type { BoxSession } from "../../runs/boxes";
import { linkWords, serveView } from "../../runs/viewServer";
import { views } from "../../names";
import { panelPage } from "./panelPage";

export interface PanelActs {
  openConfig(session: BoxSession, target: string): Promise<void>;
  openLog(session: BoxSession, target: string): Promise<void>;
  tryDialect(text: string): Promise<void>;
  runAgain(session: BoxSession, target: string): Promise<void>;
  /** Asks first; false where the person kept the run. */
  stop(session: BoxSession, target: string): Promise<boolean>;
  /** Asks first, and for the secrets that the run had. */
  restart(session: BoxSession, target: string): Promise<boolean>;
}

interface PanelParts {
  extension: vscode.Uri;
  logger: Logger;
  acts: PanelActs;
}

export class RunPanel {
  private readonly scope = new Scope("panel");
  private wire: { peer: Peer; reader: PortReader; scope: Scope } | null = null;
  private stepToShow: number | null = null;
  readonly onDispose = (listener: () => void): void => this.scope.onDispose(listener);

  constructor(
    private readonly panel: vscode.WebviewPanel,
    private readonly session: BoxSession,
    readonly target: string,
    private readonly parts: PanelParts,
  ) {
    const { extension } = parts;
    panel.webview.options = {
      enableScripts: true,
      localResourceRoots: [vscode.Uri.joinPath(extension, "dist", "webviews")],
    };
    panel.iconPath = {
      light: vscode.Uri.joinPath(extension, "media", "panel-light.svg"),
      dark: vscode.Uri.joinPath(extension, "media", "panel-dark.svg"),
    };
    const lease = this.scope.add(session.hub.lease(target));
    this.scope.add(
      panel.webview.onDidReceiveMessage((message: Message) => {
        // A view that was hidden begins anew: its first question starts a fresh wire, so that no old answer reaches it.
        if ((message as { method?: unknown }).method === view.ready.method) this.connectView(lease.mirror);
        this.wire?.reader.deliver(message);
      }),
    );
    this.scope.add(
      lease.mirror.onDelta((delta) => {
        if (delta.title) panel.title = panelTitle(delta.title, target);
      }),
    );
    panel.onDidDispose(() => this.scope.dispose());
    this.scope.onDispose(() => this.wire?.scope.dispose());
    panel.title = panelTitle(lease.mirror.state.title || shortName(target), target);
    panel.webview.html = panelPage(panel.webview, extension, panel.title);
    void session.link.peer().catch(() => undefined);
  }

  reveal(): void {
    this.panel.reveal(undefined, true);
  }

  showStep(step: number): void {
    this.stepToShow = step;
    this.wire?.peer.emit(view.showStep, { step });
  }

  dispose(): void {
    this.panel.dispose();
  }

  private connectView(mirror: Parameters<typeof serveView>[0]["mirror"]): void {
    this.wire?.scope.dispose();
    const scope = new Scope("view");
    const reader = new PortReader();
    const writer = new PortWriter((message) => void this.panel.webview.postMessage(message));
    const peer = scope.add(new Peer(reader, writer, this.parts.logger));
    const { session, target, parts } = this;
    scope.add(
      serveView({
        peer,
        link: session.link,
        mirror,
        isVisible: () => this.panel.visible,
        acts: {
          ready: () => {
            const step = this.stepToShow;
            this.stepToShow = null;
            if (step !== null) queueMicrotask(() => peer.emit(view.showStep, { step }));
            const link = linkWords(session.link.status, mirror.seenAt);
            return { target, box: session.id, boxName: session.label, title: this.panel.title, dialect: "auto", link };
          },
          copy: async ({ text }) => {
            await vscode.env.clipboard.writeText(text);
            return {};
          },
          tryDialect: async ({ text }) => {
            await parts.acts.tryDialect(text);
            return {};
          },
          openConfig: async () => {
            await parts.acts.openConfig(session, target);
            return {};
          },
          openLog: async () => {
            await parts.acts.openLog(session, target);
            return {};
          },
          runAgain: async () => {
            await parts.acts.runAgain(session, target);
            return {};
          },
          stop: async () => ({ accepted: await parts.acts.stop(session, target) }),
          restart: async () => ({ accepted: await parts.acts.restart(session, target) }),
          retry: () => {
            session.link.retry();
            return {};
          },
        },
      }),
    );
    this.wire = { peer, reader, scope };
    peer.listen();
  }
}

/** Runs of one config differ by when they began: `grpo 14:04`. A folder keeps its name. */
function panelTitle(title: string, target: string): string {
  const began = /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)-/.exec(target);
  if (!began) return title;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = began.slice(1).map(Number);
  const at = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  return `${title.replace(/\.ya?ml$/, "")} ${at.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" })}`;
}

const shortName = (target: string): string => target.replace(/\/+$/, "").split("/").pop() ?? target;

/** Opens, finds again and restores panels. */
export class RunPanels {
  private readonly open = new Map<string, RunPanel>();

  constructor(private readonly parts: PanelParts) {}

  show(session: BoxSession, target: string): RunPanel {
    const held = this.open.get(keyOf(session.id, target));
    if (held) {
      held.reveal();
      return held;
    }
    // Beside the config, with the other runs, and the focus stays where it was.
    const panel = vscode.window.createWebviewPanel(
      views.runPanel,
      shortName(target),
      { viewColumn: this.column() ?? vscode.ViewColumn.Beside, preserveFocus: true },
      { enableScripts: true, enableFindWidget: true },
    );
    return this.adopt(panel, session, target);
  }

  adopt(panel: vscode.WebviewPanel, session: BoxSession, target: string): RunPanel {
    const key = keyOf(session.id, target);
    // A tab of the last session may come back after the same run was opened anew: one panel per run.
    this.open.get(key)?.dispose();
    const made = new RunPanel(panel, session, target, this.parts);
    this.open.set(key, made);
    made.onDispose(() => {
      if (this.open.get(key) === made) this.open.delete(key);
    });
    return made;
  }

  /** What a box showed that has nothing to show any more. */
  closeOf(box: string): void {
    for (const [key, panel] of [...this.open]) if (key.startsWith(`${box}\n`)) panel.dispose();
  }

  dispose(): void {
    for (const panel of [...this.open.values()]) panel.dispose();
  }

  /** Where runs are shown already, also by tabs of the last session that were not looked at yet. */
  private column(): vscode.ViewColumn | undefined {
    const isOurs = ({ input }: vscode.Tab): boolean =>
      input instanceof vscode.TabInputWebview && input.viewType.endsWith(views.runPanel);
    return vscode.window.tabGroups.all.find((group) => group.tabs.some(isOurs))?.viewColumn;
  }
}

const keyOf = (box: string, target: string): string => `${box}\n${target}`;
