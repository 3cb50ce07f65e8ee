// The try-out of dialects: one panel beside the file that declares them, fed by what stands in the editor.
import type { Message } from "vscode-jsonrpc";
import * as vscode from "vscode";
import * as z from "zod/mini";
import { Scope } from "../../../core/base/disposable";
import type { Logger } from "../../../core/base/logger";
import { dialects, tryLimit } from "../../../core/protocol/dialects";
import { PortReader, PortWriter } from "../../../core/rpc/memory";
import { Peer } from "../../../core/rpc/peer";
import { DialectTryOut } from "../../dialects/tryOut";
import { views } from "../../names";
import { DialectFile, findDialectFile } from "../dialectFile";
import { panelPage } from "./panelPage";

/** What it is opened with; absent fields are as before. */
export interface TryRequest {
  file?: vscode.Uri;
  dialect?: string;
  text?: string;
}

interface PanelParts {
  extension: vscode.Uri;
  logger: Logger;
}

class DialectPanel {
  private readonly scope = new Scope("dialectPanel");
  private readonly tryOut: DialectTryOut;
  private wire: { peer: Peer; reader: PortReader; scope: Scope } | null = null;
  private opening: { text: string | null; dialect: string | null } = { text: null, dialect: null };
  readonly onDispose = (listener: () => void): void => this.scope.onDispose(listener);

  constructor(
    private readonly panel: vscode.WebviewPanel,
    private readonly file: DialectFile,
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
    this.tryOut = this.scope.add(new DialectTryOut(vscode.Uri.joinPath(extension, "dist", "dialects.js").fsPath));
    this.scope.add(file);
    this.scope.add(file.onChange(() => void this.publish()));
    this.scope.add(
      panel.webview.onDidReceiveMessage((message: Message) => {
        // A view that was hidden begins anew, as in the run's panel.
        if ((message as { method?: unknown }).method === dialects.ready.method) this.connectView();
        this.wire?.reader.deliver(message);
      }),
    );
    panel.onDidDispose(() => this.scope.dispose());
    this.scope.onDispose(() => this.wire?.scope.dispose());
    panel.webview.html = panelPage(panel.webview, extension, panel.title, "dialect");
  }

  get of(): string {
    return this.file.uri?.toString() ?? "";
  }

  show({ text, dialect }: TryRequest): void {
    this.opening = { text: text ?? null, dialect: dialect ?? null };
    if (text !== undefined || dialect !== undefined) this.wire?.peer.emit(dialects.show, this.opening);
    this.panel.reveal(undefined, true);
  }

  dispose(): void {
    this.panel.dispose();
  }

  private async publish(): Promise<void> {
    const declared = await this.file.declared();
    if (this.panel.visible) this.wire?.peer.emit(dialects.declared, declared);
  }

  private connectView(): void {
    this.wire?.scope.dispose();
    const scope = new Scope("view");
    const reader = new PortReader();
    const writer = new PortWriter((message) => void this.panel.webview.postMessage(message));
    const peer = scope.add(new Peer(reader, writer, this.parts.logger));
    peer.serve(dialects, {
      ready: async () => {
        const { opening } = this;
        this.opening = { text: null, dialect: null };
        return { ...opening, declared: await this.file.declared(), file: this.file.uri?.toString() ?? null };
      },
      try: async ({ text, ...choice }) => {
        const declared = await this.file.runnable();
        return this.tryOut.read({ declared, text: text.slice(0, tryLimit), choice });
      },
      reveal: async ({ line, column }) => {
        const { uri } = this.file;
        if (!uri) return {};
        const at = new vscode.Position(Math.max(0, line - 1), Math.max(0, column - 1));
        const shown = vscode.window.visibleTextEditors.find(
          ({ document }) => document.uri.toString() === uri.toString(),
        );
        await vscode.window.showTextDocument(uri, {
          viewColumn: shown?.viewColumn ?? vscode.ViewColumn.One,
          selection: new vscode.Range(at, at),
        });
        return {};
      },
    });
    this.wire = { peer, reader, scope };
    peer.listen();
  }
}

const panelState = z.object({ file: z.nullable(z.string()) });

/** At most one panel; of another file it begins anew. */
export class DialectPanels {
  private open: DialectPanel | null = null;

  constructor(private readonly parts: PanelParts) {}

  async show(request: TryRequest = {}): Promise<void> {
    const uri = await findDialectFile(request.file);
    if (this.open && (this.open.of === (uri?.toString() ?? "") || request.file === undefined)) {
      this.open.show(request);
      return;
    }
    this.open?.dispose();
    const panel = vscode.window.createWebviewPanel(
      views.dialectPanel,
      vscode.l10n.t("Try a Dialect"),
      { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
      { enableScripts: true, enableFindWidget: true },
    );
    this.adopt(panel, uri).show(request);
  }

  /** A tab of the last session, with the file it was about. */
  restore(panel: vscode.WebviewPanel, state: unknown): void {
    const saved = panelState.safeParse(state);
    const file = saved.success && saved.data.file !== null ? vscode.Uri.parse(saved.data.file) : null;
    this.open?.dispose();
    this.adopt(panel, file);
  }

  dispose(): void {
    this.open?.dispose();
  }

  private adopt(panel: vscode.WebviewPanel, uri: vscode.Uri | null): DialectPanel {
    const made = new DialectPanel(panel, new DialectFile(uri), this.parts);
    this.open = made;
    made.onDispose(() => {
      if (this.open === made) this.open = null;
    });
    return made;
  }
}
