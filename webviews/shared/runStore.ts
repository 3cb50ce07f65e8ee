// One run as this view holds it: begun by `view/ready`, filled by `runs/watch`, kept current by deltas, painted once per frame.
import { Scope, type Disposable } from "../../core/base/disposable";
import { Emitter, type Event } from "../../core/base/emitter";
import { asRunsideError, type RunsideError } from "../../core/base/errors";
import { applyRunDelta, emptyRunState, type RunDelta, type RunState } from "../../core/model/runState";
import { runs } from "../../core/protocol/runs";
import { view } from "../../core/protocol/view";
import type { Peer } from "../../core/rpc/peer";
import { t } from "./strings";

export interface LinkView {
  state: "connecting" | "connected" | "lost" | "failed";
  since: number;
  seenAt?: number | undefined;
  message: string | null;
}

export interface Place {
  target: string;
  box: string;
  boxName: string;
  title: string;
}

/** Runs `paint` before the next frame; answers how to take it back. */
export type Schedule = (paint: () => void) => () => void;

export const onFrame: Schedule = (paint) => {
  const handle = requestAnimationFrame(paint);
  return () => cancelAnimationFrame(handle);
};

/** Own cursor refused this often in a row: ask for the whole instead. */
const patience = 3;

export class RunStore implements Disposable {
  state: RunState = emptyRunState;
  place: Place | null = null;
  link: LinkView = { state: "connecting", since: Date.now(), message: null };
  error: RunsideError | null = null;
  /** False until the first delta is in: what is shown before that is "loading", not "empty". */
  filled = false;

  private readonly scope = new Scope("runStore");
  private readonly changes = new Emitter<void>();
  private readonly steps = new Emitter<number>();
  private watching = false;
  private again = false;
  private refused = 0;
  private unpaint: (() => void) | null = null;

  readonly onChange: Event<void> = this.changes.event;
  /** The host wants a step's rollouts shown. */
  readonly onShowStep: Event<number> = this.steps.event;

  constructor(
    private readonly peer: Peer,
    private readonly schedule: Schedule = onFrame,
  ) {
    this.scope.add(peer.on(runs.changed, ({ target, delta }) => target === this.place?.target && this.take(delta)));
    this.scope.add(peer.on(view.link, (link) => this.setLink(link)));
    this.scope.add(peer.on(view.showStep, ({ step }) => this.steps.fire(step)));
    this.scope.add(
      peer.onClose(() =>
        this.setLink({ state: "lost", since: Date.now(), message: t("The editor closed the link to this view.") }),
      ),
    );
    this.scope.onDispose(() => this.unpaint?.());
    this.scope.add(this.changes);
    this.scope.add(this.steps);
  }

  async start(): Promise<void> {
    try {
      const ready = await this.peer.request(view.ready, {});
      this.place = ready;
      this.link = ready.link;
      this.error = null;
      this.changed();
    } catch (error) {
      this.fail(error);
      return;
    }
    await this.watch();
  }

  /** After any doubt: say what is held, get the rest. */
  async watch(): Promise<void> {
    const place = this.place;
    if (!place) return this.start();
    if (this.watching) {
      this.again = true;
      return;
    }
    this.watching = true;
    try {
      do {
        this.again = false;
        const since = this.refused >= patience ? undefined : (this.state.cursor ?? undefined);
        const delta = await this.peer.request(
          runs.watch,
          since === undefined ? { target: place.target } : { target: place.target, since },
        );
        this.error = null;
        this.take(delta);
      } while (this.again && !this.scope.isDisposed);
    } catch (error) {
      this.fail(error);
    } finally {
      this.watching = false;
    }
  }

  /** A wish sent to the host failed: said in the view, closest to the eye. */
  report(error: unknown): void {
    this.fail(error);
  }

  dispose(): void {
    this.scope.dispose();
  }

  private take(delta: RunDelta): void {
    const next = applyRunDelta(this.state, delta);
    if (next === "gap") {
      this.refused++;
      if (this.watching) this.again = true;
      else void this.watch();
      return;
    }
    this.refused = 0;
    this.state = next;
    this.filled = true;
    this.changed();
  }

  private setLink(link: LinkView): void {
    const cameBack = link.state === "connected" && this.link.state !== "connected";
    this.link = link;
    this.changed();
    if (cameBack && this.place) void this.watch();
  }

  private fail(error: unknown): void {
    this.error = asRunsideError(error);
    this.changed();
  }

  private changed(): void {
    if (this.unpaint || this.scope.isDisposed) return;
    this.unpaint = this.schedule(() => {
      this.unpaint = null;
      this.changes.fire();
    });
  }
}
