// A run's output as a read-only document that follows it: found, folded and copied like any other text.
import * as vscode from "vscode";
import type { Scope } from "../../core/base/disposable";
import { coalesce } from "../../core/base/coalesce";
import { files } from "../../core/protocol/files";
import { schemes } from "../names";
import type { Boxes } from "../runs/boxes";
import type { MirrorLease } from "../runs/watchHub";

const SHOWN_BYTES = 768 * 1024;
const PIECE = 192 * 1024;
const REFRESH_MS = 500;

export class LogDocs implements vscode.TextDocumentContentProvider {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  private readonly leases = new Map<string, MirrorLease>();
  readonly onDidChange = this.changed.event;

  constructor(
    private readonly boxes: Boxes,
    scope: Scope,
  ) {
    scope.add(this.changed);
    scope.add(
      vscode.workspace.onDidCloseTextDocument((document) => {
        this.leases.get(document.uri.toString())?.dispose();
        this.leases.delete(document.uri.toString());
      }),
    );
    scope.onDispose(() => this.leases.forEach((lease) => lease.dispose()));
  }

  async show(box: string, target: string, name: string): Promise<void> {
    const query = new URLSearchParams({ box, target }).toString();
    const uri = vscode.Uri.from({ scheme: schemes.log, path: `/${name}.log`, query });
    const document = await vscode.workspace.openTextDocument(uri);
    const editor = await vscode.window.showTextDocument(document, { preview: true });
    const end = new vscode.Position(document.lineCount, 0);
    editor.revealRange(new vscode.Range(end, end));
    this.follow(uri, box, target);
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const query = new URLSearchParams(uri.query);
    const peer = await this.boxes.open(query.get("box") ?? "").link.peer();
    const target = query.get("target") ?? "";
    let text = "";
    let before: number | undefined;
    while (text.length < SHOWN_BYTES) {
      const piece = await peer.request(files.log, {
        target,
        maxBytes: PIECE,
        ...(before === undefined ? {} : { before }),
      });
      text = piece.text + text;
      before = piece.start;
      if (piece.start === 0 || piece.text === "") return stripAnsi(text) || vscode.l10n.t("Nothing was written yet.\n");
    }
    return vscode.l10n.t("(earlier output is on the box)\n") + stripAnsi(text);
  }

  private follow(uri: vscode.Uri, box: string, target: string): void {
    const key = uri.toString();
    if (this.leases.has(key)) return;
    const lease = this.boxes.open(box).hub.lease(target);
    const refresh = coalesce(REFRESH_MS, () => this.changed.fire(uri));
    const listening = lease.mirror.onDelta((delta) => {
      if (delta.logSize !== undefined) refresh();
    });
    this.leases.set(key, {
      mirror: lease.mirror,
      dispose: () => {
        listening.dispose();
        refresh.dispose();
        lease.dispose();
      },
    });
  }
}

/** Colours and cursor movements of progress bars mean nothing in a document. */

const stripAnsi = (text: string): string => text.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, "").replace(/\r(?!\n)/g, "\n");
