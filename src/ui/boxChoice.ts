// Which box this workspace runs on: asked for once, remembered, changed on request.
import * as vscode from "vscode";
import { Emitter } from "../../core/base/emitter";
import { commands } from "../names";
import { localBox, type BoxId } from "../runs/box";
import { boxLabel, type Boxes } from "../runs/boxes";

const KEY = "runside.box";

interface Item extends vscode.QuickPickItem {
  box?: BoxId;
  add?: boolean;
}

export class BoxChoice {
  private readonly changeEmitter = new Emitter<void>();
  readonly onChange = this.changeEmitter.event;

  constructor(
    private readonly memory: vscode.Memento,
    private readonly boxes: Boxes,
  ) {}

  current(): BoxId | null {
    return this.memory.get<BoxId | null>(KEY, null);
  }

  label(box: BoxId): string {
    return boxLabel(box);
  }

  async remember(box: BoxId): Promise<void> {
    await this.memory.update(KEY, box);
    this.changeEmitter.fire();
  }

  async forget(box: BoxId): Promise<void> {
    if (this.current() !== box) return;
    await this.memory.update(KEY, undefined);
    this.changeEmitter.fire();
  }

  /** The remembered box, or the answer to the question; null when the person left it open. */
  async get(): Promise<BoxId | null> {
    const held = this.current();
    return held !== null && this.boxes.ids().includes(held) ? held : this.ask();
  }

  async ask(title = vscode.l10n.t("Which box should this workspace run on?")): Promise<BoxId | null> {
    await this.boxes.reload();
    const chosen = await vscode.window.showQuickPick<Item>(this.items(), { title, matchOnDescription: true });
    if (!chosen) return null;
    if (chosen.add) {
      const added = await vscode.commands.executeCommand<BoxId | undefined>(commands.addBox);
      if (added === undefined) return null;
      await this.remember(added);
      return added;
    }
    if (chosen.box === undefined) return null;
    await this.remember(chosen.box);
    return chosen.box;
  }

  private items(): Item[] {
    const current = this.current();
    const boxes = this.boxes.ids().map((box): Item => {
      const icon = box === localBox ? "device-desktop" : "server";
      const description =
        box === current ? vscode.l10n.t("used last") : box === localBox ? vscode.l10n.t("no SSH") : "";
      return { label: `$(${icon}) ${boxLabel(box)}`, description, box };
    });
    const separator: Item = { label: "", kind: vscode.QuickPickItemKind.Separator };
    return [...boxes, separator, { label: vscode.l10n.t("$(add) Add a box..."), add: true }];
  }
}
