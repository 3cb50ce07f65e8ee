// Change events of a changing set of folders. A hint and no more: network file systems send none, and watches run out.
import { watch, type FSWatcher } from "node:fs";
import type { Disposable } from "../../core/base/disposable";

const MOST_FOLDERS = 64;

export class FolderWatch implements Disposable {
  private readonly watchers = new Map<string, FSWatcher>();
  private ended = false;

  /** `name` is "" where the system does not say which entry changed. */
  constructor(private readonly noticed: (folder: string, name: string) => void) {}

  /** Watches these from now on, the first ones where there are too many, and no others. */
  set(folders: Iterable<string>): void {
    const wanted = new Set(folders);
    for (const folder of this.watchers.keys()) if (!wanted.has(folder)) this.end(folder);
    for (const folder of wanted) {
      if (this.watchers.has(folder) || this.watchers.size >= MOST_FOLDERS || this.ended) continue;
      try {
        const watcher = watch(folder, (_event, name) => this.noticed(folder, name ?? ""));
        watcher.on("error", () => this.end(folder));
        this.watchers.set(folder, watcher);
      } catch {
        return;
      }
    }
  }

  dispose(): void {
    this.ended = true;
    for (const folder of this.watchers.keys()) this.end(folder);
  }

  private end(folder: string): void {
    this.watchers.get(folder)?.close();
    this.watchers.delete(folder);
  }
}
