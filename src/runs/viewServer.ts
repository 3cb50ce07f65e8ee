// Serves one view: its watch from the mirror, its other reads passed through to the agent unopened.
// Used by the panel; knows postMessage no more than SSH.
import { Scope, type Disposable } from "../../core/base/disposable";
import { RunsideError } from "../../core/base/errors";
import { snapshotOf } from "../../core/model/runState";
import { agent } from "../../core/protocol/agent";
import { relayedMethods } from "../../core/protocol/catalogue";
import { runs } from "../../core/protocol/runs";
import { view } from "../../core/protocol/view";
import type { Peer } from "../../core/rpc/peer";
import type { Handlers } from "../../core/protocol/define";
import type { BoxLink, LinkStatus } from "./box";
import type { RunMirror } from "./runMirror";

export interface ViewParts {
  /** The view's end of the wire. */
  peer: Peer;
  link: BoxLink;
  mirror: RunMirror;
  /** A hidden view is sent nothing; it asks again when it is back. */
  isVisible: () => boolean;
  acts: Handlers<typeof view>;
}

export function serveView({ peer, link, mirror, isVisible, acts }: ViewParts): Disposable {
  const scope = new Scope("view");
  let watching = false;
  peer.serve(view, acts);
  peer.serve(
    { watch: runs.watch, unwatch: runs.unwatch, ping: agent.ping },
    {
      watch: async ({ since }) => {
        const state = await mirror.loaded();
        watching = true;
        const cursor = state.cursor ?? "";
        return since !== undefined && since === cursor ? { from: cursor, to: cursor } : snapshotOf(state);
      },
      unwatch: () => {
        watching = false;
        return {};
      },
      ping: () => ({ at: Date.now() }),
    },
  );
  peer.serveRest(async (method, params, { signal }) => {
    if (!relayedMethods.has(method)) {
      throw new RunsideError("rpc/unknown-method", `A view may not ask ${method}.`);
    }
    return (await link.peer(signal)).relay(method, params, signal);
  });
  scope.add(
    mirror.onDelta((delta) => {
      if (watching && isVisible()) peer.emit(runs.changed, { target: mirror.target, delta });
    }),
  );
  scope.add(
    link.onStatus((status) => {
      if (isVisible()) peer.emit(view.link, linkWords(status, mirror.seenAt));
    }),
  );
  return scope;
}

/** `dataAt`: when the box said what the view shows. "idle" is no state a view knows: to it, a box that is not connected yet is connecting. */
export function linkWords(
  { state, since, seenAt, message }: LinkStatus,
  dataAt: number | null = null,
): {
  state: "connecting" | "connected" | "lost" | "failed";
  since: number;
  seenAt?: number;
  message: string | null;
} {
  const oldest = dataAt ?? seenAt;
  const seen = state === "connected" || oldest === null ? {} : { seenAt: oldest };
  return { state: state === "idle" ? "connecting" : state, since, ...seen, message };
}
