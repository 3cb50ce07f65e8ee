// Runs: the list, watching one target, launching and stopping. One set per connection, because watches belong to it.
import type { Scope } from "../../core/base/disposable";
import type { Handlers } from "../../core/protocol/define";
import { runs } from "../../core/protocol/runs";
import type { Peer } from "../../core/rpc/peer";
import { diskUse } from "../disk/diskUse";
import type { Home } from "../disk/home";
import { readSpec } from "../disk/launchRecord";
import { removeRun } from "../disk/removeRun";
import { Feed } from "../index/feed";
import type { RunDirectory } from "../index/runDirectory";
import type { TargetLease, Targets } from "../index/targets";
import { launch } from "../supervise/launch";
import { readSetupRecord } from "../supervise/setupRecord";
import { requestStop } from "../supervise/requestStop";
import { logoutPlan } from "../supervise/logout";
import { restart } from "../supervise/restart";

interface Parts {
  peer: Peer;
  scope: Scope;
  home: Home;
  targets: Targets;
  directory: RunDirectory;
  /** Whether what was sent still waits to leave. */
  isBusy: () => boolean;
}

export function runHandlers({ peer, scope, home, targets, directory, isBusy }: Parts): Handlers<typeof runs> {
  const watches = new Map<string, { lease: TargetLease; feed: Feed }>();
  let listing = false;
  const unwatch = (target: string): void => {
    const held = watches.get(target);
    watches.delete(target);
    held?.feed.dispose();
    held?.lease.dispose();
  };
  scope.onDispose(() => [...watches.keys()].forEach(unwatch));
  return {
    list: () => {
      if (listing) return { runs: directory.list() };
      listing = true;
      directory.follow();
      const answer = { runs: directory.list() };
      // Only now: what the first look finds is the answer, and need not be told besides.
      scope.add(directory.onChange((change) => peer.emit(runs.listed, change)));
      return answer;
    },
    watch: ({ target, since }) => {
      const held = watches.get(target);
      if (held) return held.feed.answer(since);
      const lease = targets.lease(target);
      const feed = new Feed(lease.target, (delta) => peer.emit(runs.changed, { target, delta }), isBusy);
      watches.set(target, { lease, feed });
      const delta = feed.answer(since);
      feed.start();
      return delta;
    },
    unwatch: ({ target }) => {
      unwatch(target);
      return {};
    },
    manifest: ({ target }) =>
      targets.glance(target, ({ manifest, files }) => ({ manifest, setup: files && readSetupRecord(files) })),
    spec: ({ id }) => ({ spec: readSpec(home.run(id)) }),
    warnings: async () => ({ warnings: [(await logoutPlan()).warning].filter((warning) => warning !== null) }),
    launch: (spec) => launch(spec, home),
    usage: ({ id }) => diskUse(id, home),
    remove: ({ id, dryRun }) => removeRun(id, home, dryRun),
    restart: (wish) => restart(wish, home),
    stop: ({ id }) => ({ accepted: requestStop(id, home) }),
  };
}
