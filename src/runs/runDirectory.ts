// What the host knows about one box's runs, kept current over whichever peer there is.
import { Scope } from "../../core/base/disposable";
import { Emitter } from "../../core/base/emitter";
import type { RunSummary } from "../../core/model/run";
import { runs } from "../../core/protocol/runs";
import type { Peer } from "../../core/rpc/peer";
import type { BoxLink } from "./box";

export class RunDirectory {
  private readonly scope = new Scope("directory");
  private readonly byId = new Map<string, RunSummary>();
  private readonly changeEmitter = this.scope.add(new Emitter<void>());
  /** False until a first answer: "no runs" is not known before. */
  loaded = false;
  readonly onChange = this.changeEmitter.event;

  /** `remembered`: what an earlier window saw, shown until the box answers. */
  constructor(
    private readonly link: BoxLink,
    remembered: readonly RunSummary[] = [],
  ) {
    for (const run of remembered) this.byId.set(run.id, run);
    this.scope.add(link.onPeer((peer) => void this.begin(peer)));
    if (link.current) void this.begin(link.current);
  }

  /** Newest first. */
  list(): RunSummary[] {
    return [...this.byId.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
  }

  get(id: string): RunSummary | undefined {
    return this.byId.get(id);
  }

  /** The newest run of a config, by its path in the workspace. */
  newestOf(configPath: string): RunSummary | undefined {
    return this.list().find((run) => run.configPath === configPath);
  }

  async refresh(): Promise<void> {
    if (this.link.current) await this.begin(this.link.current);
  }

  /** What was known is no longer true: nothing is known again. */
  forget(): void {
    this.byId.clear();
    this.loaded = false;
    this.changeEmitter.fire();
  }

  dispose(): void {
    this.scope.dispose();
  }

  private async begin(peer: Peer): Promise<void> {
    this.scope.add(
      peer.on(runs.listed, ({ runs: changed, removed }) => {
        for (const run of changed) this.byId.set(run.id, run);
        for (const id of removed) this.byId.delete(id);
        this.changeEmitter.fire();
      }),
    );
    const answer = await peer.request(runs.list, {}).catch(() => null);
    if (!answer || this.link.current !== peer) return;
    this.byId.clear();
    for (const run of answer.runs) this.byId.set(run.id, run);
    this.loaded = true;
    this.changeEmitter.fire();
  }
}
