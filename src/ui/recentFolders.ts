// Experiment folders that were opened, by box, newest first: they stand in the sidebar until removed.
import type * as vscode from "vscode";
import { Emitter } from "../../core/base/emitter";
import type { BoxId } from "../runs/box";

const KEY = "runside.folders";
const LIMIT = 8;

export class RecentFolders {
  private readonly changeEmitter = new Emitter<void>();
  readonly onChange = this.changeEmitter.event;

  constructor(private readonly memory: vscode.Memento) {}

  of(box: BoxId): string[] {
    return this.all()[box] ?? [];
  }

  async add(box: BoxId, path: string): Promise<void> {
    const rest = this.of(box).filter((held) => held !== path);
    await this.memory.update(KEY, { ...this.all(), [box]: [path, ...rest].slice(0, LIMIT) });
    this.changeEmitter.fire();
  }

  async remove(box: BoxId, path: string): Promise<void> {
    await this.memory.update(KEY, { ...this.all(), [box]: this.of(box).filter((held) => held !== path) });
    this.changeEmitter.fire();
  }

  private all(): Record<BoxId, string[]> {
    return this.memory.get<Record<BoxId, string[]>>(KEY, {});
  }
}
