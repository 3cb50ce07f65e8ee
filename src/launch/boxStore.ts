// A box's snapshots over its agent's channel, as the sender sees them.
import { snapshots } from "../../core/protocol/snapshots";
import type { Peer } from "../../core/rpc/peer";
import type { SnapshotStore } from "./sendSnapshot";

export const boxStore = (peer: Peer, signal?: AbortSignal): SnapshotStore => ({
  has: (params) => peer.request(snapshots.has, params, signal),
  offer: (params) => peer.request(snapshots.offer, params, signal),
  put: (params) => peer.request(snapshots.put, params, signal),
  commit: (params) => peer.request(snapshots.commit, params, signal),
});
