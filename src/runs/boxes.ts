// The boxes of this window: which there are, and for each one connection, its runs and its mirrors, made when first asked for.
import { coalesce } from "../../core/base/coalesce";
import { Scope, type Disposable } from "../../core/base/disposable";
import { Emitter } from "../../core/base/emitter";
import { isError } from "../../core/base/errors";
import type { Uninstalled } from "../../core/model/footprint";
import { store } from "../../core/protocol/store";
import type { LastSeen, Seen } from "./lastSeen";
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
  connect: (id: BoxId, seenAt: number | null) => BoxLink;
  lastSeen: LastSeen;
}

/** What is remembered of a box may be this much older than what was shown. */
const REMEMBER_MS = 5000;
export const NOT_INSTALLED = "not installed";

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
    const { lastSeen } = this.options;
    const seen = lastSeen.of(id);
    const link = this.options.connect(id, seen?.seenAt ?? null);
    const session: BoxSession = {
      id,
      label: boxLabel(id),
      link,
      directory: new RunDirectory(link, seen?.runs),
      gpus: new GpuList(link),
      hub: new WatchHub(link, lastSeen.statesOf(id)),
    };
    this.sessions.set(id, session);
    let connected = false;
    this.scope.add(
      link.onStatus(({ state }) => {
        if (connected && state !== "connected") this.remember(session);
        connected = state === "connected";
        this.changeEmitter.fire(session);
      }),
    );
    const rememberSoon = this.scope.add(coalesce(REMEMBER_MS, () => link.current && this.remember(session)));
    this.scope.add(
      session.directory.onChange(() => {
        rememberSoon();
        this.changeEmitter.fire(session);
      }),
    );
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

  /**
   * Takes Runside off a box and puts the link down. Throws `agent/in-use`, with nothing deleted, where somebody needs it. `gone` is
   * called when it is off, before the link goes: whoever would connect again, and so install it again, ends there.
   */
  async uninstall(id: BoxId, runs: "keep" | "delete", gone = (): void => undefined): Promise<Uninstalled> {
    const { link, directory } = this.open(id);
    const peer = await link.peer();
    const done = await peer.request(store.uninstall, { runs }).catch(async (error: unknown) => {
      // A refusal has changed nothing; of any other failure nobody knows how far it came, and its agent may tell nothing more.
      if (!isError(error, "agent/in-use") && !isError(error, "connect/untrusted") && link.current === peer) {
        await link.disconnect("the uninstall failed");
        link.peer().catch(() => undefined);
      }
      throw error;
    });
    gone();
    directory.forget();
    await link.disconnect(NOT_INSTALLED);
    this.options.lastSeen.keep(id, { installed: false, runs: [] });
    return done;
  }

  /** What an earlier window knew of a box that this one has not opened. */
  seen(id: BoxId): Seen | null {
    return this.options.lastSeen.of(id);
  }

  /** The box and run of an id, among the boxes that are open. */
  findRun(runId: string): BoxSession | undefined {
    return this.opened().find((session) => session.directory.get(runId) !== undefined);
  }

  async close(): Promise<void> {
    const sessions = this.opened();
    for (const session of sessions) if (session.link.current) this.remember(session);
    this.scope.dispose();
    this.sessions.clear();
    for (const session of sessions) {
      session.hub.dispose();
      session.directory.dispose();
      session.gpus.dispose();
    }
    await Promise.all(sessions.map((session) => session.link.close()));
  }

  private remember({ id, directory }: BoxSession): void {
    if (directory.loaded) this.options.lastSeen.keep(id, { installed: true, runs: directory.list() });
  }
}
