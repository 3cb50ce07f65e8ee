// The boxes of this window: which there are, and for each one connection, its runs and its mirrors, made when first asked for.
import { Scope, type Disposable } from "../../core/base/disposable";
import { Emitter } from "../../core/base/emitter";
import type { Uninstalled } from "../../core/model/footprint";
import { store } from "../../core/protocol/store";
import { localBox, type BoxId, type BoxLink } from "./box";
import { GpuList } from "./gpuList";
import { RunDirectory } from "./runDirectory";
import { WatchHub } from "./watchHub";

export interface BoxSession {
  id: BoxId;
  label: string;
  link: BoxLink;
  directory: RunDirectory;
  gpus: GpuList;
  hub: WatchHub;
}

export interface BoxesOptions {
  /** SSH aliases, in the config's order. */
  listHosts: () => Promise<string[]>;
  localEnabled: () => boolean;
  connect: (id: BoxId) => BoxLink;
}

const NOT_INSTALLED = "not installed";

export const boxLabel = (id: BoxId): string => (id === localBox ? "This machine" : id);

export class Boxes {
  private readonly scope = new Scope("boxes");
  private readonly sessions = new Map<BoxId, BoxSession>();
  private readonly changeEmitter = this.scope.add(new Emitter<BoxSession | null>());
  private hosts: string[] = [];
  private gpusShown = false;
  private readonly gpuWatches = new Map<BoxId, Disposable>();
  /** A session changed, or (null) the list of boxes did. */
  readonly onChange = this.changeEmitter.event;

  constructor(private readonly options: BoxesOptions) {}

  /** Every box that can be chosen: this machine where enabled, then the SSH config's hosts. */
  ids(): BoxId[] {
    return [...(this.options.localEnabled() ? [localBox] : []), ...this.hosts];
  }

  async reload(): Promise<void> {
    this.hosts = await this.options.listHosts();
    this.changeEmitter.fire(null);
  }

  opened(): BoxSession[] {
    return [...this.sessions.values()];
  }

  get(id: BoxId): BoxSession | undefined {
    return this.sessions.get(id);
  }

  /** Does not connect by itself: whoever needs a peer asks the link. */
  open(id: BoxId): BoxSession {
    const held = this.sessions.get(id);
    if (held) return held;
    const link = this.options.connect(id);
    const session: BoxSession = {
      id,
      label: boxLabel(id),
      link,
      directory: new RunDirectory(link),
      gpus: new GpuList(link),
      hub: new WatchHub(link),
    };
    this.sessions.set(id, session);
    this.scope.add(link.onStatus(() => this.changeEmitter.fire(session)));
    this.scope.add(session.directory.onChange(() => this.changeEmitter.fire(session)));
    this.scope.add(session.gpus.onChange(() => this.changeEmitter.fire(session)));
    if (this.gpusShown) this.gpuWatches.set(id, session.gpus.watch());
    return session;
  }

  /** While the GPUs of every open box are in sight, they are kept current. */
  showGpus(shown: boolean): void {
    this.gpusShown = shown;
    for (const watch of this.gpuWatches.values()) watch.dispose();
    this.gpuWatches.clear();
    if (shown) for (const { id, gpus } of this.opened()) this.gpuWatches.set(id, gpus.watch());
  }

  /** Takes Runside off a box and puts the link down. Throws `agent/in-use`, with nothing deleted, where somebody needs it. */
  async uninstall(id: BoxId, runs: "keep" | "delete"): Promise<Uninstalled> {
    const { link, directory } = this.open(id);
    const done = await (await link.peer()).request(store.uninstall, { runs });
    await link.disconnect(NOT_INSTALLED);
    directory.forget();
    return done;
  }

  /** The box and run of an id, among the boxes that are open. */
  findRun(runId: string): BoxSession | undefined {
    return this.opened().find((session) => session.directory.get(runId) !== undefined);
  }

  async close(): Promise<void> {
    this.scope.dispose();
    const sessions = this.opened();
    this.sessions.clear();
    for (const session of sessions) {
      session.hub.dispose();
      session.directory.dispose();
      session.gpus.dispose();
    }
    await Promise.all(sessions.map((session) => session.link.close()));
  }
}
